// oidc-provider, a certified provider: audited, its tokens judged, and the official client led to it by `serve`.
#include "base/json.h"
#include "http/client.h"
#include "interop/node.h"

#include <QJsonArray>
#include <QUrlQuery>

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

const QString resource = u"https://mcp.example/mcp"_s;

struct Kind
{
    const char *algorithm;
    const char *path; ///< of the issuer
};

void PrintTo(const Kind &kind, std::ostream *out)
{
    *out << kind.algorithm << ' ' << kind.path;
}

/// A token by client_credentials, for the resource.
QByteArray tokenOf(const QString &issuer, const QString &scope)
{
    QUrlQuery form;
    form.addQueryItem(u"grant_type"_s, u"client_credentials"_s);
    form.addQueryItem(u"client_id"_s, u"robot"_s);
    form.addQueryItem(u"client_secret"_s, u"robots-secret"_s);
    form.addQueryItem(u"scope"_s, scope);
    form.addQueryItem(u"resource"_s, resource);
    Http::ClientRequest request;
    request.method = "POST";
    request.url = issuer + u"/token"_s;
    request.headers.append("Content-Type", "application/x-www-form-urlencoded");
    request.body = form.toString(QUrl::FullyEncoded).toLatin1();
    Http::Client client;
    const auto response = wait(client.send(request));
    EXPECT_EQ(codeOf(response), u"");
    const QByteArray body = response ? response->body : QByteArray();
    const QJsonObject answer = parseJsonObject(body).value_or(QJsonObject());
    EXPECT_EQ(answer.value(u"token_type"), u"Bearer"_s) << body.constData();
    return answer.value(u"access_token").toString().toLatin1();
}

QJsonObject verdict(const QByteArray &token, const QStringList &words)
{
    return mcpAuthLines(QStringList{u"verify"_s, QString::fromLatin1(token)} + words).value(0);
}

class CertifiedProvider : public Interop, public testing::WithParamInterface<Kind>
{
protected:
    void SetUp() override
    {
        ASSERT_NO_FATAL_FAILURE(Interop::SetUp());
        QStringList words{QString::fromLatin1(GetParam().algorithm)};
        if (hasPath())
            words.append(QString::fromLatin1(GetParam().path));
        m_provider = std::make_unique<Listening>(nodeProgram(), nodeWords(u"provider.mjs"_s, words));
        ASSERT_FALSE(issuer().isEmpty());
    }

    [[nodiscard]] QString issuer() const { return m_provider->url(); }
    [[nodiscard]] static bool hasPath() { return GetParam().path[0] != '\0'; }

    std::unique_ptr<Listening> m_provider;
};

QJsonObject audit(const QString &issuer, const QString &revision = u"2026-07-28"_s)
{
    const ProgramResult result =
        runProgram(mcpAuthProgram(), {u"check"_s, issuer, u"--revision"_s, revision, u"--format"_s, u"json"_s});
    EXPECT_EQ(result.status, 0) << result.error.constData();
    const auto report = parseJson(result.output);
    EXPECT_TRUE(report && report->isArray()) << result.output.constData();
    return report.value_or(QJsonValue())[0].toObject();
}

QMap<QString, QString> levels(const QJsonObject &report)
{
    QMap<QString, QString> levels;
    const QJsonArray findings = report.value(u"findings").toArray();
    for (const QJsonValue &finding : findings)
        levels.insert(finding[u"code"_s].toString(), finding[u"level"_s].toString());
    return levels;
}

QStringList outcomes(const QJsonObject &report)
{
    QStringList outcomes;
    const QJsonArray probes = report.value(u"probes").toArray();
    for (const QJsonValue &probe : probes)
        outcomes.append(probe[u"outcome"_s].toString());
    return outcomes;
}

const QMap<QString, QString> passes{{u"server_metadata_valid"_s, u"pass"_s},
                                    {u"code_response_type_supported"_s, u"pass"_s},
                                    {u"authorization_code_grant_supported"_s, u"pass"_s},
                                    {u"pkce_supported"_s, u"pass"_s},
                                    {u"s256_code_challenge_method_supported"_s, u"pass"_s},
                                    {u"endpoints_valid"_s, u"pass"_s},
                                    {u"public_clients_supported"_s, u"pass"_s},
                                    {u"issuer_matches"_s, u"pass"_s},
                                    {u"jwks_reachable"_s, u"pass"_s}};

QMap<QString, QString> passesAnd(const QString &code, const QString &level)
{
    QMap<QString, QString> expected = passes;
    expected.insert(code, level);
    return expected;
}

} // namespace

TEST_P(CertifiedProvider, IsCompatible)
{
    const QJsonObject report = audit(issuer());
    EXPECT_EQ(report.value(u"compatible"), QJsonValue(true));
    EXPECT_EQ(report.value(u"issuer").toString(), issuer());
    auto expected = passesAnd(u"client_id_metadata_documents_not_supported"_s, u"warning"_s);
    expected.insert(u"iss_parameter_supported"_s, u"pass"_s);
    EXPECT_EQ(levels(report), expected);
    EXPECT_EQ(report.value(u"keys")[0][u"alg"_s], QString::fromLatin1(GetParam().algorithm));
    // It publishes under its own path only: below it both well-known names, and neither where a path is inserted.
    EXPECT_EQ(report.value(u"type").toString(), hasPath() ? u"oidc" : u"oauth");
    EXPECT_EQ(outcomes(report),
              hasPath() ? (QStringList{u"not_found"_s, u"not_found"_s, u"used"_s}) : QStringList{u"used"_s});
}

