// A small OAuth 2.1 and OpenID Connect provider on loopback, for demonstrations and tests. Never for production: its
// users sign in without a password, and everything it knows is in memory.
#pragma once

#include "base/clock.h"
#include "base/secret.h"
#include "demo/mintrequest.h"
#include "http/client.h"
#include "http/server.h"
#include "jose/key.h"

#include <QObject>
#include <QSet>

namespace McpAuth::Demo {

/// What it does wrong when asked to, so that a client's developer can test their client.
enum class Fault {
    WrongIss,            ///< `iss` of the authorization response is another issuer's
    MissingIss,          ///< promised in the metadata, left out of the response
    WrongMetadataIssuer, ///< the metadata's issuer is another one
    NoPkceMember,        ///< no code_challenge_methods_supported in the metadata
    Slow,                ///< every answer comes after slowFaultDelay
    TokenEndpointDown,   ///< the token endpoint answers 500
    OpaqueTokens,        ///< access tokens are no JWTs
    WrongAudience,       ///< `aud` is not the resource that was asked for
    ExpiredTokens,       ///< access tokens are expired when they come
    RotatedKeys,         ///< tokens are signed with a key that the key set does not have
    ResourceRejected,    ///< `resource` is answered with invalid_target (RFC 8707 §2)
};

inline constexpr std::chrono::seconds slowFaultDelay{15}; ///< more than a client waits

[[nodiscard]] QString toString(Fault fault); ///< "wrong_iss", "missing_iss", "wrong_metadata_issuer", "no_pkce_member"…
[[nodiscard]] std::optional<Fault> faultFrom(QStringView name);
[[nodiscard]] const QList<Fault> &faults();
[[nodiscard]] QString description(Fault fault); ///< one sentence, for a check box and --help

struct DemoUser
{
    QString name; ///< also `sub`
    QString fullName = {};
    QString email = {};
};

[[nodiscard]] const QList<DemoUser> &defaultDemoUsers(); ///< alice, bob

struct AuthorizationServerOptions
{
    quint16 port = 0;
    QString path = {}; ///< of the issuer: "/tenant"; empty for none
    QByteArray algorithm = "ES256";
    std::chrono::seconds tokenLifetime{900};
    std::chrono::seconds refreshLifetime{86'400};
    bool autoConsent = false; ///< the first user is signed in and consents to everything, without a page
    QList<DemoUser> users = defaultDemoUsers();
    QStringList scopes =
        {}; ///< scopes_supported besides openid, profile, email, offline_access; empty: the sample tools'
    /// A client that is known from the start, beside those that register.
    struct KnownClient
    {
        QString clientId;
        Secret clientSecret = {}; ///< empty: a public one
        QStringList redirectUris = {};
        QStringList grantTypes = {QStringLiteral("authorization_code"), QStringLiteral("refresh_token")};
        Jose::Key key = {}; ///< public, for private_key_jwt
        QString name = {};
    };
    QList<KnownClient> clients = {};
    QSet<Fault> faults = {};
    std::chrono::milliseconds slowness = slowFaultDelay; ///< of Fault::Slow
    /// Given: Client ID Metadata Documents are supported, and fetched by a client with the same log and narrower limits
    /// (maxDocumentBytes, documentTimeout, no redirects, no private addresses). It must outlive the server.
    Http::Client *http = nullptr;
    /// For tests: documents may lie on loopback, and there on plain http.
    bool allowLoopbackDocuments = false;
    Http::ExchangeLog *log = nullptr;
    Clock clock = systemClock();
};

/// Bounds: registered clients, open sign-ins, codes, grants and browser sessions that are kept; the oldest goes first.
inline constexpr int maxDemoEntries = 1'000;
inline constexpr std::chrono::seconds demoCodeLifetime{60};
inline constexpr std::chrono::seconds demoSignInLifetime{600};
inline constexpr qint64 maxDocumentBytes = 64 * 1024; ///< of a Client ID Metadata Document
inline constexpr std::chrono::seconds documentTimeout{5};
inline constexpr qint64 maxProviderBody = 64 * 1024; ///< of a request; over it 413

/// One request that was answered: what `provider` prints.
struct ProviderEvent
{
    QDateTime time;
    QByteArray method;
    QString path;
    QString endpoint; ///< "authorize", "token", "register"…; empty for other paths
    QString clientId;
    QString subject;
    QString grant; ///< grant_type, of the token endpoint
    int status = 0;
    QString error; ///< OAuth's error code, or empty
    double durationMs = 0;
};

/// {"event":"request", …}; null where empty.
[[nodiscard]] QJsonObject toJson(const ProviderEvent &event);

/// Metadata (RFC 8414 and OpenID Connect Discovery, RFC 9207, CIMD), /authorize with sign-in and consent pages that
/// work without scripts (every form has a button of name "user" and a user's name, or "decision" with "allow" or
/// "deny"), /token (authorization_code with PKCE S256, refresh_token with rotation and reuse detection,
/// client_credentials), /register (RFC 7591), /introspect (RFC 7662), /revoke (RFC 7009), /userinfo, /jwks.
class AuthorizationServer : public QObject
{
    Q_OBJECT

public:
    explicit AuthorizationServer(QObject *parent = nullptr);
    ~AuthorizationServer() override;

    /// On 127.0.0.1 only; may be called again after stop(), and then knows nothing of before. Errors: those of
    /// Http::Server::listen, unsupported_algorithm, crypto_failure, invalid_options (no users, a known client without
    /// an id, a scope or a redirect URI that cannot be one).
    [[nodiscard]] Result<> start(const AuthorizationServerOptions &options = {});
    QCoro::Task<> stop();
    [[nodiscard]] bool isRunning() const;

    [[nodiscard]] QString issuer() const; ///< "http://127.0.0.1:49152"
    [[nodiscard]] QJsonObject metadata() const;
    [[nodiscard]] QJsonObject keySet() const;
    [[nodiscard]] QList<Jose::Key> publicKeys() const;
    /// The key that signs now.
    [[nodiscard]] Jose::Key signingKey() const;

    /// Any token, signed with the current key, whatever the faults. Introspection and userinfo know only the tokens
    /// that the token endpoint gave. Errors: those of Jose::signJwt.
    [[nodiscard]] Result<QByteArray> mint(const MintRequest &request) const;
    /// A new signing key; the old one stays published when `keepOld`. Errors: unsupported_algorithm, crypto_failure.
    [[nodiscard]] Result<> rotateKeys(bool keepOld = true, const QByteArray &algorithm = {});

    /// What changes while it runs holds from the next request on; tokens that are out stay as they are.
    void setFaults(const QSet<Fault> &faults);
    [[nodiscard]] const QSet<Fault> &activeFaults() const;
    void setTokenLifetime(std::chrono::seconds lifetime);
    void setAutoConsent(bool autoConsent);

Q_SIGNALS:
    /// Every request, also those that Http::Server refuses by itself.
    void requestAnswered(const McpAuth::Demo::ProviderEvent &event);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace McpAuth::Demo
