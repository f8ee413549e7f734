// One message of a client on its way, with the token that the server wants to see.
#pragma once

#include "mcp/clientconnection_p.h"

namespace McpAuth::Mcp {

struct Outgoing
{
    QByteArray method = "POST";
    QByteArray body = {};
    QHttpHeaders headers = {};
    std::optional<qint64> id = {}; ///< of a request, which is answered
    std::stop_token stop = {};     ///< ends it on the wire, and while it waits for a token
};

struct Reply
{
    Http::ClientResponse response;
    std::shared_ptr<StreamReader> reader; ///< what an event stream said
};

/// A message as the present revision wants it, in the present session.
[[nodiscard]] Outgoing outgoing(const Connection &connection, const QString &method, const QJsonObject &params);

/// Times that one broken-off stream is resumed, how long to wait before where the server does not say, and the longest
/// wait that it may ask for.
inline constexpr int maxResumptions = 5;
inline constexpr std::chrono::milliseconds resumeDelay{1'000};
inline constexpr std::chrono::milliseconds maxResumeDelay{30'000};

/// Gets another token for each refusal, within maxAuthorizationRetries; one that was issued meanwhile and is refused
/// with a 401 is the last.
[[nodiscard]] QCoro::Task<Result<Reply>> sendAuthorized(ConnectionPtr connection, Outgoing message);
/// The reply to a request; a stream that ends before the answer is taken up again after its last event (2025-11-25
/// transports, Resumability and Redelivery).
[[nodiscard]] QCoro::Task<Result<Reply>> sendRequest(ConnectionPtr connection, Outgoing message);
/// With a token that is good for a while; a refusal is a reply like any other.
[[nodiscard]] QCoro::Task<Result<Reply>> sendAsIs(ConnectionPtr connection, Outgoing message);
/// With the present token, be it what it may: nothing is renewed for a message after which there is no other.
[[nodiscard]] QCoro::Task<Result<Reply>> sendFarewell(ConnectionPtr connection, Outgoing message);

} // namespace McpAuth::Mcp
