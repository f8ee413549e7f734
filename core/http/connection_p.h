// One client's connection: requests in, answers out, one after the other, within the limits.
#pragma once

#include "http/accesspolicy_p.h"
#include "http/exchangelog.h"
#include "http/requestparser_p.h"
#include "http/responsewriter_p.h"
#include "http/transport_p.h"

#include <QPointer>

namespace McpAuth::Http {

class Connection;

using Moment = std::chrono::steady_clock::time_point;

inline Moment now()
{
    return std::chrono::steady_clock::now();
}

/// With Retry-After where it is a 503.
[[nodiscard]] Response responseTo(const Refusal &refusal);

/// Bytes waiting to be sent from which on neither requests are parsed nor streams pulled.
inline constexpr qint64 sendAheadBytes = 64 * 1024;

/// What the connections of one server share.
struct ConnectionContext
{
    ServerOptions options;
    AccessPolicy policy;
    QString origin;
    std::shared_ptr<const Admission> admit; // empty when nobody is to be asked
    std::shared_ptr<const Handler> handler; // coroutines that it started hold it too: it outlives them
    std::function<void(Connection *)> gone; // once per connection, the last that it says
    DateField date;
    QByteArray scratch; // every read goes here first; free again before a handler runs
    std::shared_ptr<BodyBudget> bodies = std::make_shared<BodyBudget>(); // requests in handlers' hands hold it too
    bool stopping = false;
};

/// Deleted through the event loop once it is gone, or with its parent at any time.
class Connection final : public QObject, private TransportUser
{
public:
    Connection(ConnectionContext &context, std::unique_ptr<Transport> transport, QObject *parent);
    ~Connection() override;

    void start();
    /// Answers without having read anything, then closes.
    void turnAway(const Refusal &refusal);
    [[nodiscard]] bool isDue(Moment at) const { return at >= m_deadline || at >= m_writeDeadline; }
    /// Acts on every deadline that has passed.
    void checkDeadlines(Moment at);
    /// Closes now when it is idle, ends a stream, or closes after the answer that is under way.
    void stop();
    /// At once.
    void abort();
    /// The stream got bytes, or ended.
    void streamChanged();
    /// The handler's answer to the request in hand.
    void answer(Response response);
    /// Goes on with what is waiting to be sent and read.
    void advance();

    [[nodiscard]] const QHostAddress &peer() const { return m_peer; }

private:
    enum class State { Reading, Handling, Streaming, Closing, Lingering, Gone };

    void readable() override;
    void writable() override { advance(); }

    void readEnd();
    void consume(QByteArrayView bytes);
    void keep(QByteArrayView bytes);
    void afterFeeding();
    bool passesPolicy(const Request &head, bool bodyFollows);
    bool admits(const Request &head);
    void complement(Request &request) const;
    void dispatch();
    void refuse(const Refusal &refusal);
    void beginRefusal();
    void answerRefused(const Request &request, const Response &response);
    void complete();
    void becomeIdle();

    void attachStream(std::shared_ptr<Stream> stream);
    void pullFromStream();
    void endStream();

    bool flush(); // false when the connection is gone
    bool writeOut();
    void closeAfterOutput();
    void linger();

    void beginExchange(const Request &request);
    void recordAnswer(const Response &response);
    void record(const QString &error = {});

    [[nodiscard]] qint64 pendingOutput() const { return m_out.size() - m_sent; }
    [[nodiscard]] qint64 pendingInput() const { return m_in.size() - m_parsed; }
    [[nodiscard]] bool mayParse() const;

    ConnectionContext *m_context; // null once gone
    std::unique_ptr<Transport> m_transport;
    QHostAddress m_peer;
    State m_state = State::Reading;
    bool m_ended = false; // the peer sends no more
    RequestParser m_parser;
    bool m_admitted = false;                       // the request in hand, at its header
    std::stop_source m_peerGone{std::nostopstate}; // of the request that a handler has
    Framing m_framing;                             // of the request in hand
    QByteArray m_in;                               // read ahead of the request in hand
    qint64 m_parsed = 0;                           // of m_in
    QByteArray m_out;
    qint64 m_sent = 0; // of m_out
    std::shared_ptr<Stream> m_stream;
    qint64 m_streamed = 0;             // body bytes of the stream in m_out
    Moment m_deadline = Moment::max(); // of the state
    RequestParser::Phase m_deadlinePhase = RequestParser::Phase::Complete;
    Moment m_writeDeadline = Moment::max(); // for some progress of a slow reader
    std::unique_ptr<Exchange> m_exchange;
    Moment m_exchangeStart;
};

} // namespace McpAuth::Http
