// What a client says about itself, checked: the same for registrations and for metadata documents.
#include "demo/oauthclient_p.h"
#include "demo/redirecturi_p.h"
#include "http/url.h"
#include "jose/keyset.h"

#include <QJsonArray>

#include <algorithm>
#include <array>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype maxText = 500; // of a name, a URL…
constexpr qsizetype maxRedirectUris = 50;

std::unexpected<Error> metadataRefused(const QString &why)
{
    return fail(u"invalid_client_metadata"_s, why);
}

enum class Kind { Text, Url, Texts };

struct Member
{
    QLatin1StringView name;
    Kind kind;
};

// Kept as they are when they have their type (RFC 7591 §2).
constexpr std::array descriptive{
    Member{"client_name"_L1, Kind::Text},      Member{"client_uri"_L1, Kind::Url},
    Member{"logo_uri"_L1, Kind::Url},          Member{"tos_uri"_L1, Kind::Url},
    Member{"policy_uri"_L1, Kind::Url},        Member{"scope"_L1, Kind::Text},
    Member{"contacts"_L1, Kind::Texts},        Member{"software_id"_L1, Kind::Text},
    Member{"software_version"_L1, Kind::Text},
};

bool isPlainText(const QString &text)
{
    return text.size() <= maxText && std::ranges::none_of(text, [](QChar c) {
               return c.category() == QChar::Other_Control || c.category() == QChar::Other_Format;
           });
}

bool fits(const QJsonValue &value, Kind kind)
{
    if (kind == Kind::Texts) {
        const auto texts = Json::strings(value);
        return texts && texts->size() <= maxRedirectUris && std::ranges::all_of(*texts, isPlainText);
    }
    if (!value.isString() || !isPlainText(value.toString()))
        return false;
    return kind == Kind::Text || Http::splitUrl(value.toString()).has_value();
}

Result<> copyDescription(const QJsonObject &from, QJsonObject *to)
{
    for (const auto &[name, kind] : descriptive) {
        const QJsonValue value = from.value(name);
        if (value.isUndefined())
            continue;
        if (!fits(value, kind))
            return metadataRefused(u"%1 is not what it should be, or too long."_s.arg(name));
        to->insert(name, value);
    }
    return {};
}

/// A member that is one of a list of values; its default when it is absent.
Result<QString> choice(const QJsonObject &metadata, QLatin1StringView name, const QString &byDefault,
                       const QStringList &allowed)
{
    const QJsonValue value = metadata.value(name);
    if (value.isUndefined())
        return byDefault;
    if (!allowed.contains(value.toString()))
        return metadataRefused(u"%1 must be one of: %2."_s.arg(name, allowed.join(u", "_s)));
    return value.toString();
}

/// The same for a list; values that are not known are left out, as the server may (RFC 7591 §3.2.1).
Result<QStringList> choices(const QJsonObject &metadata, QLatin1StringView name, const QStringList &byDefault,
                            const QStringList &allowed)
{
    const QJsonValue value = metadata.value(name);
    if (value.isUndefined())
        return byDefault;
    auto chosen = Json::strings(value);
    if (!chosen)
        return metadataRefused(u"%1 must be a list of strings."_s.arg(name));
    chosen->removeIf([&](const QString &one) { return !allowed.contains(one); });
    chosen->removeDuplicates();
    if (chosen->isEmpty())
        return metadataRefused(u"%1 has nothing that is supported: %2."_s.arg(name, allowed.join(u", "_s)));
    return *chosen;
}

Result<QStringList> redirectUris(const QJsonObject &metadata, const QString &applicationType, bool needed)
{
    const QJsonValue value = metadata.value("redirect_uris"_L1);
    const auto uris = value.isUndefined() ? QStringList() : Json::strings(value);
    if (!uris || uris->size() > maxRedirectUris)
        return fail(u"invalid_redirect_uri"_s, u"redirect_uris must be a list of strings, and not too many."_s);
    if (uris->isEmpty() && needed)
        return fail(u"invalid_redirect_uri"_s, u"redirect_uris is missing or empty."_s);
    for (const QString &uri : *uris) {
        if (auto good = checkRedirectUri(uri, applicationType); !good)
            return fail(good.error());
    }
    return *uris;
}

