// mcp-auth's Node server and ours, side by side on the same tokens and requests: the same status and the same error
// code, but for the differences in the tables, each with what asks for it.
#include "base/json.h"
#include "http/challenge.h"
#include "interop/node.h"
#include "interop/parity_differences.h"
#include "interop/published.h"
#include "support/rawclient.h"

#include <QJsonArray>
#include <QUrl>

#include <algorithm>

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

const QString resource = u"https://mcp.example/mcp"_s;

/// Status and the body's error code, as in "401 invalid_token"; "200" without one.
std::string said(const RawResponse &response)
{
    const QString error = parseJsonObject(response.body).value_or(QJsonObject()).value(u"error").toString();
    return std::to_string(response.status) + (error.isEmpty() ? "" : ' ' + error.toStdString());
}

QJsonObject bodyOf(const RawResponse &response)
{
    return parseJsonObject(response.body).value_or(QJsonObject());
}

/// Both servers trust one provider, whose keys cannot be had yet.
class ParityWithoutKeys : public Interop
{
protected:
    void SetUp() override
    {
        ASSERT_NO_FATAL_FAILURE(Interop::SetUp());
        start(false);
        m_forgeries = runScript(u"forgeries.mjs"_s, {m_provider.issuer(), resource});
        ASSERT_GT(m_forgeries.size(), 1);
        m_keys = m_forgeries.takeFirst().value(u"jwks").toObject();
    }

    void start(bool details)
    {
        QStringList words{u"--issuer"_s, m_provider.issuer(), u"--resource"_s, resource,
                          u"--scope"_s,  u"read"_s,           u"--scope"_s,    u"write"_s};
        if (details)
            words.append(u"--show-error-details"_s);
        m_ours = serve(words);
        const QJsonObject options{{u"issuer"_s, m_provider.issuer()},
                                  {u"resource"_s, resource},
                                  {u"scopes"_s, QJsonArray{u"read"_s, u"write"_s}},
                                  {u"details"_s, details}};
        m_theirs = std::make_unique<Listening>(nodeProgram(), nodeWords(u"server.mjs"_s, {argument(options)}));
    }

    /// POST /mcp with these header lines, each ended by CR LF.
    static RawResponse post(const Listening &server, const QByteArray &fields)
    {
        const QByteArray hello =
            R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",)"
            R"("capabilities":{},"clientInfo":{"name":"t","version":"1"}}})";
        RawClient client(static_cast<quint16>(QUrl(server.url()).port()));
        client.send("POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                    "Accept: application/json, text/event-stream\r\nConnection: close\r\n" +
                    fields + "Content-Length: " + QByteArray::number(hello.size()) + "\r\n\r\n" + hello);
        return client.response();
    }
    [[nodiscard]] RawResponse ours(const QByteArray &fields) const { return post(*m_ours, fields); }
    [[nodiscard]] RawResponse theirs(const QByteArray &fields) const { return post(*m_theirs, fields); }

    [[nodiscard]] QByteArray token(const QString &name) const
    {
        const auto found =
            std::ranges::find_if(m_forgeries, [&](const auto &one) { return one.value(u"name") == name; });
        return found == m_forgeries.end() ? QByteArray() : found->value(u"token").toString().toUtf8();
    }
    [[nodiscard]] QByteArray bearer(const QString &name) const
    {
        return "Authorization: Bearer " + token(name) + "\r\n";
    }

    PublishedKeys m_provider;
    QJsonObject m_keys;
    QList<QJsonObject> m_forgeries;
    std::unique_ptr<Listening> m_ours;
    std::unique_ptr<Listening> m_theirs;
};

class Parity : public ParityWithoutKeys
{
protected:
    void SetUp() override
    {
        ASSERT_NO_FATAL_FAILURE(ParityWithoutKeys::SetUp());
        m_provider.setKeys(m_keys);
    }
};

} // namespace

TEST_F(Parity, OfStatusAndErrorCodeForEveryToken)
{
    QHash<QString, const Difference *> expected;
    for (const Difference &difference : differences)
        expected.insert(QString::fromLatin1(difference.name), &difference);

    int same = 0;
    for (const QJsonObject &forgery : m_forgeries) {
        const QString name = forgery.value(u"name").toString();
        const std::string here = said(ours(bearer(name)));
        const std::string there = said(theirs(bearer(name)));
        SCOPED_TRACE(name.toStdString());
        if (const Difference *difference = expected.take(name)) {
            EXPECT_EQ(here, difference->ours) << difference->reason;
            EXPECT_EQ(there, difference->theirs) << difference->reason;
        } else {
            EXPECT_EQ(here, there);
            ++same;
        }
    }
    EXPECT_TRUE(expected.isEmpty()) << "no such token: " << QStringList(expected.keys()).join(u", "_s).toStdString();
    EXPECT_GE(same, 180);
}

