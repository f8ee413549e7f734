#include "ui/console/consolewords.h"

#include "base/json.h"
#include "base/text.h"
#include "ui/console/schemaform.h"
#include "ui/token/pastedtoken.h"
#include "ui/token/timewords.h"
#include "ui/widgets/counted.h"
#include "ui/widgets/jsontree.h"

#include <QCoreApplication>

#include <algorithm>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

struct ConsoleWordsTexts
{
    Q_DECLARE_TR_FUNCTIONS(McpAuth::Ui::ConsoleWords)
};

constexpr qsizetype longestRemark = 300;

/// One row an error: what it is called here, and what can be done.
struct ErrorLook
{
    QLatin1StringView code;
    Level level;
    const char *title;
    const char *status;
    ConsoleAction action = ConsoleAction::None;
};

constexpr ErrorLook looks[] = {
    {"authorization_required"_L1, Level::Error,
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "The server requires a token"),
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "401"), ConsoleAction::GetToken},
    {"unauthorized"_L1, Level::Error, QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "The server refused the token"),
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "401"), ConsoleAction::GetToken},
    {"fresh_token_refused"_L1, Level::Error,
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "The server refuses a new token"),
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "401"), ConsoleAction::GetToken},
    {"insufficient_scope"_L1, Level::Warning,
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "The token's scopes are too few"),
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "403"), ConsoleAction::AskForScopes},
    {"forbidden"_L1, Level::Error, QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "The server forbids it"),
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "403")},
    {"token_request_refused"_L1, Level::Error,
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "The token could not be renewed"),
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "not renewed"), ConsoleAction::GetToken},
    {"rpc_error"_L1, Level::Error, QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "The server answers with an error"),
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "error")},
    {"http_error"_L1, Level::Error,
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "This is no answer of an MCP server"),
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "error")},
    {"invalid_rpc_response"_L1, Level::Error,
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "This is no answer of an MCP server"),
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "error")},
    {"protocol_version_refused"_L1, Level::Error, QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "No common revision"),
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "error")},
    {"tls_error"_L1, Level::Error,
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "The server's certificate is not trusted"),
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "no connection")},
    {"timeout"_L1, Level::Error, QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "The server did not answer in time"),
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "no answer")},
    {"body_too_large"_L1, Level::Error, QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "The answer is too large"),
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "too large")},
    {"insecure_url"_L1, Level::Error,
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "Plain HTTP goes no further than this computer"),
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "not sent")},
    {"cancelled"_L1, Level::Skipped, QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "Cancelled"),
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "cancelled")},
    {"flow_not_started"_L1, Level::Warning, QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "The flow did not start"),
     QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "error"), ConsoleAction::ShowFlow},
};

/// The HTTP client's errors, and whatever else has no row.
constexpr ErrorLook unreachable = {QLatin1StringView(), Level::Error,
                                   QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "The server cannot be reached"),
                                   QT_TRANSLATE_NOOP("McpAuth::Ui::ConsoleWords", "no connection")};

const ErrorLook &lookOf(const Error &error)
{
    const bool wasSent = error.code == "authorization_required"_L1 && error.details.value("token_sent"_L1).toBool();
    const QString code = wasSent ? u"unauthorized"_s : error.code;
    const auto found = std::ranges::find_if(looks, [&](const ErrorLook &look) { return look.code == code; });
    return found == std::end(looks) ? unreachable : *found;
}

/// The message, and what the details add to it.
QString detailOf(const Error &error)
{
    if (error.code == "cancelled"_L1)
        return {};
    QStringList parts{error.message};
    parts += Json::strings(error.details.value("problems"_L1)).value_or(QStringList());
    return parts.join(u' ');
}

QString expiryInWords(const OAuth::Tokens &tokens, TimePoint now, const QTimeZone &zone)
{
    if (!tokens.expiresAt)
        return ConsoleWordsTexts::tr("it is not said when it expires");
    const auto end = std::chrono::floor<std::chrono::seconds>(*tokens.expiresAt);
    const QString when = timeInWords(double(end.time_since_epoch().count()), now, zone);
    if (now < *tokens.expiresAt)
        return ConsoleWordsTexts::tr("expires %1").arg(when);
    return tokens.refreshToken.isEmpty() ? ConsoleWordsTexts::tr("expired %1").arg(when)
                                         : ConsoleWordsTexts::tr("expired %1; the next call renews it").arg(when);
}

