#include "keychain/keychainentries.h"
#include "ui/engine/credentials_p.h"
#include "ui/engine/turn_p.h"

#include <QCoroFuture>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

/// What is under way at a store, and what waits for it.
struct Queue
{
    std::shared_ptr<OAuth::CredentialEntries> inner;
    QFuture<void> last = {};
};

template<typename T>
QCoro::Task<Result<T>> inTurn(std::shared_ptr<Queue> queue,
                              std::function<QCoro::Task<Result<T>>(OAuth::CredentialEntries *entries)> operation)
{
    const QPromise<void> turn = co_await nextTurn(&queue->last);
    Result<T> outcome = co_await operation(queue->inner.get());
    co_return outcome;
}

QCoro::Task<> askForKeychain(std::shared_ptr<QPromise<bool>> answer)
{
    const bool isThere = co_await OAuth::isKeychainAvailable();
    answer->addResult(isThere);
    answer->finish();
}

class OrderedEntries final : public OAuth::CredentialEntries
{
public:
    explicit OrderedEntries(std::shared_ptr<OAuth::CredentialEntries> inner)
        : m_queue(std::make_shared<Queue>(std::move(inner)))
    {
    }

    QCoro::Task<Result<std::optional<QByteArray>>> read(QString key) override
    {
        return inTurn<std::optional<QByteArray>>(
            m_queue, [key](OAuth::CredentialEntries *entries) { return entries->read(key); });
    }
    QCoro::Task<Result<>> write(QString key, QByteArray entry) override
    {
        return inTurn<void>(m_queue,
                            [key, entry](OAuth::CredentialEntries *entries) { return entries->write(key, entry); });
    }
    QCoro::Task<Result<>> remove(QString key) override
    {
        return inTurn<void>(m_queue, [key](OAuth::CredentialEntries *entries) { return entries->remove(key); });
    }

private:
    std::shared_ptr<Queue> m_queue;
};

Credentials::Store ordered(std::shared_ptr<OAuth::CredentialEntries> entries)
{
    return std::make_shared<OAuth::CredentialStore>(std::make_shared<OrderedEntries>(std::move(entries)));
}

} // namespace

Credentials::Credentials()
    : m_memory(ordered(OAuth::memoryCredentialEntries()))
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
        credentials->m_keychain = ordered(OAuth::keychainCredentialEntries(u"mcp-auth-tester"_s));
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
