#include "http/connection_p.h"
#include "http/stream.h"

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

namespace {

constexpr qint64 readAheadBytes = 64 * 1024; // then reading pauses until the request in hand is answered

Response internalError()
{
    return Response::error(500, u"server_error"_s, u"The server failed to answer this request."_s);
}

Response take(QCoro::Task<Response> &task)
{
    try {
        return task.operator co_await().await_resume();
    } catch (...) {
        return internalError();
    }
}

QCoro::Task<Response> call(const Handler &handler, Request request)
{
    try {
        return handler(std::move(request));
    } catch (...) {
        return [](Response response) -> QCoro::Task<Response> { co_return response; }(internalError());
    }
}

/// Waits for a handler that did not answer at once. The handler is held: a lambda's captures must outlive its
/// coroutine. So is what the request's body takes of the budget: the coroutine may keep the body.
QCoro::Task<> deliver(QCoro::Task<Response> task, std::shared_ptr<const Handler> /*held*/,
                      std::unique_ptr<BodyLease> /*held*/, QPointer<Connection> connection)
{
    Response response;
    try {
        response = co_await task;
    } catch (...) {
        response = internalError();
    }
    if (!connection) {
        if (response.stream)
            response.stream->close();
        co_return;
    }
    connection->answer(std::move(response));
    if (connection)
        connection->advance();
}

bool asksToClose(const Response &response)
{
    return response.headers.contains(QHttpHeaders::WellKnownHeader::Connection) &&
           response.headers.value(QHttpHeaders::WellKnownHeader::Connection).compare("close", Qt::CaseInsensitive) == 0;
}

} // namespace

Response responseTo(const Refusal &refusal)
{
    Response response = Response::error(refusal.status, u"invalid_request"_s, refusal.reason);
    if (refusal.status == 503)
        response.set("Retry-After", QByteArray::number(qint64(retryAfter.count())));
    return response;
}

Connection::Connection(ConnectionContext &context, std::unique_ptr<Transport> transport, QObject *parent)
    : QObject(parent)
    , m_context(&context)
    , m_transport(std::move(transport))
    , m_peer(m_transport->peer())
    , m_parser(context.options.limits, context.bodies, m_peer)
{
}

Connection::~Connection()
{
    abort();
}

void Connection::start()
{
    m_transport->start(this);
    if (m_state == State::Gone) // a transport may end as it starts
        return;
    becomeIdle();
    if (m_context->options.tls) // a handshake is no idle connection
        m_deadline = now() + m_context->options.limits.headerTimeout;
}

void Connection::turnAway(const Refusal &refusal)
{
    if (m_state == State::Gone)
        return;
    m_transport->start(this);
    const QPointer<Connection> self(this);
    if (m_state == State::Gone)
        return;
    refuse(refusal);
    if (self)
        flush();
}

void Connection::checkDeadlines(Moment at)
{
    if (m_state == State::Gone)
        return;
    if (at >= m_writeDeadline)
        return abort();
    if (at < m_deadline)
        return;
    m_deadline = Moment::max();
    const auto phase = m_parser.phase();
    if (m_state != State::Reading || phase == RequestParser::Phase::Start)
        return abort();
    const QPointer<Connection> self(this);
    refuse(
        {408, phase == RequestParser::Phase::Header ? u"The header took too long."_s : u"The body took too long."_s});
    if (self)
        flush();
}

void Connection::stop()
{
    switch (m_state) {
    case State::Reading:
        // Whoever has not finished a header has no request in flight; an answer on its way still leaves.
        if (m_parser.phase() == RequestParser::Phase::Body)
            return;
        if (pendingOutput() == 0)
            return abort();
        closeAfterOutput();
        return;
    case State::Streaming:
        m_framing.keepsAlive = false;
        if (!m_stream->endsByItself())
            m_stream->close();
        return;
    case State::Handling:
    case State::Closing:
    case State::Gone:
        return;
    case State::Lingering:
        return abort();
    }
}

