// From an answer to JSON, with the reason when it is none.
#pragma once

#include "http/client.h"

#include <QJsonObject>

namespace McpAuth::Metadata {

/// The body as one JSON object, whatever the content type says. Errors: those of parseJsonObject, html_page, compressed
/// (a Content-Encoding that nobody asked for).
[[nodiscard]] Result<QJsonObject> readObject(const Http::ClientResponse &response);

} // namespace McpAuth::Metadata
