#include "demo/authorizationserver.h"

#include "demo/authorizeendpoint_p.h"
#include "demo/redirecturi_p.h"
#include "demo/sampletools.h"
#include "http/router.h"
#include "metadata/wellknown.h"

#include <QCoroFuture>
#include <QPromise>
#include <QTimer>

#include <algorithm>
#include <array>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

/// Of a path that leads nowhere, so much is told.
constexpr qsizetype shownPath = 256;

using Answer = QCoro::Task<Http::Response> (*)(Call);

struct Endpoint
{
    const char *name;
    const char *path;                    ///< below the issuer
    std::array<const char *, 2> methods; ///< null: none
    Http::Cors cors;
    Answer answer;
};

constexpr std::array endpoints{
    Endpoint{"keys", "/jwks", {"GET", nullptr}, Http::Cors::Open, answerKeys},
    Endpoint{"authorize", "/authorize", {"GET", "POST"}, Http::Cors::None, answerAuthorize},
    Endpoint{"sign-in", signInPath, {"POST", nullptr}, Http::Cors::None, answerSignIn},
    Endpoint{"consent", consentPath, {"GET", "POST"}, Http::Cors::None, answerConsent},
    Endpoint{"token", "/token", {"POST", nullptr}, Http::Cors::Open, answerToken},
    Endpoint{"register", "/register", {"POST", nullptr}, Http::Cors::Open, answerRegister},
    Endpoint{"introspect", "/introspect", {"POST", nullptr}, Http::Cors::Open, answerIntrospect},
    Endpoint{"revoke", "/revoke", {"POST", nullptr}, Http::Cors::Open, answerRevoke},
    Endpoint{"userinfo", "/userinfo", {"GET", "POST"}, Http::Cors::Open, answerUserinfo},
};

QByteArrayList metadataPaths(const QString &issuer)
{
    QByteArrayList paths;
    for (const auto &url : {Metadata::oauthWellKnownUrl(issuer), Metadata::oidcWellKnownUrl(issuer),
                            Metadata::oidcInsertedWellKnownUrl(issuer)}) {
        if (url)
            paths.append(pathOf(*url));
    }
    return paths;
}

Http::Handler handlerFor(const ProviderStatePtr &state, const std::shared_ptr<ProviderEvent> &event,
                         const QString &name, Answer answer)
{
    return [state, event, name, answer](Http::Request request) {
        event->endpoint = name;
        return answer({.state = state, .request = std::move(request), .event = event});
    };
}

/// One request's router: its endpoints write into one event.
Http::Router routerFor(const ProviderStatePtr &state, const std::shared_ptr<ProviderEvent> &event)
{
    Http::Router router;
    for (const QByteArray &path : metadataPaths(state->signer.issuer))
        router.add("GET", path, handlerFor(state, event, u"metadata"_s, answerMetadata), Http::Cors::Open);
    for (const Endpoint &endpoint : endpoints) {
        const auto handler = handlerFor(state, event, QString::fromLatin1(endpoint.name), endpoint.answer);
        for (const char *method : endpoint.methods) {
            if (method != nullptr)
                router.add(method, pathOf(state->url(endpoint.path)), handler, endpoint.cors);
        }
    }
    return router;
}

/// Comes to its end early when the server goes.
QFuture<void> pause(const ProviderState &state)
{
    auto promise = std::make_shared<QPromise<void>>();
    promise->start();
    const QFuture<void> future = promise->future();
    if (state.pauses)
        QTimer::singleShot(state.options.slowness, state.pauses, [promise] { promise->finish(); });
    return future;
}

ProviderEvent eventOf(const Http::Request &request)
{
    ProviderEvent event;
    event.time = QDateTime::currentDateTimeUtc();
    event.method = request.method;
    const QString path = QString::fromLatin1(request.path());
    if (path.startsWith(u'/')) // a refused absolute form may hold a password
        event.path = path.left(shownPath);
    return event;
}

QCoro::Task<Http::Response> serve(ProviderStatePtr state, Http::Request request)
{
    const auto started = std::chrono::steady_clock::now();
    const auto event = std::make_shared<ProviderEvent>(eventOf(request));
    if (state->has(Fault::Slow))
        co_await pause(*state);
    const Http::Router router = routerFor(state, event);
    Http::Response response = co_await router.handle(std::move(request));
    event->status = response.status;
    event->durationMs = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
    if (state->tell)
        state->tell(*event);
    co_return response;
}

std::unexpected<Error> invalidOptions(const QString &why)
{
    return fail(u"invalid_options"_s, why);
}

Result<> checkClient(const AuthorizationServerOptions::KnownClient &client)
{
    if (client.clientId.isEmpty())
        return invalidOptions(u"A client needs an ID."_s);
    for (const QString &uri : client.redirectUris) {
        if (auto good = checkRedirectUri(uri); !good)
            return invalidOptions(good.error().message);
    }
    return {};
}

Result<> checkOptions(const AuthorizationServerOptions &options)
{
    if (options.users.isEmpty())
        return invalidOptions(u"There must be a user."_s);
    const auto isNameless = [](const DemoUser &user) { return user.name.isEmpty(); };
    if (std::ranges::any_of(options.users, isNameless))
        return invalidOptions(u"A user needs a name."_s);
    if (auto scopes = readScopes(options.scopes.join(u' '), options.scopes); !scopes || *scopes != options.scopes)
        return invalidOptions(u"A scope is a word without quotes and backslashes, and named once."_s);
    for (const auto &client : options.clients) {
        if (auto good = checkClient(client); !good)
            return good;
    }
    return {};
}

QStringList sampleScopes()
{
    QStringList scopes;
    for (const Mcp::Tool &tool : sampleTools())
        scopes += tool.requiredScopes;
    scopes.removeDuplicates();
    return scopes;
}