void Connection::abort()
{
    if (m_state == State::Gone)
        return;
    if (m_exchange)
        record(u"The connection ended before the answer did."_s);
    m_state = State::Gone;
    m_deadline = m_writeDeadline = Moment::max();
    m_transport->close();
    m_in.clear();
    m_out.clear();
    m_parsed = m_sent = 0;
    m_parser.discard();
    const std::shared_ptr<Stream> stream = std::move(m_stream);
    const auto gone = std::exchange(m_context, nullptr)->gone;
    std::stop_source peerGone = std::exchange(m_peerGone, std::stop_source(std::nostopstate));
    gone(this);
    if (stream)
        stream->abandon(); // the last things: whoever listens may do anything
    peerGone.request_stop();
}

bool Connection::mayParse() const
{
    return m_state == State::Reading && pendingOutput() < sendAheadBytes;
}

void Connection::readable()
{
    QByteArray &scratch = m_context->scratch;
    const qint64 count = m_transport->read(scratch.data(), scratch.size());
    if (count == 0)
        return;
    if (count == Transport::broken)
        return abort();
    if (count == Transport::ended)
        return readEnd();
    if (m_state == State::Closing || m_state == State::Lingering)
        return; // nobody will read it
    const QByteArrayView bytes(scratch.constData(), count);
    if (mayParse() && pendingInput() == 0) {
        const QPointer<Connection> self(this);
        consume(bytes);
        if (self)
            advance();
        return;
    }
    if (m_parsed >= readAheadBytes) { // of a client that always has its next request under way
        m_in.remove(0, m_parsed);
        m_parsed = 0;
    }
    m_in.append(bytes);
    if (pendingInput() >= readAheadBytes)
        m_transport->setReading(false);
}

void Connection::readEnd()
{
    m_ended = true;
    m_transport->setReading(false);
    switch (m_state) {
    case State::Lingering:
        return abort();
    case State::Streaming:
        if (m_stream->isOpen()) {
            // It cannot be told from a client that is gone: what was written leaves, the rest has no reader.
            m_framing.keepsAlive = false;
            m_stream->close();
        }
        return;
    case State::Reading:
        return advance();
    case State::Handling: { // the client may still read: it gets its answer
        std::stop_source peerGone = m_peerGone;
        peerGone.request_stop(); // whoever hears it may do anything
        return;
    }
    case State::Closing:
    case State::Gone:
        return;
    }
}

void Connection::advance()
{
    const QPointer<Connection> self(this);
    while (flush() && self && mayParse() && pendingInput() > 0) {
        consume(QByteArrayView(m_in).sliced(m_parsed));
        if (!self)
            return;
    }
    if (!self || m_state != State::Reading)
        return;
    if (m_ended && pendingInput() == 0) {
        closeAfterOutput();
        flush();
    }
}

/// Parses `bytes`, which lie in the scratch buffer or at the end of m_in, and answers every request in them that can be
/// answered at once. The rest is kept.
void Connection::consume(QByteArrayView bytes)
{
    const QPointer<Connection> self(this);
    while (!bytes.isEmpty()) {
        qsizetype used = m_parser.feed(bytes);
        if (m_parser.takeHead()) {
            complement(m_parser.request());
            if (!admits(m_parser.request()))
                return;
            m_admitted = true;
            used += m_parser.feed(bytes.sliced(used));
        }
        keep(bytes.sliced(used));
        afterFeeding();
        if (!self)
            return;
        if (m_parser.phase() == RequestParser::Phase::Complete)
            dispatch();
        if (!self || m_state == State::Gone || !mayParse())
            return;
        bytes = QByteArrayView(m_in).sliced(m_parsed);
    }
}

/// `rest` is what was not parsed; it may already be the end of m_in.
void Connection::keep(QByteArrayView rest)
{
    if (rest.isEmpty()) {
        if (!m_in.isEmpty()) {
            m_in.clear();
            m_transport->setReading(!m_ended);
        }
        m_parsed = 0;
    } else if (m_in.isEmpty()) {
        m_in = rest.toByteArray();
        m_parsed = 0;
    } else {
        m_parsed = m_in.size() - rest.size();
    }
}

void Connection::afterFeeding()
{
    const auto phase = m_parser.phase();
    if (phase == RequestParser::Phase::Failed)
        return refuse(m_parser.refusal());
    if (m_parser.takeExpectsContinue() && phase == RequestParser::Phase::Body)
        m_out.append("HTTP/1.1 100 Continue\r\n\r\n");
    if (phase == m_deadlinePhase)
        return;
    m_deadlinePhase = phase;
    if (phase == RequestParser::Phase::Header)
        m_deadline = now() + m_context->options.limits.headerTimeout;
    else if (phase == RequestParser::Phase::Body)
        m_deadline = now() + m_context->options.limits.bodyTimeout;
}

