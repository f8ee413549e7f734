#include "keychain/keychainentries.h"

#include <QCoroFuture>
#include <QPromise>
#include <QTimer>

#ifdef QT_DBUS_LIB
#include <QDBusConnection>
#include <QDBusConnectionInterface>
#include <QDBusReply>
#endif

#include <qt6keychain/keychain.h>

#include <algorithm>
#include <thread>

using namespace Qt::StringLiterals;

namespace McpAuth::OAuth {

namespace {

/// Somebody may have to unlock the keychain first.
constexpr std::chrono::seconds keychainTimeout{120};

struct JobOutcome
{
    QKeychain::Error error = QKeychain::NoError;
    QString reason;
    QByteArray data;
};

Error keychainError(const JobOutcome &outcome)
{
    const bool isDenied = outcome.error == QKeychain::AccessDenied || outcome.error == QKeychain::AccessDeniedByUser;
    return {isDenied ? u"keychain_denied"_s : u"keychain_unavailable"_s,
            isDenied ? u"The system's keychain did not let this program in: unlock it, and allow the access."_s
                     : u"The system's keychain cannot be used: %1 Keep credentials in memory instead."_s.arg(
                           outcome.reason)};
}

/// A job that is not done in time is left to itself: it may not be deleted while it runs.
QCoro::Task<JobOutcome> run(QKeychain::Job *job, std::function<QByteArray()> data)
{
    const auto promise = std::make_shared<QPromise<JobOutcome>>();
    promise->start();
    const auto settle = [promise](JobOutcome outcome) {
        if (promise->future().isFinished())
            return;
        promise->addResult(std::move(outcome));
        promise->finish();
    };
    QTimer timer;
    timer.setSingleShot(true);
    QObject::connect(&timer, &QTimer::timeout, &timer,
                     [settle] { settle({QKeychain::OtherError, u"it did not answer in time."_s, {}}); });
    QObject::connect(job, &QKeychain::Job::finished, job, [settle, data](QKeychain::Job *done) {
        const bool isRead = done->error() == QKeychain::NoError && data;
        settle({done->error(), done->errorString() + u'.', isRead ? data() : QByteArray()});
    });
    job->setAutoDelete(true);
    job->setInsecureFallback(false);
    timer.start(keychainTimeout);
    job->start();
    const QFuture<JobOutcome> future = promise->future();
    JobOutcome outcome = co_await future;
    co_return outcome;
}

/// Nothing when there is no such entry.
QCoro::Task<Result<std::optional<QByteArray>>> readEntry(QString service, QString key)
{
    auto *job = new QKeychain::ReadPasswordJob(service);
    job->setKey(key);
    const JobOutcome outcome = co_await run(job, [job] { return job->binaryData(); });
    if (outcome.error == QKeychain::EntryNotFound)
        co_return std::optional<QByteArray>();
    if (outcome.error != QKeychain::NoError)
        co_return fail(keychainError(outcome));
    co_return std::optional(outcome.data);
}

QCoro::Task<Result<>> writeEntry(QString service, QString key, QByteArray entry)
{
    auto *job = new QKeychain::WritePasswordJob(service);
    job->setKey(key);
    job->setBinaryData(entry);
    const JobOutcome outcome = co_await run(job, {});
    if (outcome.error != QKeychain::NoError)
        co_return fail(keychainError(outcome));
    co_return Result<>();
}

QCoro::Task<Result<>> removeEntry(QString service, QString key)
{
    auto *job = new QKeychain::DeletePasswordJob(service);
    job->setKey(key);
    const JobOutcome outcome = co_await run(job, {});
    if (outcome.error != QKeychain::NoError && outcome.error != QKeychain::EntryNotFound)
        co_return fail(keychainError(outcome));
    co_return Result<>();
}

/// QtKeychain asks whether the libraries are there, not whether anybody answers.
bool isServiceReachable()
{
#ifdef QT_DBUS_LIB
    const QStringList services{u"org.freedesktop.secrets"_s, u"org.kde.kwalletd6"_s, u"org.kde.kwalletd5"_s};
    QDBusConnectionInterface *bus = QDBusConnection::sessionBus().interface();
    if (!bus)
        return false;
    const QStringList names =
        bus->registeredServiceNames().value() + bus->activatableServiceNames().value(); // empty when the bus is silent
    return std::ranges::any_of(services, [&](const QString &service) { return names.contains(service); });
#else
    return true;
#endif
}

class KeychainEntries final : public CredentialEntries
{
public:
    explicit KeychainEntries(QString service)
        : m_service(std::move(service))
    {
    }

    QCoro::Task<Result<std::optional<QByteArray>>> read(QString key) override { return readEntry(m_service, key); }
    QCoro::Task<Result<>> write(QString key, QByteArray entry) override { return writeEntry(m_service, key, entry); }
    QCoro::Task<Result<>> remove(QString key) override { return removeEntry(m_service, key); }

private:
    QString m_service;
};

} // namespace

std::shared_ptr<CredentialEntries> keychainCredentialEntries(QString service)
{
    return std::make_shared<KeychainEntries>(std::move(service));
}

std::shared_ptr<CredentialStore> keychainCredentialStore(QString service, Clock clock)
{
    return std::make_shared<CredentialStore>(keychainCredentialEntries(std::move(service)), std::move(clock));
}

QCoro::Task<bool> isKeychainAvailable()
{
    const auto answer = std::make_shared<QPromise<bool>>();
    answer->start();
    const auto settle = [answer](bool isThere) {
        answer->addResult(isThere); // the first one counts
        answer->finish();
    };
    // Nobody waits for the thread: a silent bus would hold up the program's end.
    std::thread([settle] { settle(isServiceReachable() && QKeychain::isAvailable()); }).detach();
    QTimer timer;
    timer.setSingleShot(true);
    timer.callOnTimeout(&timer, [settle] { settle(false); });
    timer.start(keychainPatience);
    const QFuture<bool> future = answer->future();
    const bool isThere = co_await future;
    co_return isThere;
}

} // namespace McpAuth::OAuth
