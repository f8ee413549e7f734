#include "ui/token/judgement.h"

#include "base/json.h"
#include "bearer/bearerauth.h"
#include "http/address.h"
#include "http/challenge.h"
#include "jose/verify.h"
#include "metadata/resourcediscovery.h"
#include "oauth/refusal.h"

#include <QCoreApplication>
#include <QPointer>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

struct JudgementTexts
{
    Q_DECLARE_TR_FUNCTIONS(McpAuth::Ui::Judgement)
};

/// What a token is measured by, before the keys are there.
struct Measures
{
    QStringList issuers;
    QString keySetUrl; ///< empty: from each issuer's metadata
    QStringList audience;
    QStringList scopes;
};

using FetchedKeys = Result<std::shared_ptr<Jose::KeySource>>;

Error clientGone()
{
    return {u"cancelled"_s, JudgementTexts::tr("The program is closing.")};
}

/// `namedBy` is the MCP server that names the issuer; empty: the user does.
Result<> checkReach(const QString &what, const QString &url, const QString &namedBy)
{
    return namedBy.isEmpty() ? Result<>() : Http::checkReach(what, url, namedBy);
}

QCoro::Task<FetchedKeys> keysOf(QPointer<Http::Client> client, QString issuer, QString namedBy)
{
    if (const Result<> reachable = checkReach(JudgementTexts::tr("The issuer"), issuer, namedBy); !reachable)
        co_return fail(reachable.error());
    const Metadata::Discovery discovery = co_await Metadata::discover(client, issuer);
    if (!client)
        co_return fail(clientGone());
    if (!discovery.config) {
        Error error = discovery.config.error();
        error.message = JudgementTexts::tr("The keys of %1 are not known: %2").arg(issuer, error.message);
        co_return fail(error);
    }
    const std::optional<QString> url = discovery.config->metadata.jwksUri;
    if (!url)
        co_return fail(u"missing_jwks_uri"_s, JudgementTexts::tr("The metadata of %1 names no jwks_uri. Choose "
                                                                 "“Values given by hand” and enter its key set's URL.")
                                                  .arg(issuer));
    if (const Result<> reachable = checkReach(JudgementTexts::tr("The jwks_uri"), *url, namedBy); !reachable)
        co_return fail(reachable.error());
    co_return std::make_shared<Jose::RemoteKeySet>(client, *url);
}

Result<Measures> measuresOfToken(const Secret &token)
{
    const Result<Jose::Jws> jws = Jose::parseJws(token.reveal());
    const Result<QJsonObject> claims = jws ? parseJsonObject(jws->payload) : fail(jws.error());
    if (!claims)
        return fail(claims.error());
    const QString issuer = claims->value("iss"_L1).toString();
    if (issuer.isEmpty())
        return fail(u"missing_issuer"_s,
                    JudgementTexts::tr("The token names no issuer (iss), so its keys cannot be fetched. Choose "
                                       "“Values given by hand” and enter a key set's URL."));
    return Measures{{issuer}, {}, Jose::audiencesOf(*claims), {}};
}

Result<Measures> measuresByHand(const JudgeTarget &target)
{
    if (target.issuer.isEmpty() && target.keySetUrl.isEmpty())
        return fail(u"missing_issuer"_s, JudgementTexts::tr("Enter an issuer, or the URL of its key set."));
    return Measures{{target.issuer}, target.keySetUrl, target.audience, target.scopes};
}

/// The URL that the server's own challenge names; empty when it names none.
QString challengedUrl(const Http::ClientResponse &response)
{
    const auto challenges =
        Http::parseChallenges(response.header("WWW-Authenticate")).value_or(QList<Http::Challenge>());
    const Http::Challenge *decisive = OAuth::decisiveChallenge(challenges);
    const QString url = decisive ? QString::fromUtf8(decisive->parameter("resource_metadata")) : QString();
    return url.contains("://"_L1) ? url : QString(); // relative ones are not used (RFC 9728 §5.1)
}

Http::ClientRequest withoutCredentials(const QString &url)
{
    Http::ClientRequest request;
    request.method = "POST";
    request.url = url;
    request.headers.append(QHttpHeaders::WellKnownHeader::ContentType, "application/json");
    request.headers.append(QHttpHeaders::WellKnownHeader::Accept, "application/json, text/event-stream");
    request.body = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
    return request;
}

