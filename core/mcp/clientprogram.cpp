#include "base/deadline.h"
#include "base/text.h"
#include "mcp/clientprogram_p.h"

#include <QCoroFuture>
#include <QProcessEnvironment>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype maxNoiseShown = 200;

QProcessEnvironment environmentOfPrograms()
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const QString &name : environment.keys()) {
        if (name.startsWith("MCP_AUTH_"_L1))
            environment.remove(name);
    }
    return environment;
}

Error endOf(const QProcess &process, const QString &name)
{
    if (process.error() == QProcess::FailedToStart)
        return {u"program_failed"_s, u"%1 could not be started: %2"_s.arg(name, process.errorString())};
    const bool hasCrashed = process.exitStatus() == QProcess::CrashExit;
    const QString how = hasCrashed ? u"was ended by signal %1"_s : u"ended with status %1"_s;
    return {u"program_ended"_s,
            u"The server %1 %2."_s.arg(name, how.arg(process.exitCode())),
            {{hasCrashed ? u"signal"_s : u"exitCode"_s, process.exitCode()}}};
}

Error lateAnswer(std::chrono::milliseconds timeout, const QString &noise)
{
    return {u"timeout"_s, u"There was no answer within %1 ms."_s.arg(timeout.count()) + noise};
}

std::chrono::milliseconds timeoutOf(const Connection &connection, const Outgoing &message)
{
    const std::chrono::milliseconds usual =
        connection.http ? connection.http->options().limits.timeout : Http::ClientLimits().timeout;
    return message.timeout.value_or(usual);
}

std::shared_ptr<ServerProgram> runningProgram(const ConnectionPtr &connection)
{
    if (connection->program && connection->program->isRunning())
        return connection->program;
    const auto stream = std::make_shared<Stream>();
    const auto onMessage = [weak = std::weak_ptr(connection), stream,
                            stop = connection->stop.get_token()](const RpcMessage &message) {
        const ConnectionPtr alive = weak.lock();
        if (!alive || stop.stop_requested())
            return;
        stream->state = alive->state;
        take(alive, stream, message);
    };
    connection->program = std::make_shared<ServerProgram>(connection->options.command, stream, onMessage);
    connection->program->end()->future().then(
        connection->program.get(),
        [weak = std::weak_ptr(connection), of = connection->program.get()](const Result<> &) {
            const ConnectionPtr alive = weak.lock();
            if (alive && alive->program.get() == of)
                alive->forgetSession(); // the next request starts it again
        });
    return connection->program;
}

} // namespace

ServerProgram::ServerProgram(const QStringList &command, std::shared_ptr<Stream> stream,
                             StreamReader::OnMessage onMessage)
    : m_name(command.value(0))
    , m_stream(std::move(stream))
    , m_onMessage(std::move(onMessage))
{
    m_end->start();
    m_process.setProgram(m_name);
    m_process.setArguments(command.sliced(1));
    m_process.setProcessEnvironment(environmentOfPrograms());
    m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    // Queued, since who is told may destroy this and with it the process, which must not happen while it emits.
    connect(&m_process, &QProcess::readyReadStandardOutput, this, &ServerProgram::read, Qt::QueuedConnection);
    connect(&m_process, &QProcess::finished, this, &ServerProgram::ended, Qt::QueuedConnection);
    connect(&m_process, &QProcess::errorOccurred, this, &ServerProgram::ended, Qt::QueuedConnection);
    m_process.start();
}

ServerProgram::~ServerProgram()
{
    m_process.disconnect(this);
    kill();
    m_process.waitForFinished(int(programEndTime.count()));
}

void ServerProgram::kill(Error why)
{
    finish(std::move(why));
    m_process.kill();
}

void ServerProgram::write(const QByteArray &message)
{
    m_process.write(message + '\n');
    if (m_process.bytesToWrite() > maxUnreadBytes)
        kill({u"program_ended"_s, u"The server %1 does not read what it is sent."_s.arg(m_name)});
}

void ServerProgram::awaitAnswer(qint64 id, const AnswerRace &race)
{
    if (isRunning())
        m_waiting.insert(id, race);
    else
        race->end(std::unexpected(m_end->future().result().error()));
}

