#include "ui/token/mintform.h"

#include "jose/jwt.h"
#include "jose/sign.h"

#include <QCoreApplication>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

struct MintFormTexts
{
    Q_DECLARE_TR_FUNCTIONS(McpAuth::Ui::MintForm)
};

struct PresetTitle
{
    Preset preset;
    const char *title;
};

constexpr PresetTitle titles[] = {
    {Preset::Good, QT_TRANSLATE_NOOP("McpAuth::Ui::MintForm", "Good token")},
    {Preset::Expired, QT_TRANSLATE_NOOP("McpAuth::Ui::MintForm", "Expired")},
    {Preset::WrongAudience, QT_TRANSLATE_NOOP("McpAuth::Ui::MintForm", "Wrong audience")},
    {Preset::MissingScope, QT_TRANSLATE_NOOP("McpAuth::Ui::MintForm", "Missing scope")},
    {Preset::Forged, QT_TRANSLATE_NOOP("McpAuth::Ui::MintForm", "Forged signature")},
};

} // namespace

const QList<Preset> &presets()
{
    static const QList<Preset> all{Preset::Good, Preset::Expired, Preset::WrongAudience, Preset::MissingScope,
                                   Preset::Forged};
    return all;
}

QString titleOf(Preset preset)
{
    return MintFormTexts::tr(std::ranges::find(titles, preset, &PresetTitle::preset)->title);
}

QStringList audienceOf(const ServerState &server)
{
    if (!server.audience.isEmpty())
        return server.audience;
    return server.resource.isEmpty() ? QStringList() : QStringList{server.resource};
}

MintForm presetForm(Preset preset, const ServerState &server)
{
    MintForm form{.scopes = scopesOf(server), .audience = audienceOf(server)};
    if (preset == Preset::Expired)
        form.lifetime = -600;
    if (preset == Preset::WrongAudience)
        form.audience = {u"https://other.example/mcp"_s};
    if (preset == Preset::MissingScope && !form.scopes.isEmpty())
        form.scopes.removeLast();
    return form;
}

Result<Demo::MintRequest> mintRequest(const MintForm &form)
{
    Demo::MintRequest request;
    request.subject = form.subject;
    request.scopes = form.scopes;
    request.audience = form.audience;
    request.lifetime = std::chrono::seconds{std::clamp(form.lifetime, -longestLifetime, longestLifetime)};
    if (const QString text = form.extraClaims.trimmed(); !text.isEmpty()) {
        Result<QJsonObject> claims = parseJsonObject(text.toUtf8());
        if (!claims)
            return fail(u"invalid_claims"_s,
                        MintFormTexts::tr("The extra claims are no JSON object, such as {\"role\": \"admin\"}: %1")
                            .arg(claims.error().message));
        request.claims = std::move(*claims);
    }
    return request;
}

Result<QByteArray> forge(const QByteArray &token)
{
    const Result<Jose::Jws> jws = Jose::parseJws(token);
    if (!jws)
        return fail(jws.error());
    const Result<QJsonObject> claims = Jose::parseClaims(*jws);
    if (!claims)
        return fail(claims.error());
    const Jose::Algorithm *algorithm = Jose::findAlgorithm(jws->alg);
    if (!algorithm)
        return fail(u"unsupported_algorithm"_s,
                    MintFormTexts::tr("There is no key for the algorithm %1.").arg(QString::fromLatin1(jws->alg)));
    const Result<Jose::Key> key = Jose::generateKey(*algorithm);
    if (!key)
        return fail(key.error());
    return Jose::signJwt(jws->header, *claims, *key);
}

} // namespace McpAuth::Ui