TEST_F(Parity, OfStatusAndErrorCodeForEveryAuthorizationHeader)
{
    const QByteArray good = token(u"RS256"_s);
    const struct
    {
        QByteArray fields;
        const char *ours;
        const char *theirs;
        const char *reason;
    } rows[]{
        {"", "401 missing_auth_header", "401 missing_auth_header", ""},
        {"Authorization:\r\n", "401 missing_auth_header", "401 missing_auth_header", ""},
        {"Authorization: Basic YTpi\r\n", "401 invalid_auth_header_format", "401 invalid_auth_header_format", ""},
        {"Authorization: Bearer\r\n", "401 missing_bearer_token", "401 missing_bearer_token", ""},
        {"Authorization: " + good + "\r\n", "401 invalid_auth_header_format", "401 invalid_auth_header_format", ""},
        {"Authorization: Bearer " + good + " x\r\n", "401 invalid_auth_header_format", "401 invalid_auth_header_format",
         ""},
        {"Authorization: bearer " + good + "\r\n", "200", "200", ""},
        {"authorization: BEARER " + good + "\r\n", "200", "200", ""},
        {"Authorization: Bearer  " + good + "\r\n", "200", "401 invalid_auth_header_format",
         "RFC 9110 §11.4: one space or more"},
        {"Authorization: Bearer " + good + "\r\nAuthorization: Bearer " + good + "\r\n",
         "401 invalid_auth_header_format", "200", "RFC 6750 §2: one field; Node drops the second unseen"},
    };
    for (const auto &row : rows) {
        SCOPED_TRACE(row.fields.first(std::min<qsizetype>(row.fields.size(), 40)).toStdString());
        EXPECT_EQ(said(ours(row.fields)), row.ours) << row.reason;
        EXPECT_EQ(said(theirs(row.fields)), row.theirs) << row.reason;
    }
}

/// mcp-auth puts its own codes into WWW-Authenticate; we put the registered words there (mcp-auth.md, Errors).
TEST_F(Parity, OfChallengesButForTheWords)
{
    const struct
    {
        QByteArray fields;
        const char *ours;
        const char *theirs;
        bool theyNameMetadata;
    } rows[]{
        {"", "", "missing_auth_header", true},
        {"Authorization: Basic YTpi\r\n", "", "invalid_auth_header_format", true}, // RFC 6750 §3.1
        {"Authorization: Bearer a b\r\n", "invalid_request", "invalid_auth_header_format", true},
        {"Authorization: Bearer\r\n", "", "missing_bearer_token", true},
        {bearer(u"iss of another"_s), "invalid_token", "invalid_issuer", true},
        {bearer(u"aud of another"_s), "invalid_token", "invalid_audience", true},
        {bearer(u"expired an hour ago"_s), "invalid_token", "invalid_token", true},
        {bearer(u"scope of two only one"_s), "insufficient_scope", "missing_required_scopes", false},
    };
    const QByteArray metadata = "https://mcp.example/.well-known/oauth-protected-resource/mcp";
    for (const auto &row : rows) {
        SCOPED_TRACE(row.theirs);
        const auto here = Http::parseChallenges(ours(row.fields).header("WWW-Authenticate"));
        const QByteArray there = theirs(row.fields).header("WWW-Authenticate");
        ASSERT_TRUE(here && here->size() == 1);
        EXPECT_EQ(here->first().parameter("error"), row.ours);
        // As text: where their sentence has quotes, the field cannot be parsed.
        EXPECT_TRUE(there.contains("error=\"" + QByteArray(row.theirs) + '"')) << there.constData();
        EXPECT_EQ(here->first().parameter("resource_metadata"), metadata);
        EXPECT_EQ(there.contains("resource_metadata=\"" + metadata + '"'), row.theyNameMetadata) << there.constData();
        EXPECT_EQ(here->first().parameter("scope"), "read write"); // MCP 2025-11-25 and later
        EXPECT_FALSE(there.contains("scope=")) << there.constData();
    }
}

TEST_F(Parity, OfBodiesWithAndWithoutDetails)
{
    const QByteArray tooLittle = bearer(u"scope of two only one"_s);
    const QByteArray ofAnother = bearer(u"aud of another"_s);
    EXPECT_EQ(bodyOf(ours(tooLittle)).value(u"missing_scopes").toArray(), QJsonArray{u"write"_s});
    EXPECT_EQ(bodyOf(theirs(tooLittle)).value(u"missing_scopes").toArray(), QJsonArray{u"write"_s});
    for (const bool details : {false, true}) {
        if (details)
            start(true);
        for (const QJsonObject &body : {bodyOf(ours(ofAnother)), bodyOf(theirs(ofAnother))}) {
            EXPECT_TRUE(body.value(u"error_description").isString()) << argument(body).toStdString();
            EXPECT_EQ(body.contains(u"cause"), details) << argument(body).toStdString();
        }
    }
}

TEST_F(Parity, OfTheResourceMetadata)
{
    const auto document = [](const Listening &server) {
        RawClient client(static_cast<quint16>(QUrl(server.url()).port()));
        client.send("GET /.well-known/oauth-protected-resource/mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    "Origin: https://web.example\r\nConnection: close\r\n\r\n");
        return client.response();
    };
    const RawResponse here = document(*m_ours);
    const RawResponse there = document(*m_theirs);
    EXPECT_EQ(here.status, 200);
    EXPECT_EQ(there.status, 200);
    EXPECT_EQ(here.header("Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(there.header("Access-Control-Allow-Origin"), "*");
    for (const auto member : {u"resource", u"authorization_servers"}) {
        EXPECT_FALSE(bodyOf(here).value(QStringView(member)).isUndefined());
        EXPECT_EQ(bodyOf(here).value(QStringView(member)), bodyOf(there).value(QStringView(member)));
    }
}

/// mcp-auth blames the token when the provider's keys cannot be had; mcp-auth.md's table makes it the provider's fault.
TEST_F(ParityWithoutKeys, BlamesTheProviderWhereTheirsBlamesTheToken)
{
    EXPECT_EQ(said(ours(bearer(u"RS256"_s))), "500 server_error");
    EXPECT_EQ(said(theirs(bearer(u"RS256"_s))), "401 invalid_token");
}

TEST_F(ParityWithoutKeys, AnotherIssuersTokenIsRefusedBeforeAnyKeyIsFetched)
{
    EXPECT_EQ(said(ours(bearer(u"iss of another"_s))), "401 invalid_issuer");
    EXPECT_EQ(said(theirs(bearer(u"iss of another"_s))), "401 invalid_issuer");
}
