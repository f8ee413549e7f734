// Where secrets hide in an HTTP message, and how they are taken out.
#pragma once

#include <QByteArray>
#include <QHttpHeaders>
#include <QString>

namespace McpAuth::Http {

/// User information, the values of secret query and fragment parameters, and anything that looks like a compact JWS.
[[nodiscard]] QString redactedUrl(const QString &url);

/// Credentials, cookies, and secrets of URLs in Location and Referer.
[[nodiscard]] QHttpHeaders redactedHeaders(const QHttpHeaders &headers);

/// Secrets of JSON and form bodies, whole or cut short, and of texts around them.
[[nodiscard]] QByteArray redactedBody(const QByteArray &body, QByteArrayView contentType);

} // namespace McpAuth::Http
