// One MCP server on several threads, which share nothing but the port.
#pragma once

#include "mcp/server.h"

#include <functional>
#include <memory>

namespace McpAuth::Mcp {

/// Threads at most.
inline constexpr int maxServerThreads = 64;
/// Events of all threads that wait to be told; what would be one more is left out.
inline constexpr int maxWaitingEvents = 10'000;

/// What one thread serves. The server goes first.
struct ServerThread
{
    std::unique_ptr<Http::Client> client = {}; ///< the server's, where it is not its own
    std::unique_ptr<Server> server = {};
    ServerOptions options = {}; ///< but for http.address, port and sharesPort, which are filled in
};

/// Called once on each thread, with nothing on it but an event loop. What it makes lives and ends there.
using ServerThreadFactory = std::function<Result<ServerThread>()>;

/// The system spreads connections over the threads (SO_REUSEPORT). A request must find all it needs on whatever thread
/// it comes to: that is so of stateless requests, and of sessions (EndpointOptions::sealKey, the same for all, else
/// sessions are known to one thread alone) but for what a session set, its own stream, and the answers to what a
/// handler asks. What ServerLimits has for a whole server, connections and buffered bytes, is divided among the
/// threads.
class ServerThreads : public QObject
{
    Q_OBJECT

public:
    explicit ServerThreads(QObject *parent = nullptr);
    ~ServerThreads() override; // ends as stop() does

    /// Once. Waits until every thread listens. Errors: invalid_threads (none, or more than maxServerThreads); those of
    /// the factory and of Server::listen, the first there is; nothing listens then.
    [[nodiscard]] Result<> listen(const QHostAddress &address, quint16 port, int threads,
                                  const ServerThreadFactory &make);
    /// As Server::stop() on all threads; waits for them.
    void stop();

    [[nodiscard]] QString url() const; ///< as Server has it; empty, as the next two, unless it listens
    [[nodiscard]] QString resource() const;
    [[nodiscard]] QList<std::pair<QString, QJsonObject>> publishedMetadata() const;

Q_SIGNALS:
    /// As Server's; on this object's thread.
    void requestAnswered(const McpAuth::Mcp::RequestEvent &event);

private:
    void hear();

    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace McpAuth::Mcp
