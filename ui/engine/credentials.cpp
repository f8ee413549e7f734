#include "ui/engine/credentials_p.h"

#include <QCoroFuture>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

/// What is under way at a store, and what waits for it.
struct Queue
{
    std::shared_ptr<OAuth::CredentialStore> inner;
    QFuture<void> last = {};
};

template<typename T>
QCoro::Task<Result<T>> inTurn(std::shared_ptr<Queue> queue,
                              std::function<QCoro::Task<Result<T>>(OAuth::CredentialStore *store)> operation)
{
    QPromise<void> turn;
    turn.start();
    const QFuture<void> before = std::exchange(queue->last, turn.future());
    co_await qCoro(before).waitForFinished();
    Result<T> outcome = co_await operation(queue->inner.get());
    turn.finish();
    co_return outcome;
}

QCoro::Task<> askForKeychain(std::shared_ptr<QPromise<bool>> answer)
{
    const bool isThere = co_await OAuth::isKeychainAvailable();
    answer->addResult(isThere);
    answer->finish();
}

class OrderedStore final : public OAuth::CredentialStore
{
public:
    explicit OrderedStore(std::shared_ptr<OAuth::CredentialStore> inner)
        : m_queue(std::make_shared<Queue>(std::move(inner)))
    {
    }

    QCoro::Task<Result<std::optional<OAuth::ClientInformation>>> client(QString issuer) override
    {
        return inTurn<std::optional<OAuth::ClientInformation>>(
            m_queue, [issuer](OAuth::CredentialStore *store) { return store->client(issuer); });
    }
    QCoro::Task<Result<>> storeClient(OAuth::ClientInformation client) override
    {
        return inTurn<void>(m_queue, [client](OAuth::CredentialStore *store) { return store->storeClient(client); });
    }
    QCoro::Task<Result<>> removeClient(QString issuer) override
    {
        return inTurn<void>(m_queue, [issuer](OAuth::CredentialStore *store) { return store->removeClient(issuer); });
    }
    QCoro::Task<Result<std::optional<OAuth::Authorization>>> authorization(QString mcpUrl) override
    {
        return inTurn<std::optional<OAuth::Authorization>>(
            m_queue, [mcpUrl](OAuth::CredentialStore *store) { return store->authorization(mcpUrl); });
    }
    QCoro::Task<Result<>> storeAuthorization(OAuth::Authorization authorization) override
    {
        return inTurn<void>(m_queue, [authorization](OAuth::CredentialStore *store) {
            return store->storeAuthorization(authorization);
        });
    }
    QCoro::Task<Result<>> removeAuthorization(QString mcpUrl) override
    {
        return inTurn<void>(m_queue,
                            [mcpUrl](OAuth::CredentialStore *store) { return store->removeAuthorization(mcpUrl); });
    }

private:
    std::shared_ptr<Queue> m_queue;
};

} // namespace

Credentials::Credentials()
    : m_memory(std::make_shared<OrderedStore>(OAuth::memoryCredentialStore()))
{
}

QCoro::Task<bool> Credentials::hasKeychain(Credentials *credentials)
{
    if (!credentials->m_hasKeychain) {
        credentials->m_hasKeychain = std::make_shared<QPromise<bool>>();
        credentials->m_hasKeychain->start();
        const auto task = askForKeychain(credentials->m_hasKeychain); // goes on by itself
    }
    const QFuture<bool> answer = credentials->m_hasKeychain->future();
    const bool isThere = co_await answer;
    co_return isThere;
}

QCoro::Task<Credentials::Store> Credentials::store(Credentials *credentials, Keeping keeping)
{
    if (keeping == Keeping::Nowhere)
        co_return nullptr;
    bool isInKeychain = false;
    if (keeping == Keeping::Keychain)
        isInKeychain = co_await hasKeychain(credentials);
    if (!isInKeychain)
        co_return Store(credentials->m_memory);
    if (!credentials->m_keychain)
        credentials->m_keychain = std::make_shared<OrderedStore>(OAuth::keychainCredentialStore(u"mcp-auth-tester"_s));
    co_return Store(credentials->m_keychain);
}

QCoro::Task<QList<Credentials::Store>> Credentials::stores(Credentials *credentials)
{
    QList<Store> all{credentials->m_memory};
    const Store keychain = co_await store(credentials, Keeping::Keychain);
    if (keychain != credentials->m_memory)
        all.append(keychain);
    co_return all;
}

} // namespace McpAuth::Ui
