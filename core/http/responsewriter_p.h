// Responses into bytes (RFC 9112 §4 and §6).
#pragma once

#include "http/message.h"

namespace McpAuth::Http {

/// What the request and the connection decide about a response.
struct Framing
{
    bool head = false;   ///< a HEAD request's: no body, but its length
    bool http10 = false; ///< no chunks; a stream ends with the connection
    bool keepsAlive = true;
};

/// The Date field's value, made anew once a second.
class DateField
{
public:
    [[nodiscard]] const QByteArray &value();

private:
    qint64 m_second = 0;
    QByteArray m_value;
};

/// Whether a response to this request with this status has a body at all (RFC 9110 §6.4.1).
[[nodiscard]] bool hasBody(int status, const Framing &framing);

/// Header, and the body unless a stream brings it. No value can end its field: control characters become spaces.
void appendResponse(QByteArray &to, const Response &response, const Framing &framing, const QByteArray &date);
void appendChunk(QByteArray &to, QByteArrayView bytes);
void appendLastChunk(QByteArray &to);

/// What no field value may have (RFC 9110 §5.5).
[[nodiscard]] bool isControl(char c);

} // namespace McpAuth::Http
