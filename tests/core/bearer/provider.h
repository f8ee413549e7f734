// A provider on loopback with real keys, for tests of what trusts it.
#pragma once

#include "http/router.h"
#include "http/server.h"
#include "jose/sign.h"
#include "support/clock.h"

#include <QJsonArray>

#include <gtest/gtest.h>

namespace McpAuth::Test {

inline Jose::Key newKey(const QByteArray &algorithm = "ES256")
{
    return Jose::generateKey(*Jose::findAlgorithm(algorithm)).value();
}

/// {"keys": […]} as text.
inline QByteArray keySetText(const QList<Jose::Key> &keys)
{
    QJsonArray array;
    for (const Jose::Key &key : keys)
        array.append(key.publicJwk());
    return toJsonText(QJsonObject{{QStringLiteral("keys"), array}});
}

class Provider
{
public:
    Provider()
        : m_server([this](Http::Request request) { return answer(std::move(request)); })
    {
        EXPECT_TRUE(m_server.listen());
        // Spaces and order that no JSON writer would make: what is passed on must be these bytes.
        metadata = "{ \"jwks_uri\":\"" + origin().toUtf8() + "/jwks\",\n  \"issuer\" : \"" + origin().toUtf8() +
                   "\", \"authorization_endpoint\":\"https://login.example/authorize\","
                   " \"token_endpoint\":\"https://login.example/token?x=\\u0026\","
                   " \"response_types_supported\":[\"code\"], \"code_challenge_methods_supported\":[\"S256\"] }";
        keys = keySetText({key});
    }

    [[nodiscard]] QString origin() const { return m_server.origin(); }
    [[nodiscard]] QString issuer() const { return m_server.origin(); }

    Jose::Key key = newKey();
    QByteArray metadata;
    QByteArray keys;
    int metadataStatus = 200;
    QByteArray onlyPlace; ///< of the metadata; elsewhere 404. Empty: everywhere
    int keysStatus = 200;
    int metadataFetches = 0;
    int keyFetches = 0;

private:
    QCoro::Task<Http::Response> answer(Http::Request request)
    {
        if (request.path() == "/jwks") {
            ++keyFetches;
            return respond(keysStatus, keys);
        }
        ++metadataFetches;
        if (!onlyPlace.isEmpty() && request.path() != onlyPlace)
            return respond(404, {});
        return respond(metadataStatus, metadata);
    }

    static QCoro::Task<Http::Response> respond(int status, QByteArray text)
    {
        co_return Http::Response::jsonText(status, text);
    }

    Http::Server m_server;
};

/// Claims that a careful endpoint takes, for 10 minutes from the clock's present.
inline QJsonObject goodClaims(const QString &issuer, const ManualClock &clock)
{
    return {{QStringLiteral("iss"), issuer},
            {QStringLiteral("sub"), QStringLiteral("alice")},
            {QStringLiteral("aud"), QStringLiteral("https://mcp.example/mcp")},
            {QStringLiteral("client_id"), QStringLiteral("demo-client")},
            {QStringLiteral("scope"), QStringLiteral("read write")},
            {QStringLiteral("iat"), clock.seconds()},
            {QStringLiteral("exp"), clock.seconds() + 600}};
}

inline QJsonObject with(QJsonObject object, const QString &member, const QJsonValue &value)
{
    object.insert(member, value);
    return object;
}

inline QJsonObject without(QJsonObject object, const QString &member)
{
    object.remove(member);
    return object;
}

inline Secret signedToken(const QJsonObject &claims, const Jose::Key &key, const QJsonObject &header = {})
{
    return Secret(Jose::signJwt(header, claims, key).value());
}

inline Http::Request anonymousRequest()
{
    Http::Request request;
    request.method = "POST";
    request.target = "/mcp";
    return request;
}

inline Http::Request requestWithHeader(const QByteArray &authorization)
{
    Http::Request request = anonymousRequest();
    request.headers.append("Authorization", authorization);
    return request;
}

inline Http::Request requestWith(const Secret &token)
{
    return requestWithHeader("Bearer " + token.reveal());
}

} // namespace McpAuth::Test
