#include "oauth/storedcredentials_p.h"

#include <QJsonArray>

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace McpAuth::OAuth {

namespace {

constexpr int entryVersion = 1;

struct OriginName
{
    ClientInformation::Origin origin;
    QLatin1StringView name;
};

constexpr std::array origins{
    OriginName{ClientInformation::Origin::Preregistered, QLatin1StringView("preregistered")},
    OriginName{ClientInformation::Origin::MetadataDocument, QLatin1StringView("metadata_document")},
    OriginName{ClientInformation::Origin::Dynamic, QLatin1StringView("dynamic")},
};

std::unexpected<Error> invalidEntry(const QString &reason)
{
    return fail(u"invalid_stored_credentials"_s, u"The stored credentials cannot be used: "_s + reason);
}

QString text(const Secret &secret)
{
    return QString::fromUtf8(secret.reveal());
}

Secret secretIn(const QJsonObject &object, QStringView name)
{
    return Secret(object.value(name).toString().toUtf8());
}

QJsonValue toJson(const std::optional<TimePoint> &time)
{
    return time ? QJsonValue(qint64(time->time_since_epoch().count())) : QJsonValue();
}

std::optional<TimePoint> timeIn(const QJsonObject &object, QStringView name)
{
    const QJsonValue value = object.value(name);
    if (!value.isDouble())
        return {};
    return TimePoint(std::chrono::milliseconds(value.toInteger()));
}

QStringList stringsIn(const QJsonObject &object, QStringView name)
{
    return Json::strings(object.value(name)).value_or(QStringList());
}

QJsonObject toJson(const ClientInformation &client)
{
    QJsonObject object{
        {u"client_id"_s, client.clientId},
        {u"issuer"_s, client.issuer},
        {u"origin"_s, QString(std::ranges::find(origins, client.origin, &OriginName::origin)->name)},
        {u"client_secret"_s, text(client.clientSecret)},
        {u"secret_expires_at"_s, toJson(client.secretExpiresAt)},
        {u"key_algorithm"_s, QString::fromLatin1(client.keyAlgorithm)},
        {u"redirect_uris"_s, QJsonArray::fromStringList(client.redirectUris)},
        {u"scopes"_s, QJsonArray::fromStringList(client.scopes)},
    };
    if (!client.key.isNull())
        object.insert(u"key"_s, client.key.privateJwk());
    if (client.assertionAudience == AssertionAudience::TokenEndpoint)
        object.insert(u"assertion_audience"_s, u"token_endpoint"_s);
    if (client.registeredMethod)
        object.insert(u"method"_s, toString(*client.registeredMethod));
    return object;
}

Result<ClientInformation> clientFrom(const QJsonObject &object)
{
    const auto origin = std::ranges::find(origins, object.value(u"origin").toString(), &OriginName::name);
    ClientInformation client{.clientId = object.value(u"client_id").toString(),
                             .issuer = object.value(u"issuer").toString(),
                             .origin =
                                 origin == origins.end() ? ClientInformation::Origin::Preregistered : origin->origin,
                             .clientSecret = secretIn(object, u"client_secret"),
                             .secretExpiresAt = timeIn(object, u"secret_expires_at"),
                             .keyAlgorithm = object.value(u"key_algorithm").toString().toLatin1(),
                             .assertionAudience = object.value(u"assertion_audience") == u"token_endpoint"_s
                                                      ? AssertionAudience::TokenEndpoint
                                                      : AssertionAudience::Issuer,
                             .registeredMethod = clientAuthMethodFrom(object.value(u"method").toString()),
                             .redirectUris = stringsIn(object, u"redirect_uris"),
                             .scopes = stringsIn(object, u"scopes")};
    if (client.clientId.isEmpty())
        return invalidEntry(u"it names no client."_s);
    if (object.contains(u"key")) {
        auto key = Jose::keyFromJwk(object.value(u"key").toObject());
        if (!key)
            return invalidEntry(key.error().message);
        client.key = *std::move(key);
    }
    return client;
}

QJsonObject toJson(const Tokens &tokens)
{
    return {{u"access_token"_s, text(tokens.accessToken)},
            {u"refresh_token"_s, text(tokens.refreshToken)},
            {u"id_token"_s, text(tokens.idToken)},
            {u"expires_at"_s, toJson(tokens.expiresAt)},
            {u"scopes"_s, QJsonArray::fromStringList(tokens.scopes)}};
}

Tokens tokensFrom(const QJsonObject &object)
{
    return {.accessToken = secretIn(object, u"access_token"),
            .refreshToken = secretIn(object, u"refresh_token"),
            .idToken = secretIn(object, u"id_token"),
            .expiresAt = timeIn(object, u"expires_at"),
            .scopes = stringsIn(object, u"scopes")};
}

/// The members that are used once the flow is over.
QJsonObject essentials(const Metadata::AuthorizationServerMetadata &server)
{
    static const QStringList kept{u"revocation_endpoint"_s, u"token_endpoint_auth_methods_supported"_s,
                                  u"token_endpoint_auth_signing_alg_values_supported"_s,
                                  u"revocation_endpoint_auth_methods_supported"_s,
                                  u"revocation_endpoint_auth_signing_alg_values_supported"_s};
    QJsonObject document{{u"issuer"_s, server.issuer},
                         {u"authorization_endpoint"_s, server.authorizationEndpoint},
                         {u"token_endpoint"_s, server.tokenEndpoint},
                         {u"response_types_supported"_s, QJsonArray::fromStringList(server.responseTypesSupported)}};
    for (const QString &name : kept) {
        if (server.raw.contains(name))
            document.insert(name, server.raw.value(name));
    }
    return document;
}

Result<QJsonObject> entryObject(QByteArrayView entry)
{
    auto object = parseJsonObject(entry);
    if (!object)
        return invalidEntry(u"it is not JSON that this program wrote."_s); // the parser's words might quote a secret
    if (object->value(u"version").toInt() != entryVersion)
        return invalidEntry(u"another version of this program wrote it."_s);
    return object;
}

} // namespace

QByteArray toEntry(const ClientInformation &client)
{
    QJsonObject object = toJson(client);
    object.insert(u"version"_s, entryVersion);
    return toJsonText(object);
}

QByteArray toEntry(const Authorization &authorization)
{
    return toJsonText(QJsonObject{{u"version"_s, entryVersion},
                                  {u"mcp_url"_s, authorization.mcpUrl},
                                  {u"resource"_s, authorization.resource},
                                  {u"server"_s, essentials(authorization.server)},
                                  {u"client"_s, toJson(authorization.client)},
                                  {u"requested_scopes"_s, QJsonArray::fromStringList(authorization.requestedScopes)},
                                  {u"tokens"_s, toJson(authorization.tokens)}});
}

Result<ClientInformation> clientFromEntry(QByteArrayView entry, const QString &issuer)
{
    const auto object = entryObject(entry);
    if (!object)
        return fail(object.error());
    auto client = clientFrom(*object);
    if (client && client->issuer != issuer)
        return invalidEntry(u"it belongs to another authorization server."_s);
    return client;
}

Result<Authorization> authorizationFromEntry(QByteArrayView entry, const QString &mcpUrl)
{
    const auto object = entryObject(entry);
    if (!object)
        return fail(object.error());
    auto server = Metadata::parseAuthorizationServerMetadata(object->value(u"server").toObject());
    if (!server)
        return invalidEntry(server.error().message);
    auto client = clientFrom(object->value(u"client").toObject());
    if (!client)
        return fail(client.error());
    Authorization authorization{.mcpUrl = object->value(u"mcp_url").toString(),
                                .resource = object->value(u"resource").toString(),
                                .server = *std::move(server),
                                .client = *std::move(client),
                                .requestedScopes = stringsIn(*object, u"requested_scopes"),
                                .tokens = tokensFrom(object->value(u"tokens").toObject())};
    if (authorization.mcpUrl != mcpUrl)
        return invalidEntry(u"it belongs to another MCP server."_s);
    return authorization;
}

Result<> checkStorable(const ClientInformation &client)
{
    if (client.issuer.isEmpty() || client.clientId.isEmpty())
        return fail(u"invalid_stored_credentials"_s, u"Only a client with a known issuer can be kept."_s);
    return {};
}

Result<> checkStorable(const Authorization &authorization)
{
    if (authorization.mcpUrl.isEmpty())
        return fail(u"invalid_stored_credentials"_s, u"Only an authorization for a known MCP server can be kept."_s);
    return {};
}

bool hasExpired(const ClientInformation &client, TimePoint now)
{
    return client.secretExpiresAt && *client.secretExpiresAt <= now;
}

} // namespace McpAuth::OAuth
