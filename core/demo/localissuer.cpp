#include "demo/localissuer.h"

#include "base/base64url.h"
#include "http/url.h"
#include "jose/sign.h"
#include "jose/verify.h"
#include "metadata/wellknown.h"

#include <QJsonArray>

#include <algorithm>

namespace McpAuth::Demo {

namespace {

using namespace Qt::StringLiterals;

// Keys that are published at most, the signing one among them.
constexpr qsizetype maxPublishedKeys = 8;

// Shared with the handlers, which may outlive the issuer by a request in flight.
struct State
{
    QString issuer;
    Clock clock = systemClock();
    QByteArray algorithm = "ES256";
    QList<Jose::Key> keys; ///< private ones, the signing key first
};

Result<Jose::Key> freshKey(const QByteArray &name)
{
    const Jose::Algorithm *algorithm = Jose::findAlgorithm(name);
    if (algorithm == nullptr || algorithm->family == Jose::Family::Hmac)
        return fail(u"unsupported_algorithm"_s,
                    u"“%1” is no algorithm with a public key."_s.arg(QString::fromUtf8(name)));
    return Jose::generateKey(*algorithm);
}

// Endpoints hang below the issuer, whether it ends in a slash or not.
QString below(const QString &issuer, const QString &path)
{
    return (issuer.endsWith(u'/') ? issuer.chopped(1) : issuer) + path;
}

QJsonArray signingAlgorithms(const State &state)
{
    QStringList names;
    for (const Jose::Key &key : state.keys)
        names.append(QString::fromLatin1(key.alg()));
    names.removeDuplicates();
    return QJsonArray::fromStringList(names);
}

QJsonObject metadataOf(const State &state)
{
    return {{u"issuer"_s, state.issuer},
            {u"authorization_endpoint"_s, below(state.issuer, u"/authorize"_s)},
            {u"token_endpoint"_s, below(state.issuer, u"/token"_s)},
            {u"jwks_uri"_s, below(state.issuer, u"/jwks"_s)},
            {u"scopes_supported"_s, QJsonArray{u"openid"_s, u"create:todos"_s, u"read:todos"_s, u"delete:todos"_s}},
            {u"response_types_supported"_s, QJsonArray{u"code"_s}},
            {u"response_modes_supported"_s, QJsonArray{u"query"_s}},
            {u"grant_types_supported"_s, QJsonArray{u"authorization_code"_s}},
            {u"token_endpoint_auth_methods_supported"_s, QJsonArray{u"none"_s}},
            {u"code_challenge_methods_supported"_s, QJsonArray{u"S256"_s}},
            {u"subject_types_supported"_s, QJsonArray{u"public"_s}},
            {u"id_token_signing_alg_values_supported"_s, signingAlgorithms(state)},
            {u"claims_supported"_s,
             QJsonArray{u"iss"_s, u"sub"_s, u"aud"_s, u"client_id"_s, u"scope"_s, u"iat"_s, u"exp"_s, u"jti"_s}}};
}

QJsonObject keySetOf(const State &state)
{
    QJsonArray keys;
    for (const Jose::Key &key : state.keys)
        keys.append(key.publicJwk());
    return {{u"keys"_s, keys}};
}

QCoro::Task<Http::Response> respond(Http::Response response)
{
    co_return response;
}

Http::Response keySetResponse(const State &state)
{
    Http::Response response = Http::Response::json(200, keySetOf(state));
    response.set("Cache-Control", "max-age=300");
    return response;
}

void put(QJsonObject &object, const QJsonObject &over)
{
    for (auto member = over.begin(); member != over.end(); ++member) {
        if (member->isNull())
            object.remove(member.key());
        else
            object.insert(member.key(), member.value());
    }
}

QJsonObject claimsOf(const State &state, const MintRequest &request)
{
    const auto now = std::chrono::floor<std::chrono::seconds>(state.clock()).time_since_epoch();
    QJsonObject claims{{u"iss"_s, state.issuer},
                       {u"iat"_s, static_cast<qint64>(now.count())},
                       {u"exp"_s, static_cast<qint64>((now + request.lifetime).count())},
                       {u"jti"_s, QString::fromLatin1(encodeBase64Url(Jose::randomBytes(16)))}};
    if (!request.subject.isEmpty())
        claims.insert(u"sub"_s, request.subject);
    if (!request.clientId.isEmpty())
        claims.insert(u"client_id"_s, request.clientId);
    if (!request.scopes.isEmpty())
        claims.insert(u"scope"_s, request.scopes.join(u' '));
    if (request.audience.size() == 1)
        claims.insert(u"aud"_s, request.audience.first());
    else if (!request.audience.isEmpty())
        claims.insert(u"aud"_s, QJsonArray::fromStringList(request.audience));
    put(claims, request.claims);
    return claims;
}

QString issuerFor(const QString &origin, const QString &path)
{
    return path.isEmpty() || path.startsWith(u'/') ? origin + path : origin + u'/' + path;
}

QByteArray pathOf(const QString &url)
{
    const auto parts = Http::splitUrl(url);
    return parts ? parts->path.toUtf8() : QByteArray();
}

Http::Router routerFor(const std::shared_ptr<State> &state)
{
    Http::Router router;
    const auto metadata = [state](const Http::Request &) {
        return respond(Http::Response::json(200, metadataOf(*state)));
    };
    const QString &issuer = state->issuer;
    for (const auto &url : {Metadata::oauthWellKnownUrl(issuer), Metadata::oidcWellKnownUrl(issuer),
                            Metadata::oidcInsertedWellKnownUrl(issuer)}) {
        if (url)
            router.add("GET", pathOf(*url), metadata, Http::Cors::Open);
    }
    router.add(
        "GET", pathOf(below(issuer, u"/jwks"_s)),
        [state](const Http::Request &) { return respond(keySetResponse(*state)); }, Http::Cors::Open);
    const auto mintsOnly = [](const Http::Request &) {
        return respond(Http::Response::error(501, u"temporarily_unavailable"_s, u"This issuer only mints tokens."_s));
    };
    router.addAll(pathOf(below(issuer, u"/authorize"_s)), mintsOnly, Http::Cors::Open);
    router.addAll(pathOf(below(issuer, u"/token"_s)), mintsOnly, Http::Cors::Open);
    return router;
}

} // namespace

struct LocalIssuer::Private
{
    std::shared_ptr<State> state = std::make_shared<State>();
    Http::Router router;
    Http::Server server;