/// Those that say something.
QString withDots(QStringList parts)
{
    parts.removeAll(QString());
    return parts.join(u" · "_s);
}

QString nonTextBlock(const QJsonObject &block)
{
    const QString type = block.value("type"_L1).toString();
    const QJsonObject resource = block.value("resource"_L1).toObject();
    if (resource.value("text"_L1).isString())
        return u"[%1]\n%2"_s.arg(resource.value("uri"_L1).toString(), resource.value("text"_L1).toString());
    QStringList parts{type.isEmpty() ? ConsoleWordsTexts::tr("unknown content") : type};
    for (const QJsonObject &from : {block, resource}) {
        for (const auto member : {"name"_L1, "uri"_L1, "mimeType"_L1})
            parts.append(from.value(member).toString());
        for (const auto member : {"data"_L1, "blob"_L1}) {
            const qsizetype bytes = QByteArray::fromBase64(from.value(member).toString().toLatin1()).size();
            if (bytes > 0)
                parts.append(ConsoleWordsTexts::tr("%1 bytes").arg(bytes));
        }
    }
    parts.removeAll(QString());
    return u"[%1]"_s.arg(parts.join(u", "_s));
}

QString firstText(const QJsonArray &content)
{
    const auto isText = [](const QJsonValue &block) { return block["type"_L1] == "text"_L1; };
    const auto found = std::find_if(content.begin(), content.end(), isText);
    return found == content.end() ? QString() : shortened((*found)["text"_L1].toString(), longestRemark);
}

/// "5 tools", and what else there is.
QStringList countsOf(const QList<Offer> &offers)
{
    const auto count = [&](OfferKind kind) { return std::ranges::count(offers, kind, &Offer::kind); };
    const auto resources = count(OfferKind::Resource) + count(OfferKind::ResourceTemplate);
    const auto prompts = count(OfferKind::Prompt);
    QStringList counts{
        counted(count(OfferKind::Tool), ConsoleWordsTexts::tr("1 tool"), ConsoleWordsTexts::tr("%1 tools"))};
    if (resources > 0)
        counts.append(counted(resources, ConsoleWordsTexts::tr("1 resource"), ConsoleWordsTexts::tr("%1 resources")));
    if (prompts > 0)
        counts.append(counted(prompts, ConsoleWordsTexts::tr("1 prompt"), ConsoleWordsTexts::tr("%1 prompts")));
    return counts;
}

} // namespace

QString actionText(ConsoleAction action)
{
    switch (action) {
    case ConsoleAction::None:
        return {};
    case ConsoleAction::GetToken:
        return ConsoleWordsTexts::tr("Get a token");
    case ConsoleAction::AskForScopes:
        return ConsoleWordsTexts::tr("Ask for these scopes");
    case ConsoleAction::ShowFlow:
        break;
    }
    return ConsoleWordsTexts::tr("Show the flow");
}

ConsoleVerdict verdictOf(const Error &error)
{
    const ErrorLook &look = lookOf(error);
    return {.level = look.level,
            .title = ConsoleWordsTexts::tr(look.title),
            .detail = detailOf(error),
            .action = look.action,
            .status = ConsoleWordsTexts::tr(look.status)};
}

ConsoleVerdict verdictOf(const Result<ServerIntroduction> &outcome, const QString &asked)
{
    if (!outcome)
        return verdictOf(outcome.error());
    const QString name = outcome->serverName.isEmpty() ? outcome->url : outcome->serverName;
    const QString revision =
        outcome->revision == asked
            ? ConsoleWordsTexts::tr("revision %1").arg(asked)
            : ConsoleWordsTexts::tr("revision %1, for it does not speak %2").arg(outcome->revision, asked);
    QStringList parts = countsOf(outcome->offers);
    parts.append(revision);
    parts += outcome->problems;
    return {.level = outcome->problems.isEmpty() ? Level::Ok : Level::Warning,
            .title = ConsoleWordsTexts::tr("Connected to %1").arg(shortened(name, 80)),
            .detail = parts.join(u" · "_s)};
}