std::unique_ptr<Http::Client> documentClient(const Http::Client *given)
{
    if (given == nullptr)
        return {};
    Http::ClientOptions options = given->options();
    options.allowHttp = false;
    options.purpose = u"client metadata"_s;
    options.limits.bodyBytes = maxDocumentBytes;
    options.limits.timeout = documentTimeout;
    options.limits.redirects = 0;
    options.limits.concurrentRequests = 8;
    return std::make_unique<Http::Client>(options);
}

using Teller = std::function<void(const ProviderEvent &)>;

Http::ServerOptions listenOptions(const AuthorizationServerOptions &options, const Teller &tell)
{
    Http::ServerOptions server;
    server.port = options.port;
    server.limits.bodyBytes = maxProviderBody;
    server.log = options.log;
    server.allowedOrigins = {u"*"_s}; // the forms check theirs themselves
    server.purpose = u"authorization server"_s;
    server.refused = [tell](const Http::Request &request, const Http::Response &response) {
        ProviderEvent event = eventOf(request);
        event.status = response.status;
        event.error = parseJsonObject(response.body).value_or(QJsonObject()).value("error"_L1).toString();
        tell(event);
    };
    return server;
}

ProviderStatePtr freshState(const AuthorizationServerOptions &options, TokenSigner signer)
{
    auto state = std::make_shared<ProviderState>();
    state->options = options;
    if (options.scopes.isEmpty())
        state->options.scopes = sampleScopes();
    state->signer = std::move(signer);
    return state;
}

QJsonValue orNull(const QString &text)
{
    return text.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(text);
}

} // namespace

const QList<DemoUser> &defaultDemoUsers()
{
    static const QList<DemoUser> users{
        {.name = u"alice"_s, .fullName = u"Alice Example"_s, .email = u"alice@example.com"_s},
        {.name = u"bob"_s, .fullName = u"Bob Example"_s, .email = u"bob@example.com"_s}};
    return users;
}

QJsonObject toJson(const ProviderEvent &event)
{
    return {{u"event"_s, u"request"_s},
            {u"time"_s, event.time.toString(Qt::ISODateWithMs)},
            {u"method"_s, QString::fromUtf8(event.method)},
            {u"path"_s, event.path},
            {u"endpoint"_s, orNull(event.endpoint)},
            {u"clientId"_s, orNull(event.clientId)},
            {u"subject"_s, orNull(event.subject)},
            {u"grant"_s, orNull(event.grant)},
            {u"status"_s, event.status},
            {u"error"_s, orNull(event.error)},
            {u"durationMs"_s, event.durationMs}};
}

struct AuthorizationServer::Private
{
    ProviderStatePtr state = std::make_shared<ProviderState>();
    std::unique_ptr<Http::Client> documents;
    std::unique_ptr<QObject> pauses = std::make_unique<QObject>();
    Http::Server server;

    Private()
        : server([this](Http::Request request) { return serve(state, std::move(request)); })
    {
    }
};

AuthorizationServer::AuthorizationServer(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>())
{
}

AuthorizationServer::~AuthorizationServer()
{
    d->state->tell = nullptr; // of what is still on its way nobody hears
}

Result<> AuthorizationServer::start(const AuthorizationServerOptions &options)
{
    if (auto good = checkOptions(options); !good)
        return good;
    auto key = freshSigningKey(options.algorithm);
    auto unpublished = freshSigningKey(options.algorithm);
    if (!key || !unpublished)
        return fail(!key ? key.error() : unpublished.error());
    const Teller tell = [self = QPointer(this)](const ProviderEvent &event) {
        if (self)
            Q_EMIT self->requestAnswered(event);
    };
    if (auto listening = d->server.listen(listenOptions(options, tell)); !listening)
        return listening;
    d->documents = documentClient(options.http);
    d->state = freshState(options, {.issuer = issuerFor(d->server.origin(), options.path),
                                    .clock = options.clock,
                                    .algorithm = options.algorithm,
                                    .keys = {*std::move(key)}});
    d->state->unpublishedKey = *std::move(unpublished);
    d->state->documents = d->documents.get();
    d->state->pauses = d->pauses.get();
    d->state->tell = tell;
    return {};
}

QCoro::Task<> AuthorizationServer::stop()
{
    return d->server.stop();
}

bool AuthorizationServer::isRunning() const
{
    return d->server.isListening();
}

QString AuthorizationServer::issuer() const
{
    return d->state->signer.issuer;
}

QJsonObject AuthorizationServer::metadata() const
{
    return providerMetadata(*d->state);
}

QJsonObject AuthorizationServer::keySet() const
{
    return d->state->signer.keySet();
}

QList<Jose::Key> AuthorizationServer::publicKeys() const
{
    return d->state->signer.publicKeys();
}

Jose::Key AuthorizationServer::signingKey() const
{
    return d->state->signer.signingKey();
}

Result<QByteArray> AuthorizationServer::mint(const MintRequest &request) const
{
    return d->state->signer.mint(request);
}

Result<> AuthorizationServer::rotateKeys(bool keepOld, const QByteArray &algorithm)
{
    return d->state->signer.rotate(keepOld, algorithm);
}

void AuthorizationServer::setFaults(const QSet<Fault> &faults)
{
    d->state->options.faults = faults;
}

const QSet<Fault> &AuthorizationServer::activeFaults() const
{
    return d->state->options.faults;
}

void AuthorizationServer::setTokenLifetime(std::chrono::seconds lifetime)
{
    d->state->options.tokenLifetime = lifetime;
}

void AuthorizationServer::setAutoConsent(bool autoConsent)
{
    d->state->options.autoConsent = autoConsent;
}

} // namespace McpAuth::Demo
