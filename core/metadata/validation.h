// Whether a provider's metadata is compatible with MCP: one finding a check.
#pragma once

#include "metadata/authorizationservermetadata.h"
#include "metadata/reference.h"

namespace McpAuth::Metadata {

enum class FindingLevel { Pass, Warning, Error, Skipped };

[[nodiscard]] QString toString(FindingLevel level); ///< "pass", "warning", "error", "skipped"

struct Finding
{
    QString code;
    FindingLevel level = FindingLevel::Skipped;
    QString title;     ///< a few words
    QString detail;    ///< why, with the values seen
    QString reference; ///< URL of the paragraph that asks for it
    QString remedy;    ///< what to do; empty for a pass

    bool operator==(const Finding &) const = default;
};

[[nodiscard]] QJsonObject toJson(const Finding &finding);

/// The checks and codes of MCP Auth's validateServerConfig: server_metadata_valid,
/// code_response_type_(not_)supported, authorization_code_grant_(not_)supported, pkce_(not_)supported,
/// s256_code_challenge_method_(not_)supported (only where pkce_supported), dynamic_registration_(not_)supported. Every
/// member that is missing or of a wrong type is an invalid_server_metadata of its own, in place of
/// server_metadata_valid; a check that would need it is left out. `revision` chooses where the references point; the
/// verdicts are the same for all. Audit::checkDocument knows the revisions.
[[nodiscard]] QList<Finding> validateServerConfig(const QJsonObject &document,
                                                  const QString &revision = specificationRevisions().first());

/// No finding is an error.
[[nodiscard]] bool isCompatible(const QList<Finding> &findings);

} // namespace McpAuth::Metadata
