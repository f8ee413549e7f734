#include "mcp/stdioserver.h"

#include "http/stream.h"
#include "mcp/clientwire_p.h"
#include "mcp/paramheaders_p.h"

#include <QHash>
#include <QPointer>
#include <QSocketNotifier>
#include <QTimer>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <unistd.h>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

/// A pipe that is writable takes as much without blocking (POSIX: PIPE_BUF is 4096 on Linux).
constexpr qsizetype chunkBytes = 4096;
constexpr qsizetype readBytes = 64 * 1024;

/// What the message says of its revision; empty in sessions.
QString statedRevision(const QJsonObject &params)
{
    return params.value("_meta"_L1)[MetaKey::protocolVersion].toString();
}

/// A request of the client's while the endpoint answers it.
struct Running
{
    QByteArray id; ///< as JSON; empty of what nobody waits for
    bool isCancelled = false;
    std::stop_source gone = {};
    std::shared_ptr<Http::Stream> stream = {};
};

using RunningPtr = std::shared_ptr<Running>;

/// Without the signal that ends a program whose reader has gone (which a pipe, unlike a socket, cannot be told).
ssize_t writeQuietly(int descriptor, const char *bytes, size_t size)
{
    sigset_t pipe;
    sigset_t before;
    sigset_t pending;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe, &before);
    const ssize_t count = ::write(descriptor, bytes, size);
    const int error = errno;
    constexpr timespec atOnce{};
    if (count < 0 && error == EPIPE && sigismember(&pending, SIGPIPE) == 0)
        sigtimedwait(&pipe, nullptr, &atOnce);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return count;
}

/// The messages in what an endpoint writes to a stream: whole events, each with its message in one line.
QByteArrayList messagesIn(const QByteArray &events)
{
    constexpr QByteArrayView field = "data: ";
    QByteArrayList messages;
    for (const QByteArray &line : events.split('\n')) {
        if (line.startsWith(field) && line.size() > field.size())
            messages.append(line.sliced(field.size()));
    }
    return messages;
}

} // namespace

/// The endpoint is asked as over HTTP: a line is a POST, and answers and events are lines.
struct StdioServer::Private : std::enable_shared_from_this<Private>
{
    Private(StdioServer *server, Endpoint *served, int in, int out)
        : self(server)
        , endpoint(served)
        , reading(in, QSocketNotifier::Read)
        , writing(out, QSocketNotifier::Write)
    {
        writing.setEnabled(false);
        deadline.setSingleShot(true);
    }

    void read();
    void takeLine(const QByteArray &line);
    void takeMessage(const QByteArray &line, const RpcPayload &payload);
    [[nodiscard]] Http::Request requestOf(const QByteArray &method, const QByteArray &line, const RpcMessage *message);
    [[nodiscard]] bool cancel(const RpcMessage &message);
    void begin(Http::Request request, const QByteArray &id);
    static QCoro::Task<> answer(std::shared_ptr<Private> d, Http::Request request, RunningPtr running);
    void follow(const RunningPtr &running);
    void ended(const RunningPtr &running);
    void endInput();
    void writeLine(const QByteArray &message);
    void write();
    void finishIfDone();
    void finish();

    QPointer<StdioServer> self;
    QPointer<Endpoint> endpoint;
    QSocketNotifier reading;
    QSocketNotifier writing;
    QTimer deadline; // of the last answers
    QByteArray partial;
    QByteArray unwritten;
    QByteArray session; // of a client that has initialized
    QList<RunningPtr> running;
    bool hasInputEnded = false;
    bool isFinished = false;
};

