// One request while it is answered: what it said of itself, and the way to its client.
#pragma once

#include "base/deadline.h"
#include "mcp/context.h"
#include "mcp/jsonrpc.h"
#include "mcp/revision_p.h"

namespace McpAuth::Mcp {

/// A binding's way to the client of one request, before the answer.
class Outlet
{
public:
    virtual ~Outlet() = default;
    /// A message as JSON text. False when it cannot reach the client any more.
    virtual bool send(const QByteArray &message) = 0;
    /// Sends a request of the server's own and waits for the client's result. Errors: client_error, cancelled,
    /// too_many_requests.
    [[nodiscard]] virtual QCoro::Task<Result<QJsonObject>> request(QString method, QJsonObject params,
                                                                   std::stop_token stop) = 0;
    virtual void disconnect(std::chrono::milliseconds retry) = 0;
};

struct RequestScope
{
    const Revision *revision = nullptr;
    std::shared_ptr<const Bearer::AuthInfo> auth; ///< null without auth
    QString sessionId = {};
    QJsonObject clientCapabilities = {};
    std::optional<LogLevel> logLevel = {};            ///< the least that the client wants; nothing: no log messages
    QJsonValue progressToken = QJsonValue::Undefined; ///< undefined: no progress
    bool mayAsk = true;                               ///< since 2026-07-28 (mrtr.mdx, Supported Requests)
    std::shared_ptr<Outlet> outlet = {};              ///< null: nobody listens
    std::stop_token stop = {};
    BusyTime waitingTime = {}; ///< for the client's answers

    double lastProgress = 0;
    bool saidProgress = false;
    int asked = 0;                 ///< questions without a name of their own
    InputResponses responses = {}; ///< what the client has answered, since 2026-07-28
    InputRequests needed = {};     ///< what it is to answer next
    QJsonObject missing = {};      ///< capabilities that it would need for that
};

[[nodiscard]] QLatin1StringView nameOfLevel(LogLevel level);
[[nodiscard]] std::optional<LogLevel> levelFromName(QStringView name);

} // namespace McpAuth::Mcp
