// Dynamic client registration and what a client says about itself (RFC 7591, Client ID Metadata Documents).
#pragma once

#include "http/client.h"
#include "oauth/clientinformation.h"

namespace McpAuth::OAuth {

struct ClientMetadata
{
    QString clientName = QStringLiteral("MCP Auth Tester");
    QString clientUri = {};
    QStringList redirectUris = {};
    QStringList grantTypes = {QStringLiteral("authorization_code"), QStringLiteral("refresh_token")};
    QStringList responseTypes = {QStringLiteral("code")};
    ClientAuthMethod tokenEndpointAuthMethod = ClientAuthMethod::None;
    QString applicationType = QStringLiteral("native"); ///< "native" or "web"; empty: left out (before 2026-07-28)
    QString scope = {};
};

[[nodiscard]] QJsonObject toJson(const ClientMetadata &metadata);
/// The document to publish at `url`, which becomes its client_id: an https URL with a path, no fragment, no user
/// information, no dot segments (CIMD draft §3). Errors: invalid_client_metadata_url.
[[nodiscard]] Result<QJsonObject> clientIdMetadataDocument(const QString &url, const ClientMetadata &metadata);
/// The rules above alone. Errors: invalid_client_metadata_url.
[[nodiscard]] Result<> checkClientMetadataUrl(const QString &url);

/// Whether a registration_refused is about the redirect URIs or the application_type.
[[nodiscard]] bool isAboutRedirects(const Error &error);

/// Errors: registration_not_supported, registration_refused (details: status, error, error_description as answered;
/// the sentence says what the provider wants, redirect URI constraints of OIDC's application_type among it),
/// invalid_registration_response, those of Http::Client::send.
[[nodiscard]] QCoro::Task<Result<ClientInformation>> registerClient(Http::Client *client,
                                                                    Metadata::AuthorizationServerMetadata server,
                                                                    ClientMetadata metadata, std::stop_token stop = {});

} // namespace McpAuth::OAuth
