#include "oauth/credentialstore.h"

#include "oauth/storedcredentials_p.h"

#include <algorithm>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

namespace {

class MemoryEntries final : public CredentialEntries
{
public:
    QCoro::Task<Result<std::optional<QByteArray>>> read(QString key) override
    {
        const auto found = std::ranges::find(m_entries, key, &Entry::first);
        return ready<std::optional<QByteArray>>(found == m_entries.end() ? std::nullopt : std::optional(found->second));
    }

    QCoro::Task<Result<>> write(QString key, QByteArray entry) override
    {
        drop(key);
        if (m_entries.size() == maxStoredCredentials)
            m_entries.removeFirst();
        m_entries.emplace_back(std::move(key), std::move(entry));
        return ready<void>({});
    }

    QCoro::Task<Result<>> remove(QString key) override
    {
        drop(key);
        return ready<void>({});
    }

private:
    using Entry = std::pair<QString, QByteArray>;

    template<typename T>
    static QCoro::Task<Result<T>> ready(Result<T> result)
    {
        co_return result;
    }

    void drop(const QString &key)
    {
        m_entries.removeIf([&](const Entry &entry) { return entry.first == key; });
    }

    QList<Entry> m_entries; ///< the newest last
};

using Entries = std::shared_ptr<CredentialEntries>;

QString clientKey(const QString &issuer)
{
    return u"client "_s + issuer;
}

QString authorizationKey(const QString &mcpUrl)
{
    return u"authorization "_s + mcpUrl;
}

/// Of whatever kind, by `parse`.
template<typename T>
QCoro::Task<Result<std::optional<T>>> readAs(Entries entries, QString key,
                                             std::function<Result<T>(const QByteArray &entry)> parse)
{
    const auto entry = co_await entries->read(key);
    if (!entry)
        co_return fail(entry.error());
    if (!*entry)
        co_return std::optional<T>();
    auto parsed = parse(**entry);
    if (!parsed)
        co_return fail(parsed.error());
    co_return std::optional(*std::move(parsed));
}

QCoro::Task<Result<std::optional<ClientInformation>>> readClient(Entries entries, QString issuer, Clock clock)
{
    auto client = co_await readAs<ClientInformation>(
        entries, clientKey(issuer), [issuer](const QByteArray &entry) { return clientFromEntry(entry, issuer); });
    if (client && *client && hasExpired(**client, clock()))
        co_return std::optional<ClientInformation>();
    co_return client;
}

QCoro::Task<Result<>> writeUnlessWrong(Entries entries, Result<> storable, QString key, QByteArray entry)
{
    if (!storable)
        co_return storable;
    const Result<> written = co_await entries->write(key, entry);
    co_return written;
}

} // namespace

std::shared_ptr<CredentialEntries> memoryCredentialEntries()
{
    return std::make_shared<MemoryEntries>();
}

CredentialStore::CredentialStore(std::shared_ptr<CredentialEntries> entries, Clock clock)
    : m_entries(std::move(entries))
    , m_clock(std::move(clock))
{
}

QCoro::Task<Result<std::optional<ClientInformation>>> CredentialStore::client(const QString &issuer) const
{
    return readClient(m_entries, issuer, m_clock);
}

QCoro::Task<Result<>> CredentialStore::storeClient(const ClientInformation &client) const
{
    return writeUnlessWrong(m_entries, checkStorable(client), clientKey(client.issuer), toEntry(client));
}

QCoro::Task<Result<>> CredentialStore::removeClient(const QString &issuer) const
{
    return m_entries->remove(clientKey(issuer));
}

QCoro::Task<Result<std::optional<Authorization>>> CredentialStore::authorization(const QString &mcpUrl) const
{
    return readAs<Authorization>(m_entries, authorizationKey(mcpUrl),
                                 [mcpUrl](const QByteArray &entry) { return authorizationFromEntry(entry, mcpUrl); });
}

QCoro::Task<Result<>> CredentialStore::storeAuthorization(const Authorization &authorization) const
{
    return writeUnlessWrong(m_entries, checkStorable(authorization), authorizationKey(authorization.mcpUrl),
                            toEntry(authorization));
}

QCoro::Task<Result<>> CredentialStore::removeAuthorization(const QString &mcpUrl) const
{
    return m_entries->remove(authorizationKey(mcpUrl));
}

std::shared_ptr<CredentialStore> memoryCredentialStore(Clock clock)
{
    return std::make_shared<CredentialStore>(memoryCredentialEntries(), std::move(clock));
}

} // namespace McpAuth::OAuth
