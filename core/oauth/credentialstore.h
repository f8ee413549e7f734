// Where registrations and tokens are kept between flows: in the system's keychain, or in memory; never in a plain file.
#pragma once

#include "oauth/tokens.h"

#include <QCoroTask>
#include <QHash>

namespace McpAuth::OAuth {

class CredentialStore
{
public:
    virtual ~CredentialStore() = default;

    /// A registration at this issuer, byte for byte; nothing when there is none or its secret has expired.
    /// Errors: keychain_unavailable, keychain_denied, invalid_stored_credentials.
    [[nodiscard]] virtual QCoro::Task<Result<std::optional<ClientInformation>>> client(QString issuer) = 0;
    /// A client without an issuer, or an authorization without a URL, could not be found again: error
    /// invalid_stored_credentials.
    virtual QCoro::Task<Result<>> storeClient(ClientInformation client) = 0;
    virtual QCoro::Task<Result<>> removeClient(QString issuer) = 0;

    /// The authorization for an MCP server's URL.
    [[nodiscard]] virtual QCoro::Task<Result<std::optional<Authorization>>> authorization(QString mcpUrl) = 0;
    virtual QCoro::Task<Result<>> storeAuthorization(Authorization authorization) = 0;
    virtual QCoro::Task<Result<>> removeAuthorization(QString mcpUrl) = 0;
};

/// Entries of each kind that the memory store keeps; the oldest goes first.
inline constexpr int maxStoredCredentials = 1'000;

[[nodiscard]] std::shared_ptr<CredentialStore> memoryCredentialStore(Clock clock = systemClock());
/// QtKeychain: Secret Service, KWallet, Windows, macOS; its plain-text fallback stays off. Somebody may have to unlock
/// the keychain first: after two minutes the error is keychain_unavailable.
[[nodiscard]] std::shared_ptr<CredentialStore> keychainCredentialStore(QString service, Clock clock = systemClock());
/// Whether the system has a keychain, and it can be reached: on the session bus, where that is the way. A bus may be
/// slow to answer, or silent: it is asked on a thread of its own, and after `keychainPatience` the answer is no.
[[nodiscard]] QCoro::Task<bool> isKeychainAvailable();
inline constexpr std::chrono::seconds keychainPatience{10};

} // namespace McpAuth::OAuth