TEST_P(CertifiedProvider, IssuesTokensThatAreJudgedRight)
{
    const QByteArray good = tokenOf(issuer(), u"mcp:use"_s);
    const QStringList here{u"--issuer"_s, issuer(), u"--scope"_s, u"mcp:use"_s};
    const QJsonObject accepted = verdict(good, here + QStringList{u"--audience"_s, resource, u"--strict"_s});
    EXPECT_TRUE(accepted.value(u"accepted").toBool()) << argument(accepted).toStdString();
    EXPECT_EQ(accepted.value(u"header")[u"alg"_s], QString::fromLatin1(GetParam().algorithm));
    EXPECT_EQ(accepted.value(u"claims")[u"client_id"_s], u"robot"_s);

    EXPECT_EQ(verdict(good, here + QStringList{u"--audience"_s, resource + u'/'}).value(u"error"),
              u"invalid_audience"_s);
    EXPECT_EQ(verdict(good, here + QStringList{u"--scope"_s, u"read:todos"_s}).value(u"error"),
              u"missing_required_scopes"_s);
    EXPECT_EQ(verdict(good, {u"--issuer"_s, issuer() + u'/', u"--jwks"_s, issuer() + u"/jwks"_s}).value(u"error"),
              u"invalid_issuer"_s);
}

/// The whole way: refused, resource metadata, provider metadata, token, call. For a scope that lacks it goes again, but
/// asks for the scopes it was configured with, whatever the challenge says, and gives up.
TEST_P(CertifiedProvider, IsWhereTheOfficialClientIsSentForItsTokens)
{
    const auto server = serve({u"--issuer"_s, issuer(), u"--scope"_s, u"mcp:use"_s});
    const QJsonObject robot{{u"issuer"_s, issuer()},
                            {u"id"_s, u"robot"_s},
                            {u"secret"_s, u"robots-secret"_s},
                            {u"scope"_s, u"mcp:use create:todos"_s}};
    const QJsonArray calls{
        QJsonObject{{u"name"_s, u"whoami"_s}},
        QJsonObject{{u"name"_s, u"create_todo"_s}, {u"arguments"_s, QJsonObject{{u"content"_s, u"Oil the hinge"_s}}}},
        QJsonObject{{u"name"_s, u"list_todos"_s}}};
    const QJsonObject report =
        runScript(u"client.mjs"_s, {argument({{u"url"_s, server->url()}, {u"provider"_s, robot}, {u"calls"_s, calls}})})
            .value(0);
    const QString caller = report.value(u"results")[0][u"content"_s][0][u"text"_s].toString();
    const QJsonObject whoami = parseJsonObject(caller.toUtf8()).value_or(QJsonObject());
    EXPECT_EQ(whoami.value(u"issuer").toString(), issuer()) << argument(report).toStdString();
    EXPECT_EQ(whoami.value(u"subject"), u"robot"_s);
    EXPECT_EQ(whoami.value(u"audience").toArray(), QJsonArray{server->url()});
    EXPECT_EQ(whoami.value(u"scopes").toArray(), (QJsonArray{u"mcp:use"_s, u"create:todos"_s}));
    const QString created = report.value(u"results")[1][u"content"_s][0][u"text"_s].toString();
    EXPECT_TRUE(created.contains(u"Oil the hinge")) << argument(report).toStdString();
    EXPECT_EQ(report.value(u"results")[2][u"error"_s][u"code"_s], 403) << argument(report).toStdString();
}

INSTANTIATE_TEST_SUITE_P(Algorithms, CertifiedProvider,
                         testing::Values(Kind{"RS256", ""}, Kind{"RS256", "/tenant/a"}, Kind{"ES256", ""},
                                         Kind{"ES256", "/tenant/a"}, Kind{"PS256", ""}, Kind{"PS256", "/tenant/a"},
                                         Kind{"EdDSA", ""}, Kind{"EdDSA", "/tenant/a"}),
                         [](const auto &test) {
                             return std::string(test.param.algorithm) + (test.param.path[0] ? "WithPath" : "");
                         });

using CertifiedProviders = Interop;

TEST_F(CertifiedProviders, DoNotSpeakForEachOtherThoughTheirKeysHaveOneName)
{
    const Listening one(nodeProgram(), nodeWords(u"provider.mjs"_s, {u"ES256"_s}));
    const Listening other(nodeProgram(), nodeWords(u"provider.mjs"_s, {u"ES256"_s}));
    const QByteArray token = tokenOf(one.url(), u"mcp:use"_s);
    EXPECT_TRUE(verdict(token, {u"--issuer"_s, one.url()}).value(u"accepted").toBool());
    EXPECT_EQ(verdict(token, {u"--issuer"_s, other.url()}).value(u"error"), u"invalid_issuer"_s);
    EXPECT_EQ(verdict(token, {u"--issuer"_s, one.url(), u"--jwks"_s, other.url() + u"/jwks"_s}).value(u"error"),
              u"invalid_token"_s);
}

TEST_F(CertifiedProviders, WithRegistrationLeaveNothingToWarnOf)
{
    const Listening provider(nodeProgram(), nodeWords(u"provider.mjs"_s, {u"ES256"_s, u"--registration"_s}));
    // Dynamic registration is what the revisions until 2025-06-18 ask for; later ones prefer metadata documents.
    const QJsonObject report = audit(provider.url(), u"2025-06-18"_s);
    EXPECT_EQ(levels(report), passesAnd(u"dynamic_registration_supported"_s, u"pass"_s));
    EXPECT_EQ(report.value(u"summary")[u"warning"_s], 0);
    EXPECT_EQ(audit(provider.url()).value(u"summary")[u"warning"_s], 1);
}
