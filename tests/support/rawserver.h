// A peer that misbehaves to order: it follows a script on every connection and keeps what it got.
#pragma once

#include <QByteArray>
#include <QList>
#include <QObject>
#include <QSslConfiguration>
#include <QTcpServer>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace McpAuth::Test {

using namespace std::chrono_literals;

/// What a RawServer does on a connection, step by step. After the last step it begins again, so that a kept-alive
/// connection is served for ever; close(), reset() and hang() end it.
///     RawScript().awaitRequest().send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n").dribble("slow body", 100ms)
class RawScript
{
public:
    struct Step
    {
        enum class Kind { AwaitRequest, Send, Answer, Wait, Dribble, Endless, Close, Reset, Hang };
        Kind kind;
        QByteArray bytes = {};
        std::chrono::milliseconds time{};
        std::function<QByteArray(const QByteArray &request)> answer = {};
    };

    /// Goes on when a whole request has come: header block, and as much body as its Content-Length says.
    RawScript &awaitRequest() { return add({Step::Kind::AwaitRequest}); }
    RawScript &send(const QByteArray &bytes) { return add({Step::Kind::Send, bytes}); }
    /// Sends what the function makes of the last awaited request.
    RawScript &answer(std::function<QByteArray(const QByteArray &request)> make)
    {
        return add({Step::Kind::Answer, {}, {}, std::move(make)});
    }
    RawScript &wait(std::chrono::milliseconds time) { return add({Step::Kind::Wait, {}, time}); }
    /// One byte at a time.
    RawScript &dribble(const QByteArray &bytes, std::chrono::milliseconds every)
    {
        return add({Step::Kind::Dribble, bytes, every});
    }
    /// Sends the bytes again and again, as fast as they are taken, until the peer goes.
    RawScript &endless(const QByteArray &bytes) { return add({Step::Kind::Endless, bytes}); }
    /// Sends what was written, then FIN.
    RawScript &close() { return add({Step::Kind::Close}); }
    /// RST.
    RawScript &reset() { return add({Step::Kind::Reset}); }
    /// Keeps the connection and does nothing.
    RawScript &hang() { return add({Step::Kind::Hang}); }

    [[nodiscard]] const QList<Step> &steps() const { return m_steps; }

private:
    RawScript &add(Step step)
    {
        m_steps.append(std::move(step));
        return *this;
    }

    QList<Step> m_steps;
};

/// "HTTP/1.1 200 X", the header fields (each ended by CR LF), Content-Length, and the body.
[[nodiscard]] QByteArray rawResponse(int status, const QByteArray &headers, const QByteArray &body);
/// The target of a request line: "/a?b" of "GET /a?b HTTP/1.1".
[[nodiscard]] QByteArray targetOf(const QByteArray &request);

class RawServer : public QObject
{
    Q_OBJECT

public:
    /// Listens at once on a free port of 127.0.0.1.
    explicit RawServer(RawScript script, const std::optional<QSslConfiguration> &tls = {});
    /// The nth connection follows the nth script; the last script serves all that come later.
    explicit RawServer(QList<RawScript> scripts, const std::optional<QSslConfiguration> &tls = {});
    ~RawServer() override;

    [[nodiscard]] quint16 port() const { return m_server->serverPort(); }
    [[nodiscard]] QString origin() const; ///< "http://127.0.0.1:12345"
    [[nodiscard]] QString url(const QString &path = QStringLiteral("/")) const { return origin() + path; }

    [[nodiscard]] int connectionCount() const { return m_connections; } ///< ever made
    [[nodiscard]] int openConnections() const { return m_open; }
    [[nodiscard]] const QByteArray &received() const { return m_received; }        ///< all bytes of all connections
    [[nodiscard]] const QList<QByteArray> &requests() const { return m_requests; } ///< as awaitRequest() saw them
    [[nodiscard]] qint64 bytesSent() const { return m_sent; }                      ///< that the operating system took

    /// Spins the event loop until the condition holds; false after 10 s.
    [[nodiscard]] static bool waitUntil(const std::function<bool()> &condition);

private:
    friend class RawConnection;
    void accept();

    QList<RawScript> m_scripts;
    std::unique_ptr<QTcpServer> m_server;
    bool m_secure = false;
    int m_connections = 0;
    int m_open = 0;
    QByteArray m_received;
    QList<QByteArray> m_requests;
    qint64 m_sent = 0;
};

} // namespace McpAuth::Test
