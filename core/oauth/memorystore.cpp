#include "oauth/credentialstore.h"
#include "oauth/storedcredentials_p.h"

#include <algorithm>

namespace McpAuth::OAuth {

namespace {

/// The newest last.
template<typename T>
class Shelf
{
public:
    void put(const QString &name, T value)
    {
        remove(name);
        if (m_entries.size() == maxStoredCredentials)
            m_entries.removeFirst();
        m_entries.emplace_back(name, std::move(value));
    }

    void remove(const QString &name)
    {
        m_entries.removeIf([&](const auto &entry) { return entry.first == name; });
    }

    [[nodiscard]] std::optional<T> find(const QString &name) const
    {
        const auto found = std::ranges::find_if(m_entries, [&](const auto &entry) { return entry.first == name; });
        return found == m_entries.end() ? std::nullopt : std::optional(found->second);
    }

private:
    QList<std::pair<QString, T>> m_entries;
};

template<typename T>
QCoro::Task<Result<T>> ready(Result<T> result)
{
    co_return result;
}

class MemoryStore final : public CredentialStore
{
public:
    explicit MemoryStore(Clock clock)
        : m_clock(std::move(clock))
    {
    }

    QCoro::Task<Result<std::optional<ClientInformation>>> client(QString issuer) override
    {
        std::optional<ClientInformation> found = m_clients.find(issuer);
        if (found && hasExpired(*found, m_clock()))
            found.reset();
        return ready<std::optional<ClientInformation>>(std::move(found));
    }

    QCoro::Task<Result<>> storeClient(ClientInformation client) override
    {
        const auto storable = checkStorable(client);
        if (storable)
            m_clients.put(client.issuer, client);
        return ready<void>(storable);
    }

    QCoro::Task<Result<>> removeClient(QString issuer) override
    {
        m_clients.remove(issuer);
        return ready<void>({});
    }

    QCoro::Task<Result<std::optional<Authorization>>> authorization(QString mcpUrl) override
    {
        return ready<std::optional<Authorization>>(m_authorizations.find(mcpUrl));
    }

    QCoro::Task<Result<>> storeAuthorization(Authorization authorization) override
    {
        const auto storable = checkStorable(authorization);
        if (storable)
            m_authorizations.put(authorization.mcpUrl, authorization);
        return ready<void>(storable);
    }

    QCoro::Task<Result<>> removeAuthorization(QString mcpUrl) override
    {
        m_authorizations.remove(mcpUrl);
        return ready<void>({});
    }

private:
    Clock m_clock;
    Shelf<ClientInformation> m_clients;
    Shelf<Authorization> m_authorizations;
};

} // namespace

std::shared_ptr<CredentialStore> memoryCredentialStore(Clock clock)
{
    return std::make_shared<MemoryStore>(std::move(clock));
}

} // namespace McpAuth::OAuth
