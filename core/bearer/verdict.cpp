#include "bearer/verdict.h"

#include <QJsonArray>

namespace McpAuth::Bearer {

namespace {

using namespace Qt::StringLiterals;

QJsonValue orNull(const QString &text)
{
    return text.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(text);
}

QJsonArray toJson(const QList<Check> &checks)
{
    QJsonArray array;
    for (const Check &check : checks) {
        array.append(
            QJsonObject{{u"name"_s, check.name}, {u"outcome"_s, toString(check.outcome)}, {u"detail"_s, check.detail}});
    }
    return array;
}

} // namespace

QJsonObject errorBody(const Verdict &verdict)
{
    QJsonObject body{{u"error"_s, info(verdict.error).code}, {u"error_description"_s, verdict.errorDescription}};
    if (verdict.error == BearerError::MissingRequiredScopes)
        body.insert(u"missing_scopes"_s, QJsonArray::fromStringList(verdict.missingScopes));
    if (verdict.showErrorDetails && !verdict.cause.code.isEmpty())
        body.insert(u"cause"_s, ::McpAuth::toJson(verdict.cause));
    return body;
}

Http::Response toResponse(const Verdict &verdict)
{
    Http::Response response = Http::Response::json(verdict.status, errorBody(verdict));
    response.set("Cache-Control", "no-store");
    if (!verdict.challenge.isEmpty())
        response.set("WWW-Authenticate", verdict.challenge);
    return response;
}

QJsonObject toJson(const Verdict &verdict)
{
    return {{u"accepted"_s, verdict.accepted},
            {u"status"_s, verdict.status},
            {u"error"_s, orNull(info(verdict.error).code)},
            {u"error_description"_s, orNull(verdict.errorDescription)},
            {u"challenge"_s, orNull(QString::fromLatin1(verdict.challenge))},
            {u"checks"_s, toJson(verdict.checks)},
            {u"scopes"_s, QJsonObject{{u"granted"_s, QJsonArray::fromStringList(verdict.grantedScopes)},
                                      {u"required"_s, QJsonArray::fromStringList(verdict.requiredScopes)},
                                      {u"missing"_s, QJsonArray::fromStringList(verdict.missingScopes)}}},
            {u"header"_s, verdict.header},
            {u"claims"_s, verdict.claims}};
}

} // namespace McpAuth::Bearer