void ServerProgram::read()
{
    const QPointer self(this);
    m_partial.append(m_process.readAllStandardOutput());
    qsizetype from = 0;
    for (qsizetype end = m_partial.indexOf('\n'); end >= 0; end = m_partial.indexOf('\n', from)) {
        takeLine(m_partial.sliced(from, end - from).trimmed());
        if (!self)
            return;
        from = end + 1;
    }
    m_partial.remove(0, from);
    if (m_partial.size() <= maxProgramLineBytes)
        return;
    m_partial.clear();
    kill({u"body_too_large"_s,
          u"The server %1 wrote a line that is longer than %2 bytes."_s.arg(m_name).arg(maxProgramLineBytes)});
}

void ServerProgram::takeLine(const QByteArray &line)
{
    if (line.isEmpty())
        return;
    const QPointer self(this);
    const RpcPayload payload = parseRpc(line);
    for (const RpcEntry &entry : payload.entries) { // 2025-03-26 has batches
        if (!self)
            return;
        if (!entry.message) {
            m_firstNoise = m_noiseLines++ == 0 ? line.first(std::min(line.size(), maxNoiseShown)) : m_firstNoise;
            continue;
        }
        if (const auto *response = std::get_if<RpcResponse>(&*entry.message))
            answer(*response, line);
        else
            m_onMessage(*entry.message);
    }
}

/// An error without an ID is for the only request there is.
void ServerProgram::answer(const RpcResponse &response, const QByteArray &line)
{
    const bool isNameless = response.id.isNull() && response.error && m_waiting.size() == 1;
    const qint64 id = isNameless ? m_waiting.cbegin().key() : response.id.toInteger(-1);
    if (const AnswerRace race = m_waiting.take(id))
        race->end(ProgramAnswer{response, line});
}

QString ServerProgram::noise() const
{
    if (m_noiseLines == 0)
        return {};
    return u" It writes lines to its standard output that are no JSON-RPC messages (%1), such as: %2"_s
        .arg(m_noiseLines)
        .arg(withoutTreacherous(QString::fromUtf8(m_firstNoise)));
}

void ServerProgram::ended()
{
    if (m_process.state() != QProcess::NotRunning) // an error that it outlived
        return;
    const QPointer self(this);
    if (m_process.error() != QProcess::FailedToStart)
        read();
    if (!self)
        return;
    Error error = endOf(m_process, m_name);
    error.message += noise();
    finish(std::move(error));
}

void ServerProgram::finish(Error error)
{
    if (!isRunning())
        return;
    m_end->addResult(std::unexpected(error));
    m_end->finish();
    m_stream->over.request_stop();
    const auto waiting = std::exchange(m_waiting, {});
    for (const AnswerRace &race : waiting)
        race->end(std::unexpected(error));
}

QCoro::Task<> ServerProgram::close(std::shared_ptr<ServerProgram> program)
{
    QProcess &process = program->m_process;
    const QFuture<Result<>> end = program->m_end->future();
    process.closeWriteChannel();
    [[maybe_unused]] Result<> ended = co_await raced(awaited(end), {}, cancelledRequest(), programEndTime);
    if (!program->isRunning())
        co_return;
    process.terminate();
    ended = co_await raced(awaited(end), {}, cancelledRequest(), programEndTime);
    if (program->isRunning())
        process.kill();
}

QCoro::Task<Result<Reply>> sendToProgram(ConnectionPtr connection, Outgoing message)
{
    if (message.stop.stop_requested())
        co_return fail(cancelledRequest());
    const std::shared_ptr<ServerProgram> program = runningProgram(connection);
    const auto reader =
        std::make_shared<StreamReader>(message.id.value_or(0), Http::EventStream(), StreamReader::OnMessage());
    message.stream->wasSent = true;
    program->write(message.body);
    if (!message.id)
        co_return Reply{.response = {.status = 202, .headers = {}, .body = {}, .url = {}}, .reader = reader};
    const auto race = std::make_shared<Race<ProgramAnswer>>();
    race->promise.start();
    program->awaitAnswer(*message.id, race);
    const std::stop_callback onStop(message.stop, [race] { race->end(fail(cancelledRequest())); });
    const auto timeout = timeoutOf(*connection, message);
    std::optional<Deadline> deadline;
    if (!message.isFollowing)
        deadline.emplace(timeout, personsTimeFromNow(connection, *message.stream),
                         [&] { race->end(fail(lateAnswer(timeout, program->noise()))); });
    const Result<ProgramAnswer> answer = co_await race->promise.future();
    program->forget(*message.id);
    if (!answer)
        co_return std::unexpected(answer.error());
    reader->takeAnswer(answer->response);
    co_return Reply{.response = {.status = 200, .headers = {}, .body = answer->line, .url = {}}, .reader = reader};
}

} // namespace McpAuth::Mcp