ConsoleVerdict verdictOf(const ClientCall &call, const QString &name)
{
    ConsoleVerdict verdict;
    if (!call.result) {
        verdict = verdictOf(call.result.error());
    } else if (call.result->isError) {
        verdict = {.level = Level::Warning,
                   .title = ConsoleWordsTexts::tr("%1 returned an error").arg(name),
                   .detail = firstText(call.result->content),
                   .status = ConsoleWordsTexts::tr("tool's no")};
    } else {
        verdict = {.level = Level::Ok,
                   .title = ConsoleWordsTexts::tr("%1 answered").arg(name),
                   .status = ConsoleWordsTexts::tr("ok")};
    }
    if (verdict.level != Level::Skipped)
        verdict.aside = durationText(call.durationMs);
    return verdict;
}

QStringList missingScopes(const Error &error)
{
    return error.details.value("scope"_L1).toString().split(u' ', Qt::SkipEmptyParts);
}

QString tokenInWords(const std::optional<OAuth::Authorization> &authorization, const std::optional<QDateTime> &renewed,
                     TimePoint now, const QTimeZone &zone)
{
    if (!authorization)
        return ConsoleWordsTexts::tr("No token: the server says whether it wants one.");
    const OAuth::Tokens &tokens = authorization->tokens;
    QStringList parts{tokens.accessToken.redacted()};
    const QJsonObject claims = decodeToken(tokens.accessToken.reveal()).claims;
    parts.append(shortened(claims.value("sub"_L1).toString(), 80));
    parts.append(tokens.scopes.join(u' '));
    parts.append(expiryInWords(tokens, now, zone));
    if (renewed)
        parts.append(ConsoleWordsTexts::tr("renewed at %1").arg(renewed->toTimeZone(zone).toString(u"HH:mm:ss"_s)));
    return withDots(parts);
}

QString contentText(const QJsonArray &content)
{
    QStringList blocks;
    for (const QJsonValue block : content) {
        const bool isText = block["type"_L1] == "text"_L1;
        blocks.append(isText ? block["text"_L1].toString() : nonTextBlock(block.toObject()));
    }
    return blocks.join(u'\n');
}

QString progressInWords(const QJsonObject &params)
{
    const QString done = jsonText(params.value("progress"_L1));
    const QString total = params.contains("total"_L1) ? jsonText(params.value("total"_L1)) : QString();
    return withDots({shortened(params.value("message"_L1).toString(), longestRemark),
                     total.isEmpty() ? done : ConsoleWordsTexts::tr("%1 of %2").arg(done, total)});
}

QString notificationInWords(const QString &method, const QJsonObject &params)
{
    if (method == "notifications/progress"_L1)
        return progressInWords(params);
    if (method == "notifications/message"_L1)
        return shortened(withDots({params.value("level"_L1).toString(), params.value("logger"_L1).toString(),
                                   jsonText(params.value("data"_L1))}),
                         longestRemark);
    return params.isEmpty() ? QString() : shortened(compactJson(params), longestRemark);
}

QString durationText(double milliseconds)
{
    return ConsoleWordsTexts::tr("%1 ms").arg(milliseconds, 0, 'f', milliseconds < 10 ? 1 : 0);
}

ConsoleVerdict verdictOfLogOut(const Result<> &outcome, bool isRevocable)
{
    if (outcome && isRevocable)
        return {.level = Level::Skipped, .title = ConsoleWordsTexts::tr("Logged out")};
    if (outcome)
        return {.level = Level::Skipped,
                .title = ConsoleWordsTexts::tr("Logged out here"),
                .detail = ConsoleWordsTexts::tr(
                    "The provider has no revocation endpoint: the token stays valid until it expires.")};
    const bool isKept = outcome.error().code == "credentials_not_removed"_L1;
    return {.level = Level::Warning,
            .title = isKept ? ConsoleWordsTexts::tr("Logged out, but the stored token could not be removed")
                            : ConsoleWordsTexts::tr("Logged out here, but the token was not revoked"),
            .detail = outcome.error().message};
}

} // namespace McpAuth::Ui
