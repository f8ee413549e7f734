// Where a rule is written down: the paragraph of an RFC, or of an MCP revision.
#pragma once

#include <QString>
#include <QStringList>

namespace McpAuth::Metadata {

/// MCP revisions with an authorization chapter, newest first.
[[nodiscard]] const QStringList &specificationRevisions();

enum class Rule {
    ServerMetadata, ///< which members there are
    Discovery,      ///< where the document lies
    IssuerIdentity, ///< issuer asked for and issuer named are the same string
    Pkce,
    Registration,
    MetadataDocuments,     ///< client ID metadata documents
    Communication,         ///< https
    ResponseTypes,         ///< which there are, and what they mean
    AuthorizationResponse, ///< iss
    PushedRequests,        ///< pushed authorization requests
    DefaultEndpoints,      ///< of servers without metadata
    Keys,                  ///< jwks_uri
};

/// A full https URL; of the newest revision when `revision` is unknown.
[[nodiscard]] QString referenceUrl(Rule rule, const QString &revision);

} // namespace McpAuth::Metadata
