// Where registrations and tokens are kept between flows: in memory, or in the system's keychain (keychain/); never in a
// plain file.
#pragma once

#include "oauth/tokens.h"

#include <QCoroTask>

namespace McpAuth::OAuth {

/// A place for entries of bytes, each under a key. The entries hold secrets in clear.
class CredentialEntries
{
public:
    virtual ~CredentialEntries() = default;

    /// Nothing when there is none.
    [[nodiscard]] virtual QCoro::Task<Result<std::optional<QByteArray>>> read(QString key) = 0;
    virtual QCoro::Task<Result<>> write(QString key, QByteArray entry) = 0;
    /// No error when there is none.
    virtual QCoro::Task<Result<>> remove(QString key) = 0;
};

/// Entries that the memory keeps; the oldest goes first.
inline constexpr int maxStoredCredentials = 2'000;

[[nodiscard]] std::shared_ptr<CredentialEntries> memoryCredentialEntries();

/// Credentials as entries. Its tasks may outlive it. Errors: those of the entries, invalid_stored_credentials.
class CredentialStore
{
public:
    explicit CredentialStore(std::shared_ptr<CredentialEntries> entries, Clock clock = systemClock());

    /// A registration at this issuer, byte for byte; nothing when there is none or its secret has expired.
    [[nodiscard]] QCoro::Task<Result<std::optional<ClientInformation>>> client(const QString &issuer) const;
    /// invalid_stored_credentials: without its issuer, a client could not be found again.
    QCoro::Task<Result<>> storeClient(const ClientInformation &client) const;
    QCoro::Task<Result<>> removeClient(const QString &issuer) const;

    /// The authorization for an MCP server's URL. Of the provider's metadata it has what a refresh and a revocation
    /// need: some keychains keep only a few kilobytes an entry.
    [[nodiscard]] QCoro::Task<Result<std::optional<Authorization>>> authorization(const QString &mcpUrl) const;
    /// invalid_stored_credentials: without its URL, an authorization could not be found again.
    QCoro::Task<Result<>> storeAuthorization(const Authorization &authorization) const;
    QCoro::Task<Result<>> removeAuthorization(const QString &mcpUrl) const;

private:
    std::shared_ptr<CredentialEntries> m_entries;
    Clock m_clock;
};

[[nodiscard]] std::shared_ptr<CredentialStore> memoryCredentialStore(Clock clock = systemClock());

} // namespace McpAuth::OAuth