QStringList authMethodsFor(const ClientMetadataRules &rules)
{
    const QStringList safe{u"none"_s, u"private_key_jwt"_s};
    return rules.allowsSecrets ? safe + QStringList{u"client_secret_basic"_s, u"client_secret_post"_s} : safe;
}

/// What the method needs, and nothing against it.
Result<> checkProof(const QJsonObject &metadata, const QString &method, const QStringList &grants)
{
    if (method == "none"_L1 && grants.contains("client_credentials"_L1))
        return metadataRefused(u"client_credentials needs a client that can authenticate itself."_s);
    const QJsonValue keys = metadata.value("jwks"_L1);
    if (keys.isUndefined() && method == "private_key_jwt"_L1)
        return metadataRefused(u"private_key_jwt needs the client's public keys as jwks; jwks_uri is not supported."_s);
    if (keys.isUndefined())
        return {};
    const auto set = Jose::parseKeySet(keys.toObject());
    if (!set || set->keys.isEmpty())
        return metadataRefused(u"jwks has no usable public key."_s);
    return {};
}

/// response_types go with grant_types (RFC 7591 §2.1).
Result<QStringList> responseTypes(const QJsonObject &metadata, const QStringList &grants)
{
    if (!grants.contains("authorization_code"_L1))
        return QStringList();
    return choices(metadata, "response_types"_L1, {u"code"_s}, {u"code"_s});
}

} // namespace

Result<QJsonObject> checkedClientMetadata(const QJsonObject &metadata, const ClientMetadataRules &rules)
{
    QJsonObject checked;
    if (auto described = copyDescription(metadata, &checked); !described)
        return fail(described.error());
    const auto type = choice(metadata, "application_type"_L1, {}, {u"web"_s, u"native"_s});
    const auto method =
        choice(metadata, "token_endpoint_auth_method"_L1, rules.defaultAuthMethod, authMethodsFor(rules));
    const auto grants = choices(metadata, "grant_types"_L1, {u"authorization_code"_s},
                                {u"authorization_code"_s, u"refresh_token"_s, u"client_credentials"_s});
    if (!type || !method || !grants)
        return fail(!type ? type.error() : !method ? method.error() : grants.error());
    const auto responses = responseTypes(metadata, *grants);
    if (!responses)
        return fail(responses.error());
    const auto uris = redirectUris(metadata, *type, !responses->isEmpty());
    if (!uris)
        return fail(uris.error());
    if (auto proof = checkProof(metadata, *method, *grants); !proof)
        return fail(proof.error());
    if (!type->isEmpty())
        checked.insert(u"application_type"_s, *type);
    if (metadata.contains("jwks"_L1))
        checked.insert(u"jwks"_s, metadata.value("jwks"_L1));
    checked.insert(u"redirect_uris"_s, QJsonArray::fromStringList(*uris));
    checked.insert(u"grant_types"_s, QJsonArray::fromStringList(*grants));
    checked.insert(u"response_types"_s, QJsonArray::fromStringList(*responses));
    checked.insert(u"token_endpoint_auth_method"_s, *method);
    return checked;
}

OAuthClient clientFrom(const QString &id, ClientOrigin origin, const QJsonObject &metadata)
{
    OAuthClient client{.id = id, .name = metadata.value("client_name"_L1).toString(), .origin = origin};
    client.redirectUris = Json::strings(metadata.value("redirect_uris"_L1)).value_or(QStringList());
    client.grantTypes = Json::strings(metadata.value("grant_types"_L1)).value_or(QStringList());
    client.authMethods = {metadata.value("token_endpoint_auth_method"_L1).toString()};
    if (const auto set = Jose::parseKeySet(metadata.value("jwks"_L1).toObject()))
        client.keys = set->keys;
    return client;
}

} // namespace McpAuth::Demo
