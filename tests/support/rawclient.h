// A client that sends exactly the bytes it is given, for what no proper HTTP client would send.
#pragma once

#include <QByteArray>
#include <QList>

#include <chrono>
#include <functional>
#include <utility>

namespace McpAuth::Test {

/// Spins the event loop until the condition holds; false when it does not within the time.
bool waitUntil(const std::function<bool()> &condition, std::chrono::milliseconds atMost = std::chrono::seconds(20));

struct RawResponse
{
    int status = 0; ///< 0: none came
    QList<std::pair<QByteArray, QByteArray>> headers;
    QByteArray body;    ///< chunks joined
    bool whole = false; ///< the body ended as its framing says

    /// Values of a field (without case), joined by ", ".
    [[nodiscard]] QByteArray header(QByteArrayView name) const;
};

/// A plain socket to loopback. Everything spins the event loop, so that a server on the same thread can answer.
class RawClient
{
public:
    /// From a given address in 127.0.0.0/8, or the system's choice.
    explicit RawClient(quint16 port, const char *from = nullptr);
    ~RawClient();
    RawClient(RawClient &&other) noexcept;
    RawClient &operator=(RawClient &&) = delete;

    [[nodiscard]] bool isConnected() const { return m_descriptor >= 0; }
    /// Until everything was taken or the peer is gone.
    RawClient &send(const QByteArray &bytes);
    /// What the socket takes now.
    qint64 sendSome(const QByteArray &bytes);
    /// Shuts the writing side down.
    void finishWriting();
    void close();
    /// Closes with a reset, as a process that is killed with unread bytes does.
    void reset();

    /// The next response; `head`: it answers HEAD and has no body.
    RawResponse response(bool head = false);
    /// Waits until that many bytes of the stream came, and returns them and what came with them.
    QByteArray bytes(qsizetype count);
    /// Everything until the peer closes; what came so far when it does not.
    QByteArray everything();
    /// Whether the peer closes the connection, whatever it sends before.
    bool isClosedByPeer();
    [[nodiscard]] bool hasEnded() const { return m_ended; }
    /// Reads what is there without waiting.
    void poll();

private:
    bool waitForMore();

    int m_descriptor = -1;
    bool m_ended = false;
    QByteArray m_received;
};

} // namespace McpAuth::Test
