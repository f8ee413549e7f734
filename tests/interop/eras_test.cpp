// The official client of 2026, @modelcontextprotocol/client, at a server with every feature: once as a client of
// sessions, once as one that looks for what the server speaks best.
#include "interop/node.h"

#include <QJsonArray>

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

struct Era
{
    const char *mode;
    const char *revision;
    bool logs; ///< without being asked for
};

QJsonArray strings(const QStringList &list)
{
    return QJsonArray::fromStringList(list);
}

class OfficialClientInEra : public Interop, public testing::WithParamInterface<Era>
{
protected:
    static void expectEveryFeature(QJsonObject options)
    {
        options.insert(u"mode"_s, QString::fromLatin1(GetParam().mode));
        QJsonObject seen = runScript(u"eras.mjs"_s, {argument(options)}).value(0);
        const QStringList logs{u"Tool execution started"_s, u"Tool processing data"_s, u"Tool execution completed"_s};
        EXPECT_EQ(seen.take(u"logs"), QJsonValue(strings(GetParam().logs ? logs : QStringList())));
        EXPECT_GT(seen.take(u"tools").toInt(), 20);
        EXPECT_EQ(seen, (QJsonObject{
                            {u"errors"_s, QJsonArray()},
                            {u"revision"_s, QString::fromLatin1(GetParam().revision)},
                            {u"server"_s, u"mcp-auth conformance"_s},
                            {u"capabilities"_s,
                             strings({u"completions"_s, u"logging"_s, u"prompts"_s, u"resources"_s, u"tools"_s})},
                            {u"text"_s, u"This is a simple text response for testing."_s},
                            {u"custom"_s, u"{\"region\":\"eu, naïve\"}"_s},
                            {u"failure"_s, u"This tool intentionally returns an error for testing"_s},
                            {u"progress"_s, QJsonArray{0, 50, 100}},
                            {u"elicited"_s, u"User response: action=accept, "
                                            u"content={\"email\":\"a email\",\"username\":\"a username\"}"_s},
                            {u"sampled"_s, u"LLM response: sampled"_s},
                            {u"rounds"_s, u"Multi-round complete for a name who likes a color"_s},
                            {u"resource"_s, u"This is the content of the static text resource."_s},
                            {u"template"_s, u"7"_s},
                            {u"unknown"_s, -32602},
                            {u"prompt"_s, u"Prompt with arguments: arg1='one', arg2='two'"_s},
                            {u"completion"_s, strings({u"testValue1"_s, u"testValue2"_s})},
                            {u"changes"_s, 1},
                        }));
    }
};

} // namespace

TEST_P(OfficialClientInEra, UsesEveryFeature)
{
    const Listening server(mcpAuthProgram(), {u"conformance-server"_s});
    ASSERT_FALSE(server.url().isEmpty());
    expectEveryFeature({{u"url"_s, server.url()}});
}

TEST_P(OfficialClientInEra, UsesEveryFeatureOverStdio)
{
    expectEveryFeature(
        {{u"command"_s, strings({mcpAuthProgram(), u"conformance-server"_s, u"--transport"_s, u"stdio"_s})}});
}

INSTANTIATE_TEST_SUITE_P(Eras, OfficialClientInEra,
                         testing::Values(Era{"legacy", "2025-11-25", true}, Era{"auto", "2026-07-28", false}),
                         [](const auto &era) { return era.param.mode; });
