// A provider's metadata, fetched as MCP Auth does: from the place that its type names, or wherever MCP clients look.
#pragma once

#include "http/client.h"
#include "metadata/authorizationservermetadata.h"

namespace McpAuth::Metadata {

enum class ServerType { OAuth, Oidc };

[[nodiscard]] QString toString(ServerType type); ///< "oauth", "oidc"

struct ServerConfig
{
    AuthorizationServerMetadata metadata;
    ServerType type = ServerType::Oidc;
    /// The bytes that came, for serving them on; what TranspileData made of them when it changed something; empty when
    /// given by hand.
    QByteArray document;
};

/// Repairs a provider's document before it is validated.
using TranspileData = std::function<QJsonObject(QJsonObject)>;

struct FetchOptions
{
    TranspileData transpileData = {};
    QStringList needed = {}; ///< see DiscoveryOptions
    std::stop_token stop = {};
};

/// OAuth: oauthWellKnownUrl; Oidc: oidcWellKnownUrl; without a type every place that discover() asks. The document's
/// issuer must be `issuer`, byte for byte (RFC 8414 §3.3). Errors: fetch_server_config_error (details.cause has the
/// client's error, details.status the last status), invalid_server_metadata, issuer_mismatch (details.expected,
/// details.actual).
[[nodiscard]] QCoro::Task<Result<ServerConfig>>
fetchServerConfig(Http::Client *client, QString issuer, std::optional<ServerType> type = {}, FetchOptions options = {});

/// From this very URL; the issuer is not compared, for there is nothing to compare it with. Errors: the same but
/// issuer_mismatch.
[[nodiscard]] QCoro::Task<Result<ServerConfig>>
fetchServerConfigByWellKnownUrl(Http::Client *client, QString url, ServerType type, FetchOptions options = {});

/// After a failure the next try comes no earlier than 1 s later, then 2 s, 4 s… up to this; until then the failure
/// stands.
inline constexpr std::chrono::seconds longestRetryWait{30};

/// A configuration that is fetched at its first use: once for all who wait, kept on success, tried anew some time after
/// a failure.
class LazyServerConfig
{
public:
    /// Known already.
    explicit LazyServerConfig(ServerConfig config);
    LazyServerConfig(Http::Client *client, QString issuer, std::optional<ServerType> type = {},
                     FetchOptions options = {});
    ~LazyServerConfig(); // who still waits gets the error cancelled
    LazyServerConfig(LazyServerConfig &&) noexcept;
    LazyServerConfig &operator=(LazyServerConfig &&) noexcept;

    /// As the metadata says, or as it was given: known before anything is fetched.
    [[nodiscard]] QString issuer() const;
    /// As it was given; empty for automatic.
    [[nodiscard]] std::optional<ServerType> type() const;
    [[nodiscard]] QCoro::Task<Result<ServerConfig>> get();
    /// What is there by now.
    [[nodiscard]] const ServerConfig *cached() const;

private:
    struct State;
    std::shared_ptr<State> m_state;
};

} // namespace McpAuth::Metadata
