// What a server asks its clients while their requests wait (revisions to 2025-11-25), until they answer.
#pragma once

#include "mcp/scope_p.h"

#include <QFuture>
#include <QHash>
#include <QPromise>

#include <memory>

namespace McpAuth::Mcp {

/// Questions of one endpoint that wait for an answer; one more is refused.
inline constexpr qsizetype maxWaitingClientRequests = 10'000;

class ClientRequests : public std::enable_shared_from_this<ClientRequests>
{
public:
    /// Waits until it is answered or goes.
    class Waiting
    {
    public:
        Waiting(std::shared_ptr<ClientRequests> all, qint64 id)
            : m_all(std::move(all))
            , m_id(id)
        {
        }
        ~Waiting();
        Waiting(const Waiting &) = delete;
        Waiting &operator=(const Waiting &) = delete;

        [[nodiscard]] qint64 id() const { return m_id; }
        /// Errors: client_error, with the client's code and message.
        [[nodiscard]] QFuture<Result<QJsonObject>> answer() const;

    private:
        std::shared_ptr<ClientRequests> m_all;
        qint64 m_id;
    };

    /// Null when too many wait.
    [[nodiscard]] std::unique_ptr<Waiting> open(const QByteArray &session);
    /// Only in the session that was asked; false where nothing waits for it.
    bool take(const QByteArray &session, const RpcResponse &response);
    /// Gives up what the session was asked. Error: cancelled.
    void close(const QByteArray &session);

private:
    struct Entry
    {
        QByteArray session;
        QPromise<Result<QJsonObject>> promise;
    };
    qint64 m_last = 0;
    QHash<qint64, std::shared_ptr<Entry>> m_entries;
};

/// Sends a request of the server's own by `outlet` and waits for the client's result. Errors: client_error, cancelled,
/// too_many_requests.
[[nodiscard]] QCoro::Task<Result<QJsonObject>> askClient(std::shared_ptr<ClientRequests> requests,
                                                         std::shared_ptr<Outlet> outlet, QByteArray session,
                                                         QString method, QJsonObject params, std::stop_token stop);

} // namespace McpAuth::Mcp