/// By the header of the request in hand. False once it is answered.
bool Connection::passesPolicy(const Request &head, bool bodyFollows)
{
    const AccessPolicy &policy = m_context->policy;
    const std::optional<Response> refusal = bodyFollows ? policy.refusalBeforeBody(head) : policy.refusal(head);
    if (!refusal)
        return true;
    if (bodyFollows)
        beginRefusal();
    answerRefused(head, *refusal);
    return false;
}

/// Before a large body. False once the request is answered, and when whoever was asked has ended the server.
bool Connection::admits(const Request &head)
{
    if (!passesPolicy(head, true))
        return false;
    const std::shared_ptr<const Admission> admit = m_context->admit;
    const QPointer<Connection> self(this);
    std::optional<Response> refusal = *admit ? (*admit)(head) : std::nullopt;
    if (!self || !refusal)
        return !self.isNull();
    beginRefusal();
    answer(*std::move(refusal));
    return false;
}

void Connection::complement(Request &request) const
{
    request.peer = m_peer;
    request.secure = m_context->options.tls.has_value();
}

void Connection::dispatch()
{
    Request request = m_parser.takeRequest();
    std::unique_ptr<BodyLease> lease = m_parser.takeLease();
    complement(request);
    m_framing = {.head = request.method == "HEAD", .http10 = m_parser.isHttp10(), .keepsAlive = m_parser.keepsAlive()};
    m_state = State::Handling;
    m_deadline = Moment::max();
    if (m_context->options.log)
        beginExchange(request);
    if (!std::exchange(m_admitted, false) && !passesPolicy(request, false))
        return;

    m_peerGone = std::stop_source();
    request.peerGone = m_peerGone.get_token();
    if (m_ended)
        m_peerGone.request_stop(); // nobody listens yet
    const std::shared_ptr<const Handler> handler = m_context->handler;
    const QPointer<Connection> self(this);
    QCoro::Task<Response> task = call(*handler, std::move(request));
    if (!task.isReady()) {
        deliver(std::move(task), handler, std::move(lease), self);
        return;
    }
    Response response = take(task);
    if (self)
        answer(std::move(response));
    else if (response.stream)
        response.stream->close();
}

void Connection::refuse(const Refusal &refusal)
{
    beginRefusal();
    answerRefused(m_parser.request(), responseTo(refusal));
}

/// The connection closes after the answer: what follows is not read.
void Connection::beginRefusal()
{
    m_framing = {.head = m_parser.request().method == "HEAD", .http10 = false, .keepsAlive = false};
    if (m_context->options.log)
        beginExchange(m_parser.request());
    m_state = State::Handling;
}

void Connection::answerRefused(const Request &request, const Response &response)
{
    const QPointer<Connection> self(this);
    if (const auto refused = m_context->options.refused) // a copy: whoever hears it may delete the server
        refused(request, response);
    if (self)
        answer(response);
}

void Connection::answer(Response response)
{
    if (m_state != State::Handling) { // the client did not wait for it
        if (response.stream)
            response.stream->abandon();
        return;
    }
    m_parser.discard();
    m_peerGone = std::stop_source(std::nostopstate);
    if (response.status < 200 || response.status > 599)
        response = internalError();
    const bool streams = response.stream && hasBody(response.status, m_framing);
    if (m_context->stopping || asksToClose(response) || (streams && m_framing.http10))
        m_framing.keepsAlive = false;
    appendResponse(m_out, response, m_framing, m_context->date.value());
    recordAnswer(response);
    if (streams)
        return attachStream(std::move(response.stream));
    const std::shared_ptr<Stream> unread = std::move(response.stream);
    complete();
    if (unread)
        unread->abandon();
}

/// The answer is whole, though not yet sent.
void Connection::complete()
{
    if (m_exchange)
        record();
    if (!m_framing.keepsAlive)
        return closeAfterOutput();
    m_state = State::Reading;
    becomeIdle();
}

void Connection::becomeIdle()
{
    m_parser.start();
    m_deadlinePhase = RequestParser::Phase::Start;
    m_deadline = now() + m_context->options.limits.idleTimeout;
}

} // namespace McpAuth::Http
