// A client's side of the transport: the revision that was agreed on, the session, and requests with their tokens.
#pragma once

#include "base/deadline.h"
#include "mcp/client.h"
#include "mcp/clientwire_p.h"
#include "mcp/paramheaders_p.h"

#include <QHash>
#include <QPointer>
#include <QPromise>

namespace McpAuth::Mcp {

class ServerProgram;
using CompletionPtr = std::shared_ptr<QPromise<void>>;

/// How long a program may take to answer server/discover before it is taken for one of the earlier era, which may not
/// answer at all (2026-07-28 stdio, Backward Compatibility).
inline constexpr std::chrono::milliseconds maxProbeTime{10'000};

/// What belongs to one session, or to one agreement with a server that has none; another takes its place.
struct SessionState
{
    QByteArray id = {};                                 ///< empty: the server gave none
    std::stop_source over = {};                         ///< it was forgotten
    std::shared_ptr<QPromise<Result<>>> stream = {};    ///< finished when its own has ended; null: it was not opened
    QHash<QString, int> subscriptions = {};             ///< how many follow each URI
    QHash<QByteArray, std::stop_source> questions = {}; ///< of the server's, until they are answered, by the ID as JSON
};

using SessionStatePtr = std::shared_ptr<SessionState>;

/// Shared by the client and by what it has under way, which may outlive it.
struct Connection
{
    Connection(Http::Client *httpClient, ClientOptions clientOptions);

    /// Keeps which arguments go into header fields. False: the tool must not be used.
    bool learn(const QString &tool, const QJsonObject &inputSchema);
    /// What there was of a session: its stream and its questions end.
    void forgetSession();
    /// Ends what is under way, a handshake too; what comes after goes on.
    void cancel();
    /// The server wants no answer to a question of its any more.
    void withdraw(const QJsonValue &requestId);
    /// Finished when the server says that the elicitation is complete; as long as somebody holds it.
    [[nodiscard]] CompletionPtr completionOf(const QString &elicitationId);
    void complete(const QString &elicitationId);

    QPointer<Http::Client> http;
    ClientOptions options;
    std::shared_ptr<ServerProgram> program; ///< where options.command is one; null: it has not been started
    QPointer<OAuth::Session> session;
    std::stop_source stop;
    Speaker speaker; ///< its revision is the agreed one
    bool isConnected = false;
    SessionStatePtr state = std::make_shared<SessionState>();
    qint64 lastId = 0;
    QHash<QString, QList<ParamHeader>> paramHeadersOf;         ///< by tool
    std::shared_ptr<QPromise<Result<QJsonObject>>> connecting; ///< while somebody does
    int background = 0;
    std::shared_ptr<QPromise<void>> idle; ///< somebody waits for the last of them
    BusyTime questionTime;
    QHash<QString, std::weak_ptr<QPromise<void>>> completions; ///< by elicitation ID; see completionOf()
    int quickReplies = 0;                                      ///< on their way
    std::optional<std::stop_callback<std::function<void()>>> stopsWithCaller;
};

using ConnectionPtr = std::shared_ptr<Connection>;

/// What nobody waits for, while it runs: close() does, so that nothing is left of a client that was closed.
class Background
{
public:
    explicit Background(ConnectionPtr connection)
        : m_connection(std::move(connection))
    {
        ++m_connection->background;
    }
    ~Background();
    Background(const Background &) = delete;
    Background &operator=(const Background &) = delete;

private:
    ConnectionPtr m_connection;
};

/// The server's introduction; however many wait, one handshake runs at a time.
[[nodiscard]] QCoro::Task<Result<QJsonObject>> connected(ConnectionPtr connection);

struct Answer
{
    QJsonObject result;
    Http::ClientResponse response;
};

/// One request in the present session: its result, and what it came in. Errors also: session_expired.
[[nodiscard]] QCoro::Task<Result<Answer>> exchange(ConnectionPtr connection, QString method, QJsonObject params,
                                                   RequestOptions options);
/// The same; connects first where that is needed. The client's own stop has to be in the
/// options: it is another one after close().
[[nodiscard]] QCoro::Task<Result<Answer>> answerFor(ConnectionPtr connection, QString method, QJsonObject params,
                                                    RequestOptions options);
/// The result alone, after as many rounds of input as the server wants.
[[nodiscard]] QCoro::Task<Result<QJsonObject>> perform(ConnectionPtr connection, QString method, QJsonObject params,
                                                       RequestOptions options = {});

/// Ends what is under way, then the session, where there is one.
[[nodiscard]] QCoro::Task<> endSession(ConnectionPtr connection);

} // namespace McpAuth::Mcp
