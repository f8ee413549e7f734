// One message of a client on its way, with the token that the server wants to see.
#pragma once

#include "mcp/clientconnection_p.h"

namespace McpAuth::Mcp {

/// Times that the stream of a request's answer is resumed, in all and in a row without anything new on it; how long to
/// wait before where the server does not say, and the longest wait that it may ask for.
inline constexpr int maxResumptions = 100;
inline constexpr int maxIdleResumptions = 5;
inline constexpr std::chrono::milliseconds resumeDelay{1'000};
inline constexpr std::chrono::milliseconds maxResumeDelay{30'000};
/// The shortest wait before a stream that nobody asked for is opened again, whatever the server says.
inline constexpr std::chrono::milliseconds minReopenDelay{100};

/// One stream of a server's, over all the connections that carry it.
struct Stream
{
    SessionStatePtr state = {};        ///< in which it was asked for
    std::stop_source over = {};        ///< nobody waits for answers to what it asks any more
    std::function<void()> onOpen = {}; ///< the server has begun it
    bool wasSent = false;              ///< what asks for it
    bool hasSpoken = false;            ///< a message came, other than that it has begun
    QByteArray lastEventId = {};       ///< empty: it cannot be taken up again
    std::chrono::milliseconds retry = resumeDelay;
    std::chrono::milliseconds questionTimeBefore{0}; ///< Connection::questionTime when the request was made
};

struct Outgoing
{
    QByteArray method = "POST";
    QByteArray body = {};
    QHttpHeaders headers = {};
    std::optional<qint64> id = {};                         ///< of a request, which is answered
    std::stop_token stop = {};                             ///< ends it on the wire, and while it waits for a token
    std::optional<std::chrono::milliseconds> timeout = {}; ///< of one exchange; nothing: the HTTP client's
    bool isFollowing = false;                              ///< of a stream that has no end
    bool isReply = false;                                  ///< to what the server asked
    std::shared_ptr<Stream> stream = std::make_shared<Stream>();
};

struct Reply
{
    Http::ClientResponse response;
    std::shared_ptr<StreamReader> reader; ///< what an event stream said
};

/// A message as the present revision wants it, in the present session.
[[nodiscard]] Outgoing outgoing(const Connection &connection, const QString &method, const QJsonObject &params);
/// A GET for the stream that follows an event, or for the session's own where there is none (2025-11-25 transports).
[[nodiscard]] Outgoing streamRequest(const Connection &connection, const QByteArray &lastEventId);

/// What came on a stream beside the answer: it is answered, or told.
void take(const ConnectionPtr &connection, const std::shared_ptr<Stream> &stream, const RpcMessage &message);
/// How long questions of the server's are open from now on; over all exchanges of a stream up to maxUncountedTime.
[[nodiscard]] std::function<std::chrono::milliseconds()> personsTimeFromNow(const ConnectionPtr &connection,
                                                                            const Stream &stream);

/// Whether the connection was lost, and not the request refused.
[[nodiscard]] bool isBroken(const Error &error);

/// Ends early when it is stopped.
[[nodiscard]] QCoro::Task<> pause(std::chrono::milliseconds time, std::stop_token stop);

/// Gets another token for each refusal, within maxAuthorizationRetries; one that was issued meanwhile and is refused
/// with a 401 is the last.
[[nodiscard]] QCoro::Task<Result<Reply>> sendAuthorized(ConnectionPtr connection, Outgoing message);
/// The reply to a request; a stream that ends or breaks before the answer is taken up again after its last event
/// (2025-11-25 transports, Resumability and Redelivery).
[[nodiscard]] QCoro::Task<Result<Reply>> sendRequest(ConnectionPtr connection, Outgoing message);
/// A message that is no reason to ask anybody to sign in: once more after a 401, with a token that was refreshed.
[[nodiscard]] QCoro::Task<Result<Reply>> sendQuietly(ConnectionPtr connection, Outgoing message);
/// Tells a server that still works on a request that nobody waits for it any more; where an error other than cancelled
/// and timeout ended it, there is nothing to tell. Of a stateless server over HTTP the stream that was left says so.
void cancelAtServer(const ConnectionPtr &connection, qint64 id, const QString &method, const Error &error);
/// A notification, for whose answer nobody waits.
QCoro::Task<> tell(ConnectionPtr connection, QString method, QJsonObject params);
/// With the present token, be it what it may: nothing is renewed for a message after which there is no other.
[[nodiscard]] QCoro::Task<Result<Reply>> sendFarewell(ConnectionPtr connection, Outgoing message);

} // namespace McpAuth::Mcp
