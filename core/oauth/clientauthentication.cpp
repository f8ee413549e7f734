#include "base/base64url.h"
#include "jose/sign.h"
#include "oauth/clientauthentication_p.h"

#include <QJsonArray>

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace McpAuth::OAuth {

namespace {

constexpr std::array proofFields{u"client_id", u"client_secret", u"client_assertion", u"client_assertion_type"};
constexpr std::array secretFields{u"client_secret", u"client_assertion", u"code",  u"code_verifier",
                                  u"refresh_token", u"assertion",        u"token", u"password"};

/// RFC 6749 §2.3.1: both are form-encoded before they are joined, or a ':' in the ID would end it.
QByteArray formEncoded(const QString &text)
{
    return Http::toFormText({{QString(), text}}).sliced(1);
}

QByteArray basicCredentials(const ClientInformation &client)
{
    const QByteArray pair =
        formEncoded(client.clientId) + ':' + formEncoded(QString::fromUtf8(client.clientSecret.reveal()));
    return "Basic " + pair.toBase64();
}

/// Those to try for an assertion, in order; an empty name leaves the choice to the key.
QList<QByteArray> signingAlgorithms(const Metadata::AuthorizationServerMetadata &server,
                                    const ClientInformation &client)
{
    if (!client.keyAlgorithm.isEmpty())
        return {client.keyAlgorithm};
    const auto &supported = server.tokenEndpointAuthSigningAlgValuesSupported;
    if (!client.key.alg().isEmpty() || !supported)
        return {QByteArray()};
    QList<QByteArray> names;
    for (const QByteArray &name : Jose::asymmetricAlgorithmNames()) {
        if (supported->contains(QString::fromLatin1(name)))
            names.append(name);
    }
    return names;
}

/// RFC 7523 §3.
QJsonObject assertionClaims(const Metadata::AuthorizationServerMetadata &server, const ClientInformation &client,
                            TimePoint now)
{
    const bool isForIssuer = client.assertionAudience == AssertionAudience::Issuer;
    const qint64 issued = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    return {{u"iss"_s, client.clientId},
            {u"sub"_s, client.clientId},
            {u"aud"_s, isForIssuer ? server.issuer : server.tokenEndpoint},
            {u"iat"_s, issued},
            {u"exp"_s, issued + qint64(assertionLifetime.count())},
            {u"jti"_s, QString::fromLatin1(encodeBase64Url(Jose::randomBytes(16)))}};
}

Result<QByteArray> clientAssertion(const Metadata::AuthorizationServerMetadata &server, const ClientInformation &client,
                                   TimePoint now)
{
    const QJsonObject claims = assertionClaims(server, client, now);
    std::optional<Error> failure;
    for (const QByteArray &algorithm : signingAlgorithms(server, client)) {
        QJsonObject header{{u"typ"_s, u"JWT"_s}};
        if (!algorithm.isEmpty())
            header.insert(u"alg"_s, QString::fromLatin1(algorithm));
        auto assertion = Jose::signJwt(header, claims, client.key);
        if (assertion)
            return assertion;
        failure = assertion.error();
    }
    const auto &supported = server.tokenEndpointAuthSigningAlgValuesSupported;
    if (failure && (!client.keyAlgorithm.isEmpty() || !supported))
        return fail(*std::move(failure));
    return fail(u"no_signing_algorithm"_s,
                u"The authorization server takes client assertions signed with %1, and this client's key does none of "
                u"these: give it another key."_s.arg(supported->join(u", "_s)),
                {{u"supported"_s, QJsonArray::fromStringList(*supported)}});
}

} // namespace

Result<> authenticateClient(Http::ClientRequest &request, Http::Form &form,
                            const Metadata::AuthorizationServerMetadata &server, const ClientInformation &client,
                            TimePoint now)
{
    const auto method = chooseClientAuthMethod(server, client);
    if (!method)
        return fail(method.error());
    form.removeIf([](const auto &field) { return std::ranges::contains(proofFields, QStringView(field.first)); });
    if (*method == ClientAuthMethod::ClientSecretBasic) {
        request.headers.append(QHttpHeaders::WellKnownHeader::Authorization, basicCredentials(client));
        return {};
    }
    form.emplace_back(u"client_id"_s, client.clientId);
    if (*method == ClientAuthMethod::ClientSecretPost)
        form.emplace_back(u"client_secret"_s, QString::fromUtf8(client.clientSecret.reveal()));
    if (*method != ClientAuthMethod::PrivateKeyJwt)
        return {};
    const auto assertion = clientAssertion(server, client, now);
    if (!assertion)
        return fail(assertion.error());
    form.emplace_back(u"client_assertion_type"_s, u"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"_s);
    form.emplace_back(u"client_assertion"_s, QString::fromLatin1(*assertion));
    return {};
}

QString hintAfterRefusal(const Metadata::AuthorizationServerMetadata &server, const ClientInformation &client)
{
    const auto method = chooseClientAuthMethod(server, client);
    if (method == ClientAuthMethod::PrivateKeyJwt && client.assertionAudience == AssertionAudience::Issuer)
        return u"The client's assertion is for the issuer, as it should be. Some providers take only one for their "
               "token endpoint: try that assertion audience."_s;
    const QString credentials = client.clientId + QString::fromUtf8(client.clientSecret.reveal());
    if (method == ClientAuthMethod::ClientSecretBasic && formEncoded(credentials) != credentials.toUtf8())
        return u"The client ID or its secret has characters that client_secret_basic encodes (RFC 6749 §2.3.1), which "
               "some providers do not decode: try client_secret_post."_s;
    return {};
}

QList<Secret> secretsOf(const Http::ClientRequest &request, const Http::Form &form, const ClientInformation &client)
{
    const QByteArray credentials = request.headers.value(QHttpHeaders::WellKnownHeader::Authorization).toByteArray();
    QList<Secret> secrets{client.clientSecret, Secret(formEncoded(QString::fromUtf8(client.clientSecret.reveal()))),
                          Secret(credentials.sliced(credentials.indexOf(' ') + 1))};
    for (const auto &[name, value] : form) {
        if (std::ranges::contains(secretFields, QStringView(name)))
            secrets.append(Secret(value.toUtf8()));
    }
    return secrets;
}

} // namespace McpAuth::OAuth
