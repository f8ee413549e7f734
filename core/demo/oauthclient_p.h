// A client as the authorization server knows it, and how it became known.
#pragma once

#include "base/secret.h"
#include "http/form.h"
#include "http/message.h"
#include "jose/key.h"

#include <QCoroTask>

#include <memory>

namespace McpAuth::Demo {

struct ProviderState;

enum class ClientOrigin {
    Known,      ///< in the server's options
    Registered, ///< RFC 7591
    Document,   ///< Client ID Metadata Document
};

struct OAuthClient
{
    QString id;
    QString name = {}; ///< empty: it gave none
    ClientOrigin origin = ClientOrigin::Known;
    Secret secret = {};
    QStringList redirectUris = {};
    QStringList grantTypes = {};
    QStringList authMethods = {}; ///< of token_endpoint_auth_method's values; one of them is to be used
    QList<Jose::Key> keys = {};   ///< public ones, for private_key_jwt

    [[nodiscard]] bool isConfidential() const { return !authMethods.contains(QStringLiteral("none")); }
    [[nodiscard]] bool uses(const QString &grantType) const { return grantTypes.contains(grantType); }
};

/// Among the known, the registered, and the metadata documents, which are fetched. Errors: invalid_client with a
/// sentence that says why.
[[nodiscard]] QCoro::Task<Result<OAuthClient>> findClient(std::shared_ptr<ProviderState> state, QString clientId);

struct ClientMetadataRules
{
    QString defaultAuthMethod; ///< client_secret_basic (RFC 7591 §2), none for documents
    bool allowsSecrets = true; ///< documents are public: no client_secret_* (CIMD draft §4.1)
};

/// A client's metadata (RFC 7591 §2, OpenID Connect Dynamic Client Registration 1.0 §2), checked, with the defaults put
/// in; of members that are not known here nothing stays. Errors: invalid_redirect_uri,
/// invalid_client_metadata.
[[nodiscard]] Result<QJsonObject> checkedClientMetadata(const QJsonObject &metadata, const ClientMetadataRules &rules);
/// Of metadata that checkedClientMetadata() gave.
[[nodiscard]] OAuthClient clientFrom(const QString &id, ClientOrigin origin, const QJsonObject &metadata);

/// Whether the string is written as Client ID Metadata Documents have it: https (http where loopback is allowed), a
/// path, no fragment, no dot segments (CIMD draft §3). Errors: invalid_client.
[[nodiscard]] Result<> checkDocumentUrl(const QString &clientId, bool allowLoopback);
/// Fetched, checked, cached. Errors: invalid_client.
[[nodiscard]] QCoro::Task<Result<OAuthClient>> clientOfDocument(std::shared_ptr<ProviderState> state, QString url);

/// Who sends the form: client_secret_basic, client_secret_post, private_key_jwt or none, as registered (RFC 6749 §2.3,
/// RFC 7523 §2.2, OpenID Connect Core 1.0 §9). Errors: invalid_client, invalid_request.
[[nodiscard]] QCoro::Task<Result<OAuthClient>> authenticatedClient(std::shared_ptr<ProviderState> state,
                                                                   Http::Request request, Http::Form form);

} // namespace McpAuth::Demo
