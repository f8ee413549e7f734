// A server that is a program: a JSON-RPC message a line on its standard input and output (2026-07-28 stdio).
#pragma once

#include "base/race.h"
#include "mcp/clientsend_p.h"

#include <QProcess>

namespace McpAuth::Mcp {

/// A longer line ends the program: error body_too_large.
inline constexpr qsizetype maxProgramLineBytes = 16 * 1024 * 1024;
/// What waits for a program that does not read; over it the program is ended.
inline constexpr qint64 maxUnreadBytes = 64 * 1024 * 1024;
/// How long a program gets to end after its input is closed, and again after SIGTERM.
inline constexpr std::chrono::milliseconds programEndTime{2'000};

/// An answer, and the line that it came in.
struct ProgramAnswer
{
    RpcResponse response;
    QByteArray line;
};

/// Runs from its construction on. Its standard error is this process's; its environment too, without MCP_AUTH_
/// variables, which are ours and may be secrets.
class ServerProgram : public QObject
{
    Q_OBJECT

public:
    using AnswerRace = std::shared_ptr<Race<ProgramAnswer>>;

    /// `stream`: what it asks and tells comes on, and over with the program.
    ServerProgram(const QStringList &command, std::shared_ptr<Stream> stream, StreamReader::OnMessage onMessage);
    ~ServerProgram() override; // kills it, where close() was not called

    [[nodiscard]] bool isRunning() const { return !m_end->future().isFinished(); }
    /// Finished when the program has ended, with the error program_failed (it could not be started), program_ended
    /// (details.exitCode, or details.signal) or body_too_large.
    [[nodiscard]] const std::shared_ptr<QPromise<Result<>>> &end() const { return m_end; }
    void write(const QByteArray &message);
    /// Ends the race with the answer to the request of this ID, or with the error of end().
    void awaitAnswer(qint64 id, const AnswerRace &race);
    void forget(qint64 id) { m_waiting.remove(id); }
    void kill(Error why = cancelledRequest()); ///< at once; what waits for it ends with the error
    /// Closes its input, and gives it time to end (2026-07-28 stdio, Shutdown).
    static QCoro::Task<> close(std::shared_ptr<ServerProgram> program);
    /// What it wrote that is no message, in a sentence; empty: nothing.
    [[nodiscard]] QString noise() const;

private:
    void read();
    void takeLine(const QByteArray &line);
    void answer(const RpcResponse &response, const QByteArray &line);
    void ended();
    void finish(Error error);

    QString m_name;
    QProcess m_process;
    std::shared_ptr<Stream> m_stream;
    StreamReader::OnMessage m_onMessage;
    QByteArray m_partial;
    QHash<qint64, AnswerRace> m_waiting;
    QByteArray m_firstNoise;
    qint64 m_noiseLines = 0;
    std::shared_ptr<QPromise<Result<>>> m_end = std::make_shared<QPromise<Result<>>>();
};

/// As sendRequest() and the others do over HTTP; starts the program where it does not run.
[[nodiscard]] QCoro::Task<Result<Reply>> sendToProgram(ConnectionPtr connection, Outgoing message);

} // namespace McpAuth::Mcp
