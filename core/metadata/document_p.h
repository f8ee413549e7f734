// From a response to a metadata document: what serverconfig and discovery share.
#pragma once

#include "http/client.h"
#include "metadata/serverconfig.h"

namespace McpAuth::Metadata {

/// Status 200 and one JSON object, whatever the content type says, repaired where `transpileData` is given. `seen` gets
/// the object, also where it is no metadata. Errors: fetch_server_config_error with details.status,
/// invalid_server_metadata with details.cause or details.member.
[[nodiscard]] Result<ServerConfig> readServerConfig(const Http::ClientResponse &response, ServerType type,
                                                    const TranspileData &transpileData,
                                                    std::optional<QJsonObject> &seen);

/// Byte for byte (RFC 8414 §3.3). Errors: issuer_mismatch with details.expected and details.actual.
[[nodiscard]] Result<> checkIssuer(const QString &expected, const QString &actual);

} // namespace McpAuth::Metadata
