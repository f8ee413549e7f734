#include "oauth/registration.h"

#include "http/url.h"
#include "metadata/answer.h"
#include "oauth/untrusted_p.h"

#include <QJsonArray>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

namespace {

std::unexpected<Error> invalidMetadataUrl(const QString &url, const QString &why)
{
    return fail(u"invalid_client_metadata_url"_s, u"This URL cannot be a client ID: %1."_s.arg(why),
                {{u"url"_s, Http::shownUrl(url)}});
}

/// What the provider may be missing, beyond its own words (OpenID Connect Dynamic Client Registration 1.0 §2).
QString advice(int status, const Error &refusal, const ClientMetadata &metadata)
{
    if (status == 401 || status == 403)
        return u"It does not let everyone register: ask its operator for a client ID, and give that."_s;
    if (!isAboutRedirects(refusal))
        return {};
    const QString uris = metadata.redirectUris.join(u", "_s);
    if (metadata.applicationType == u"native")
        return u"To a native client OpenID Connect allows http on loopback and schemes of its own; sent were %1."_s.arg(
            uris);
    return u"To a web client, which is what a client is that names no application_type, OpenID Connect allows https "
           u"beyond localhost only; sent were %1."_s.arg(uris);
}

Error refusal(const Http::ClientResponse &response, const ClientMetadata &metadata)
{
    QJsonObject details = untrustedError(parseJsonObject(response.body).value_or(QJsonObject()));
    const QString words = errorInWords(details);
    QString message = u"The provider refused the registration with HTTP %1"_s.arg(response.status);
    message += words.isEmpty() ? u"."_s : u": "_s + words + u'.';
    details.insert(u"status"_s, response.status);
    details.insert(u"url"_s, Http::shownUrl(response.url));
    Error error{u"registration_refused"_s, message, details};
    if (const QString hint = advice(response.status, error, metadata); !hint.isEmpty())
        error.message += u' ' + hint;
    return error;
}

std::unexpected<Error> invalidResponse(const QString &why, QJsonObject details = {})
{
    return fail(u"invalid_registration_response"_s, u"The provider's registration answer is not usable: "_s + why,
                std::move(details));
}

/// client_secret_expires_at: seconds since 1970, 0 for never (RFC 7591 §3.2.1).
Result<std::optional<TimePoint>> expiryOf(const QJsonObject &body)
{
    const QJsonValue value = body.value(u"client_secret_expires_at");
    if (value.isUndefined())
        return std::nullopt;
    constexpr double latest = 253'402'300'799; // the end of the year 9999
    if (!value.isDouble() || value.toDouble() < 0 || value.toDouble() > latest)
        return invalidResponse(u"client_secret_expires_at is not a time in seconds."_s);
    if (value.toDouble() == 0)
        return std::nullopt;
    return TimePoint(std::chrono::seconds(value.toInteger()));
}

/// What a flow can do without is left out where it cannot be read.
QStringList readLeniently(QJsonObject &body)
{
    QStringList remarks = dropNulls(body, {u"client_secret"_s, u"client_secret_expires_at"_s,
                                           u"token_endpoint_auth_method"_s, u"redirect_uris"_s, u"scope"_s});
    const auto leaveOut = [&](const QString &member, const Error &why) {
        body.remove(member);
        remarks.append(u"In the answer %1 It reads as absent."_s.arg(why.message));
    };
    for (const QString &member : {u"token_endpoint_auth_method"_s, u"scope"_s}) {
        if (const auto text = Json::optionalString(body, member); !text)
            leaveOut(member, text.error());
    }
    if (const auto uris = Json::optionalStrings(body, u"redirect_uris"); !uris)
        leaveOut(u"redirect_uris"_s, uris.error());
    if (!body.value(u"client_secret").toString().isEmpty() && !body.contains(u"client_secret_expires_at"))
        remarks.append(u"`client_secret_expires_at` is missing, which RFC 7591 §3.2.1 requires with a secret."_s);
    return remarks;
}

Result<ClientInformation> clientFrom(QJsonObject body, const QString &issuer, const ClientMetadata &metadata)
{
    QStringList remarks = readLeniently(body);
    const auto id = Json::requiredString(body, u"client_id");
    const auto secret = Json::optionalString(body, u"client_secret");
    const auto method = Json::optionalString(body, u"token_endpoint_auth_method");
    const auto uris = Json::optionalStrings(body, u"redirect_uris");
    const auto scope = Json::optionalString(body, u"scope");
    const auto expiry = expiryOf(body);
    if (!id || id->isEmpty())
        return invalidResponse(u"it has no client_id."_s);
    for (const Error *fault :
         {secret ? nullptr : &secret.error(), method ? nullptr : &method.error(), uris ? nullptr : &uris.error(),
          scope ? nullptr : &scope.error(), expiry ? nullptr : &expiry.error()}) {
        if (fault)
            return invalidResponse(fault->message, fault->details);
    }
    ClientInformation client{.clientId = *id, .issuer = issuer, .origin = ClientInformation::Origin::Dynamic};
    client.clientSecret = Secret(secret->value_or(QString()).toUtf8());
    client.secretExpiresAt = *expiry;
    client.remarks = std::move(remarks);
    if (*method)
        client.registeredMethod = clientAuthMethodFrom(**method);
    client.redirectUris = uris->value_or(metadata.redirectUris);
    client.scopes = scope->value_or(metadata.scope).split(u' ', Qt::SkipEmptyParts);
    return client;
}

} // namespace

