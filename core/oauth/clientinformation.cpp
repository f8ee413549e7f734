#include "oauth/clientinformation.h"

#include <QJsonArray>

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace McpAuth::OAuth {

namespace {

struct Method
{
    ClientAuthMethod method;
    QLatin1StringView name;
    bool (*canBeUsedBy)(const ClientInformation &client);
};

bool hasSecret(const ClientInformation &client)
{
    return !client.clientSecret.isEmpty();
}

bool hasSigningKey(const ClientInformation &client)
{
    return !client.key.isNull() && client.key.isPrivate() && client.key.type() != Jose::KeyType::Oct;
}

/// The best first.
constexpr std::array authMethods{
    Method{ClientAuthMethod::PrivateKeyJwt, QLatin1StringView("private_key_jwt"), hasSigningKey},
    Method{ClientAuthMethod::ClientSecretBasic, QLatin1StringView("client_secret_basic"), hasSecret},
    Method{ClientAuthMethod::ClientSecretPost, QLatin1StringView("client_secret_post"), hasSecret},
    Method{ClientAuthMethod::None, QLatin1StringView("none"), [](const ClientInformation &) { return true; }},
};

} // namespace

QString toString(ClientAuthMethod method)
{
    return std::ranges::find(authMethods, method, &Method::method)->name;
}

std::optional<ClientAuthMethod> clientAuthMethodFrom(QStringView name)
{
    const auto found = std::ranges::find_if(authMethods, [name](const Method &method) { return method.name == name; });
    return found == authMethods.end() ? std::nullopt : std::optional(found->method);
}

Result<ClientAuthMethod> chooseClientAuthMethod(const Metadata::AuthorizationServerMetadata &server,
                                                const ClientInformation &client)
{
    const auto registered = std::ranges::find_if(
        authMethods, [&](const Method &method) { return client.registeredMethod == method.method; });
    if (registered != authMethods.end() && registered->canBeUsedBy(client))
        return registered->method;
    if (!hasSecret(client) && !hasSigningKey(client))
        return ClientAuthMethod::None;
    const QStringList supported =
        server.tokenEndpointAuthMethodsSupported.value_or(QStringList{u"client_secret_basic"_s});
    const auto chosen = std::ranges::find_if(authMethods, [&](const Method &method) {
        return method.canBeUsedBy(client) && supported.contains(method.name);
    });
    if (chosen != authMethods.end())
        return chosen->method;
    return fail(u"no_client_auth_method"_s,
                u"The authorization server authenticates clients with %1, and nothing of that can be done with what "
                u"this client has: give it a %2."_s.arg(supported.isEmpty() ? u"no method"_s : supported.join(u", "_s),
                                                        hasSecret(client) ? u"private key"_s : u"client secret"_s),
                {{u"supported"_s, QJsonArray::fromStringList(supported)}});
}

} // namespace McpAuth::OAuth
