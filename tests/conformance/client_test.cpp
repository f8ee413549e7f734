// `mcp-auth conformance-client` under the official suite: every scenario that a revision requires of clients.
#include "conformance/suite.h"
#include "support/result.h"

using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

struct Required
{
    const char *scenario;
    const char *revision; ///< empty: an extension, which belongs to none
};

void PrintTo(const Required &one, std::ostream *out)
{
    *out << one.scenario << ' ' << one.revision;
}

constexpr Required required[] = {
    {"auth/basic-cimd", "2025-11-25"},
    {"auth/metadata-default", "2025-11-25"},
    {"auth/metadata-var1", "2025-11-25"},
    {"auth/metadata-var2", "2025-11-25"},
    {"auth/metadata-var3", "2025-11-25"},
    {"auth/pre-registration", "2025-11-25"},
    {"auth/scope-from-scopes-supported", "2025-11-25"},
    {"auth/scope-from-www-authenticate", "2025-11-25"},
    {"auth/scope-omitted-when-undefined", "2025-11-25"},
    {"auth/scope-retry-limit", "2025-11-25"},
    {"auth/scope-step-up", "2025-11-25"},
    {"auth/token-endpoint-auth-basic", "2025-11-25"},
    {"auth/token-endpoint-auth-none", "2025-11-25"},
    {"auth/token-endpoint-auth-post", "2025-11-25"},
    {"elicitation-sep1034-client-defaults", "2025-11-25"},
    {"initialize", "2025-11-25"},
    {"sse-retry", "2025-11-25"},
    {"tools_call", "2025-11-25"},

    {"auth/authorization-server-migration", "2026-07-28"},
    {"auth/basic-cimd", "2026-07-28"},
    {"auth/iss-normalized", "2026-07-28"},
    {"auth/iss-not-advertised", "2026-07-28"},
    {"auth/iss-supported", "2026-07-28"},
    {"auth/iss-supported-missing", "2026-07-28"},
    {"auth/iss-unexpected", "2026-07-28"},
    {"auth/iss-wrong-issuer", "2026-07-28"},
    {"auth/metadata-default", "2026-07-28"},
    {"auth/metadata-issuer-mismatch", "2026-07-28"},
    {"auth/metadata-var1", "2026-07-28"},
    {"auth/metadata-var2", "2026-07-28"},
    {"auth/metadata-var3", "2026-07-28"},
    {"auth/offline-access-not-supported", "2026-07-28"},
    {"auth/offline-access-scope", "2026-07-28"},
    {"auth/pre-registration", "2026-07-28"},
    {"auth/resource-mismatch", "2026-07-28"},
    {"auth/scope-from-scopes-supported", "2026-07-28"},
    {"auth/scope-from-www-authenticate", "2026-07-28"},
    {"auth/scope-omitted-when-undefined", "2026-07-28"},
    {"auth/scope-retry-limit", "2026-07-28"},
    {"auth/scope-step-up", "2026-07-28"},
    {"auth/token-endpoint-auth-basic", "2026-07-28"},
    {"auth/token-endpoint-auth-none", "2026-07-28"},
    {"auth/token-endpoint-auth-post", "2026-07-28"},
    {"http-custom-headers", "2026-07-28"},
    {"http-invalid-tool-headers", "2026-07-28"},
    {"http-standard-headers", "2026-07-28"},
    {"json-schema-ref-no-deref", "2026-07-28"},
    {"request-metadata", "2026-07-28"},
    {"sep-2322-client-request-state", "2026-07-28"},
    {"tools_call", "2026-07-28"},
};

/// Beyond what is required: earlier revisions, clients without a user, and what came to the suite later.
constexpr Required beyond[] = {
    {"auth/2025-03-26-oauth-endpoint-fallback", "2025-03-26"},
    {"auth/2025-03-26-oauth-metadata-backcompat", "2025-03-26"},
    {"auth/client-credentials-basic", ""},
    {"auth/client-credentials-jwt", ""},
    {"initialize", "2025-06-18"},
    {"json-schema-2020-12-preservation", "2025-11-25"},
    {"json-schema-2020-12-preservation", "2026-07-28"},
    {"tools_call", "2025-06-18"},
};

QStringList tableOf(const QString &revision)
{
    QStringList scenarios;
    for (const Required &one : required) {
        if (revision == QLatin1StringView(one.revision))
            scenarios.append(QString::fromLatin1(one.scenario));
    }
    scenarios.sort();
    return scenarios;
}

std::string nameOf(const testing::TestParamInfo<Required> &test)
{
    std::string name = std::string(test.param.scenario) + "_" + test.param.revision;
    std::ranges::replace_if(
        name, [](char character) { return !std::isalnum(static_cast<unsigned char>(character)); }, '_');
    return name;
}

class ClientScenario : public testing::TestWithParam<Required>
{
};

} // namespace

TEST_P(ClientScenario, Passes)
{
    ASSERT_FALSE(suiteNode().isEmpty()) << "Node 22 is missing; ./test installs it, or tools/npm-install.";
    ASSERT_FALSE(suiteProgram().isEmpty()) << "the suite is missing; ./test installs it, or tools/npm-install.";
    const QTemporaryDir folder;
    const QString scenario = QString::fromLatin1(GetParam().scenario);
    const QString revision = QString::fromLatin1(GetParam().revision);
    QStringList words{suiteProgram(),  u"client"_s, u"--command"_s,    mcpAuthProgram() + u" conformance-client"_s,
                      u"--scenario"_s, scenario,    u"--output-dir"_s, folder.path()};
    if (!revision.isEmpty())
        words += QStringList{u"--spec-version"_s, revision};
    const ProgramResult result = runProgram(suiteNode(), words);
    const QList<SuiteCheck> checks = checksIn(folder);
    EXPECT_FALSE(checks.isEmpty()) << "nothing was checked";
    EXPECT_EQ(complaintsOf(checks), QStringList());
    EXPECT_EQ(result.status, 0) << result.error.constData();
}

INSTANTIATE_TEST_SUITE_P(Required, ClientScenario, testing::ValuesIn(required), nameOf);
INSTANTIATE_TEST_SUITE_P(Beyond, ClientScenario, testing::ValuesIn(beyond), nameOf);

class RequirementsOf : public testing::TestWithParam<const char *>
{
};

TEST_P(RequirementsOf, AreTheSuitesOwn)
{
    const QString revision = QString::fromLatin1(GetParam());
    EXPECT_EQ(tableOf(revision), requiredClientScenarios(revision));
}

INSTANTIATE_TEST_SUITE_P(Conformance, RequirementsOf, testing::Values("2025-11-25", "2026-07-28"));