bool isAboutRedirects(const Error &error)
{
    const QString description = error.details.value(u"error_description").toString();
    return error.code == u"registration_refused" && (error.details.value(u"error") == u"invalid_redirect_uri"_s ||
                                                     description.contains("redirect"_L1, Qt::CaseInsensitive) ||
                                                     description.contains("application_type"_L1, Qt::CaseInsensitive));
}

QJsonObject toJson(const ClientMetadata &metadata)
{
    QJsonObject object{{u"client_name"_s, metadata.clientName},
                       {u"redirect_uris"_s, QJsonArray::fromStringList(metadata.redirectUris)},
                       {u"grant_types"_s, QJsonArray::fromStringList(metadata.grantTypes)},
                       {u"response_types"_s, QJsonArray::fromStringList(metadata.responseTypes)},
                       {u"token_endpoint_auth_method"_s, toString(metadata.tokenEndpointAuthMethod)}};
    const std::pair<QLatin1StringView, QString> optional[] = {{"client_uri"_L1, metadata.clientUri},
                                                              {"application_type"_L1, metadata.applicationType},
                                                              {"scope"_L1, metadata.scope}};
    for (const auto &[name, value] : optional) {
        if (!value.isEmpty())
            object.insert(name, value);
    }
    return object;
}

Result<> checkClientMetadataUrl(const QString &url)
{
    const auto parts = Http::splitUrl(url);
    if (!parts)
        return invalidMetadataUrl(url, parts.error().message);
    if (parts->scheme != u"https")
        return invalidMetadataUrl(url, u"the scheme must be https"_s);
    if (parts->path.isEmpty() || parts->path == u'/')
        return invalidMetadataUrl(url, u"it has no path, as in https://app.example/client.json"_s);
    if (parts->hasFragment)
        return invalidMetadataUrl(url, u"it has a fragment"_s);
    if (Http::hasDotSegments(parts->path))
        return invalidMetadataUrl(url, u"its path has dot segments"_s);
    return {};
}

Result<QJsonObject> clientIdMetadataDocument(const QString &url, const ClientMetadata &metadata)
{
    if (auto usable = checkClientMetadataUrl(url); !usable)
        return fail(std::move(usable.error()));
    ClientMetadata published = metadata;
    // Who can read the document could read the secret too (CIMD draft §4.1).
    if (published.tokenEndpointAuthMethod != ClientAuthMethod::PrivateKeyJwt)
        published.tokenEndpointAuthMethod = ClientAuthMethod::None;
    QJsonObject document = toJson(published);
    document.insert(u"client_id"_s, url);
    return document;
}

QCoro::Task<Result<ClientInformation>> registerClient(Http::Client *client,
                                                      Metadata::AuthorizationServerMetadata server,
                                                      ClientMetadata metadata, std::stop_token stop)
{
    if (server.registrationEndpoint.value_or(QString()).isEmpty()) {
        co_return fail(u"registration_not_supported"_s,
                       u"The provider has no registration_endpoint: give a client ID that it knows."_s,
                       {{u"issuer"_s, server.issuer}});
    }
    Http::ClientRequest request;
    request.method = "POST";
    request.url = *server.registrationEndpoint;
    request.headers.append(QHttpHeaders::WellKnownHeader::ContentType, "application/json");
    request.headers.append(QHttpHeaders::WellKnownHeader::Accept, "application/json");
    request.body = toJsonText(toJson(metadata));
    request.stop = std::move(stop);
    const auto response = co_await client->send(std::move(request));
    if (!response)
        co_return fail(response.error());
    if (response->status != 201 && response->status != 200) // 201 in RFC 7591 §3.2.1; some say 200
        co_return fail(refusal(*response, metadata));
    const auto body = Metadata::readObject(*response);
    if (!body)
        co_return invalidResponse(body.error().message);
    co_return clientFrom(*body, server.issuer, metadata);
}

} // namespace McpAuth::OAuth