    Private()
        : server([this](Http::Request request) { return router.handle(std::move(request)); })
    {
    }
};

LocalIssuer::LocalIssuer(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>())
{
}

LocalIssuer::~LocalIssuer() = default;

Result<> LocalIssuer::start(const LocalIssuerOptions &options)
{
    auto key = freshKey(options.algorithm);
    if (!key)
        return fail(key.error());
    Http::ServerOptions serverOptions;
    serverOptions.port = options.port;
    serverOptions.log = options.log;
    serverOptions.allowedOrigins = {u"*"_s};
    serverOptions.purpose = u"local issuer"_s;
    if (auto listening = d->server.listen(serverOptions); !listening)
        return listening;
    d->state = std::make_shared<State>(issuerFor(d->server.origin(), options.path), options.clock, options.algorithm,
                                       QList{*std::move(key)});
    d->router = routerFor(d->state);
    return {};
}

QCoro::Task<> LocalIssuer::stop()
{
    return d->server.stop();
}

bool LocalIssuer::isRunning() const
{
    return d->server.isListening();
}

QString LocalIssuer::issuer() const
{
    return d->state->issuer;
}

QJsonObject LocalIssuer::metadata() const
{
    return metadataOf(*d->state);
}

QJsonObject LocalIssuer::keySet() const
{
    return keySetOf(*d->state);
}

QList<Jose::Key> LocalIssuer::publicKeys() const
{
    QList<Jose::Key> keys;
    for (const Jose::Key &key : d->state->keys) {
        if (auto only = Jose::keyFromJwk(key.publicJwk()))
            keys.append(*std::move(only));
    }
    return keys;
}

Jose::Key LocalIssuer::signingKey() const
{
    return d->state->keys.value(0);
}

Result<QByteArray> LocalIssuer::mint(const MintRequest &request) const
{
    return Jose::signJwt(request.header, claimsOf(*d->state, request), signingKey());
}

Result<> LocalIssuer::rotateKeys(bool keepOld, const QByteArray &algorithm)
{
    const QByteArray name = algorithm.isEmpty() ? d->state->algorithm : algorithm;
    auto key = freshKey(name);
    if (!key)
        return fail(key.error());
    if (!keepOld)
        d->state->keys.clear();
    d->state->keys.prepend(*std::move(key));
    d->state->keys.resize(std::min(d->state->keys.size(), maxPublishedKeys));
    d->state->algorithm = name;
    return {};
}

} // namespace McpAuth::Demo