void StdioServer::Private::read()
{
    QByteArray bytes(readBytes, Qt::Uninitialized);
    const ssize_t count = ::read(int(reading.socket()), bytes.data(), size_t(bytes.size()));
    if (count < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (count <= 0)
        return endInput();
    partial.append(bytes.constData(), count);
    const auto alive = shared_from_this();
    qsizetype from = 0;
    for (qsizetype end = partial.indexOf('\n'); end >= 0 && !isFinished; end = partial.indexOf('\n', from)) {
        takeLine(partial.sliced(from, end - from));
        from = end + 1;
    }
    partial.remove(0, from);
    if (partial.size() <= maxLineBytes)
        return;
    writeLine(toJsonText(rpcError(QJsonValue(), {.code = static_cast<int>(RpcErrorCode::InvalidRequest),
                                                 .message = u"The line is too long."_s})));
    endInput();
}

void StdioServer::Private::takeLine(const QByteArray &line)
{
    const QByteArray text = line.trimmed();
    if (!text.isEmpty())
        takeMessage(text, parseRpc(text));
}

void StdioServer::Private::takeMessage(const QByteArray &line, const RpcPayload &payload)
{
    const RpcEntry &first = payload.entries.first();
    const RpcMessage *message = first.message && !payload.isBatch ? &*first.message : nullptr;
    if (message && cancel(*message))
        return;
    const bool isRequest = message && std::holds_alternative<RpcRequest>(*message);
    begin(requestOf("POST", line, message), isRequest ? toJsonText(first.id) : QByteArray());
    const auto *notification = message ? std::get_if<RpcNotification>(message) : nullptr;
    if (notification && notification->method == "notifications/initialized"_L1 && !session.isEmpty())
        begin(requestOf("GET", {}, nullptr), {}); // what belongs to no request
}

Http::Request StdioServer::Private::requestOf(const QByteArray &method, const QByteArray &line,
                                              const RpcMessage *message)
{
    Http::Request request{.method = method, .target = "/", .headers = {}, .body = line, .peer = {}};
    const auto *asked = message ? std::get_if<RpcRequest>(message) : nullptr;
    const QString revision = asked ? statedRevision(asked->params) : QString();
    const Speaker speaker{.name = {}, .version = {}, .revision = revision};
    request.headers = headersFor(speaker, asked ? asked->method : QString(), asked ? asked->params : QJsonObject());
    if (revision.isEmpty() && !session.isEmpty())
        request.headers.append(QLatin1StringView(sessionField), QLatin1StringView(session));
    if (!asked || revision.isEmpty() || asked->method != "tools/call"_L1)
        return request;
    const auto isCalled = [name = asked->params.value("name"_L1).toString()](const Tool &tool) {
        return tool.name == name;
    };
    const auto tool = std::ranges::find_if(endpoint->tools(), isCalled);
    if (tool != endpoint->tools().end())
        appendParamHeaders(request.headers, paramHeaders(tool->inputSchema).value_or(QList<ParamHeader>()),
                           asked->params.value("arguments"_L1).toObject());
    return request;
}

/// Of a stateless request: a session's cancellations are the endpoint's to heed.
bool StdioServer::Private::cancel(const RpcMessage &message)
{
    const auto *notification = std::get_if<RpcNotification>(&message);
    if (!notification || notification->method != "notifications/cancelled"_L1 || !session.isEmpty())
        return false;
    const QByteArray id = toJsonText(notification->params.value("requestId"_L1));
    const auto isIt = [&id](const RunningPtr &one) { return one->id == id; };
    const auto found = std::ranges::find_if(running, isIt);
    if (found == running.end())
        return true;
    const RunningPtr cancelled = running.takeAt(found - running.begin());
    cancelled->isCancelled = true;
    cancelled->gone.request_stop();
    if (const auto stream = cancelled->stream)
        stream->close();
    return true;
}

void StdioServer::Private::begin(Http::Request request, const QByteArray &id)
{
    const auto one = std::make_shared<Running>(Running{.id = id});
    request.peerGone = one->gone.get_token();
    running.append(one);
    answer(shared_from_this(), std::move(request), one);
}

QCoro::Task<> StdioServer::Private::answer(std::shared_ptr<Private> d, Http::Request request, RunningPtr running)
{
    if (!d->endpoint)
        co_return;
    const Http::Response response = co_await d->endpoint->handle(std::move(request));
    if (const QByteArray opened = response.headers.combinedValue(QLatin1StringView(sessionField)); !opened.isEmpty())
        d->session = opened;
    running->stream = response.stream;
    if (response.stream) {
        d->follow(running);
        co_return;
    }
    if (!running->isCancelled && !response.body.isEmpty())
        d->writeLine(response.body);
    d->ended(running);
}

void StdioServer::Private::follow(const RunningPtr &one)
{
    const std::weak_ptr weak = weak_from_this();
    const std::weak_ptr<Running> followed = one;
    QObject::connect(one->stream.get(), &Http::Stream::closed, one->stream.get(), [weak, followed] {
        const auto alive = weak.lock();
        const auto ending = followed.lock();
        if (alive && ending)
            alive->ended(ending);
    });
    one->stream->setReader([weak, followed](const QByteArray &events) {
        const auto alive = weak.lock();
        const auto telling = followed.lock();
        if (!alive || !telling || telling->isCancelled)
            return;
        for (const QByteArray &message : messagesIn(events))
            alive->writeLine(message);
    });
    if (!one->stream->isOpen())
        ended(one);
}

void StdioServer::Private::ended(const RunningPtr &one)
{
    running.removeOne(one);
    finishIfDone();
}

/// What only tells would never end; the rest gets its time.
void StdioServer::Private::endInput()
{
    if (std::exchange(hasInputEnded, true))
        return;
    reading.setEnabled(false);
    deadline.callOnTimeout(self, [this] { finish(); });
    deadline.start(lastAnswersTimeout);
    const auto all = running;
    for (const RunningPtr &one : all) {
        if (one->stream && !one->stream->endsByItself())
            one->stream->close();
    }
    finishIfDone();
}

void StdioServer::Private::writeLine(const QByteArray &message)
{
    if (isFinished)
        return;
    unwritten.append(message).append('\n');
    if (unwritten.size() > maxUnwrittenBytes)
        return finish();
    writing.setEnabled(true);
}

void StdioServer::Private::write()
{
    const size_t size = size_t(std::min(unwritten.size(), chunkBytes));
    const ssize_t count = writeQuietly(int(writing.socket()), unwritten.constData(), size);
    if (count < 0 && errno != EINTR && errno != EAGAIN)
        return finish(); // nobody reads any more
    unwritten.remove(0, std::max<ssize_t>(count, 0));
    writing.setEnabled(!unwritten.isEmpty());
    finishIfDone();
}

void StdioServer::Private::finishIfDone()
{
    if (hasInputEnded && running.isEmpty() && unwritten.isEmpty())
        finish();
}

void StdioServer::Private::finish()
{
    if (std::exchange(isFinished, true))
        return;
    reading.setEnabled(false);
    writing.setEnabled(false);
    deadline.stop();
    if (self)
        Q_EMIT self->finished();
}

StdioServer::StdioServer(Endpoint *endpoint, int in, int out, QObject *parent)
    : QObject(parent)
    , d(std::make_shared<Private>(this, endpoint, in, out))
{
    connect(&d->reading, &QSocketNotifier::activated, this, [this] { d->read(); });
    connect(&d->writing, &QSocketNotifier::activated, this, [this] { d->write(); });
}

StdioServer::~StdioServer()
{
    d->isFinished = true;
    d->reading.setEnabled(false);
    d->writing.setEnabled(false);
    const auto all = d->running;
    for (const RunningPtr &one : all) {
        one->gone.request_stop();
        if (const auto stream = one->stream)
            stream->close();
    }
}

} // namespace McpAuth::Mcp
