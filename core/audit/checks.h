// What the document of a provider must say for MCP: pure checks, each for the revisions that ask for it.
#pragma once

#include "metadata/validation.h"

namespace McpAuth::Audit {

struct CheckOptions
{
    QString revision = Metadata::specificationRevisions().first();
    bool allowHttp = false; ///< endpoints on plain http are a warning then, no error
};

/// The findings of Metadata::validateServerConfig as `revision` weighs them (PKCE that is not announced is an error
/// from 2025-11-25 on; dynamic registration is asked for until 2025-06-18), and those of the table in checks.cpp:
/// endpoints_valid, or for each endpoint invalid_endpoint_url, insecure_endpoint or loopback_endpoint; null_member;
/// client_id_metadata_documents_(not_)supported; iss_parameter_(not_)supported; pushed_authorization_required;
/// public_clients_(not_)supported. What OAuth::authorize refuses is an error here.
[[nodiscard]] QList<Metadata::Finding> checkDocument(const QJsonObject &document, const CheckOptions &options = {});

} // namespace McpAuth::Audit