Result<Measures> measuresOfMetadata(const Metadata::ProtectedResourceMetadata &metadata, const QString &url)
{
    const QStringList issuers = metadata.authorizationServers.value_or(QStringList());
    if (issuers.isEmpty())
        return fail(u"missing_authorization_servers"_s,
                    JudgementTexts::tr("The resource metadata at %1 names no authorization server. Add "
                                       "authorization_servers there, or choose “Values given by hand”.")
                        .arg(url));
    return Measures{issuers.first(std::min(issuers.size(), maxJudgeIssuers)), {}, {metadata.resource}, {}};
}

Error withoutMetadata(const QString &mcpUrl, const Metadata::ResourceDiscovery &found)
{
    Error error = found.metadata.error();
    if (error.code != "resource_metadata_not_found"_L1)
        return error;
    QStringList tried;
    for (const Metadata::Probe &probe : found.probes)
        tried.append(probe.reason.message);
    error.message = JudgementTexts::tr("%1 publishes no resource metadata (RFC 9728), so it is not known which issuer "
                                       "and audience it accepts. %2 Choose “Values given by hand”.")
                        .arg(mcpUrl, tried.join(u' '));
    return error;
}

QCoro::Task<Result<Measures>> measuresOfServer(QPointer<Http::Client> client, QString mcpUrl)
{
    const auto asked = co_await client->send(withoutCredentials(mcpUrl));
    if (!asked)
        co_return fail(asked.error());
    Metadata::ResourceDiscoveryOptions options;
    options.metadataUrl = challengedUrl(*asked);
    options.mayAsk = [mcpUrl](const QString &url) {
        return checkReach(JudgementTexts::tr("The resource metadata"), url, mcpUrl);
    };
    const Metadata::ResourceDiscovery found = co_await Metadata::discoverResource(client, mcpUrl, std::move(options));
    if (!found.metadata)
        co_return fail(withoutMetadata(mcpUrl, found));
    co_return measuresOfMetadata(*found.metadata, found.url);
}

QCoro::Task<Result<Measures>> measuresFor(QPointer<Http::Client> client, Secret token, JudgeTarget target)
{
    if (target.kind == JudgeTarget::Kind::McpServer)
        co_return co_await measuresOfServer(client, target.mcpUrl);
    co_return target.kind == JudgeTarget::Kind::ByHand ? measuresByHand(target) : measuresOfToken(token);
}

Bearer::TrustedIssuer trusted(const QPointer<Http::Client> &client, const QString &issuer, const QString &keySetUrl,
                              const QString &namedBy)
{
    if (!keySetUrl.isEmpty())
        return Bearer::trustedIssuer(issuer, std::make_shared<Jose::RemoteKeySet>(client, keySetUrl));
    return {issuer, [client, issuer, namedBy] { return keysOf(client, issuer, namedBy); }};
}

} // namespace

QCoro::Task<Result<Judgement>> judgeFor(Http::Client *client, Secret token, JudgeTarget target)
{
    const QPointer<Http::Client> guard(client);
    const Result<Measures> measures = co_await measuresFor(guard, token, target);
    if (!measures)
        co_return fail(measures.error());
    if (!guard)
        co_return fail(clientGone());
    QList<Bearer::TrustedIssuer> issuers;
    for (const QString &issuer : measures->issuers)
        issuers.append(trusted(guard, issuer, measures->keySetUrl,
                               target.kind == JudgeTarget::Kind::McpServer ? target.mcpUrl : QString()));
    Bearer::BearerAuthOptions options;
    options.requiredScopes = measures->scopes;
    options.audience = measures->audience;
    options.cache = false;
    const Bearer::BearerAuth auth(issuers, options);
    Judgement judgement{measures->issuers, measures->audience, measures->scopes, {}};
    judgement.issuers.removeAll(QString());
    judgement.verdict = co_await auth.judge(token);
    co_return judgement;
}

QString measuresInWords(const Judgement &judgement)
{
    const QString issuer =
        judgement.issuers.isEmpty()
            ? JudgementTexts::tr("any issuer")
            : JudgementTexts::tr("issuer %1").arg(judgement.issuers.join(JudgementTexts::tr(" or ")));
    const QString audience =
        judgement.audience.isEmpty()
            ? JudgementTexts::tr("any audience")
            : JudgementTexts::tr("audience %1").arg(judgement.audience.join(JudgementTexts::tr(" or ")));
    const QString scopes =
        judgement.scopes.isEmpty() ? QString() : JudgementTexts::tr(", scopes %1").arg(judgement.scopes.join(u' '));
    return JudgementTexts::tr("%1, %2%3").arg(issuer, audience, scopes);
}

} // namespace McpAuth::Ui
