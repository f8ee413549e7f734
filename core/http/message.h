// A request that a server got, and the response it gives.
#pragma once

#include "base/json.h"

#include <QByteArray>
#include <QHostAddress>
#include <QHttpHeaders>

#include <memory>
#include <stop_token>

namespace McpAuth::Http {

class Stream;

struct Request
{
    QByteArray method;    ///< as sent: methods are case-sensitive (RFC 9110 §9.1)
    QByteArray target;    ///< as sent: path and query, not decoded
    QHttpHeaders headers; ///< at most ServerLimits::headerFields
    QByteArray body;      ///< whole, chunks joined
    QHostAddress peer;
    bool secure = false; ///< came over TLS
    /// Requested while a handler has not answered yet, when nobody waits for the answer any more: the peer closed its
    /// connection, or the sending half of it (which cannot be told apart before something is written), or the server
    /// ends. Whoever is told may end the server.
    std::stop_token peerGone = {};

    [[nodiscard]] QByteArray path() const;  ///< the target before '?', as sent
    [[nodiscard]] QByteArray query() const; ///< the target after '?', or empty
    /// The one value of a field; empty when it is absent or occurs several times.
    [[nodiscard]] QByteArray header(QByteArrayView name) const;
    /// How often a field occurs.
    [[nodiscard]] qsizetype headerCount(QByteArrayView name) const;
};

struct Response
{
    int status = 200;
    QHttpHeaders headers; ///< Content-Length, Connection, Date and Transfer-Encoding are the server's to add
    QByteArray body;
    std::shared_ptr<Stream> stream; ///< when set, the body comes from here, chunk by chunk, and `body` is ignored

    /// Replaces a field.
    Response &set(QByteArrayView name, QByteArrayView value);

    [[nodiscard]] static Response empty(int status);
    [[nodiscard]] static Response text(int status, const QString &text);
    [[nodiscard]] static Response html(int status, const QString &html);
    [[nodiscard]] static Response json(int status, const QJsonObject &object);
    /// JSON that is already text, served byte for byte.
    [[nodiscard]] static Response jsonText(int status, const QByteArray &text);
    /// {"error", "error_description"}
    [[nodiscard]] static Response error(int status, const QString &code, const QString &description);
};

/// "Not Found" for 404 (RFC 9110 §15); empty for a status that has none.
[[nodiscard]] QByteArray reasonPhrase(int status);

/// Whether they may stand in a header (RFC 9110 §5.1, §5.5).
[[nodiscard]] bool isField(QByteArrayView name, QByteArrayView value);

} // namespace McpAuth::Http
