// Steps as values and as JSON.
#include "oauth/step.h"
#include "support/result.h"

#include <QJsonArray>
#include <QSet>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

namespace {

TEST(Step, HasItsKindsInTheSpecificationsOrder)
{
    QStringList names;
    for (const StepKind kind : stepKinds())
        names.append(toString(kind));
    EXPECT_EQ(names, (QStringList{u"challenge"_s, u"resource_metadata"_s, u"provider_metadata"_s, u"registration"_s,
                                  u"authorization"_s, u"authorization_response"_s, u"token"_s, u"call"_s}));
}

TEST(Step, HasATitleOfItsOwnForEveryKind)
{
    QSet<QString> titles;
    for (const StepKind kind : stepKinds())
        titles.insert(title(kind));
    EXPECT_EQ(titles.size(), stepKinds().size());
    EXPECT_FALSE(titles.contains(QString()));
}

TEST(Step, NamesItsStatesAndActors)
{
    EXPECT_EQ(toString(StepState::Waiting), u"waiting");
    EXPECT_EQ(toString(StepState::Running), u"running");
    EXPECT_EQ(toString(StepState::Done), u"done");
    EXPECT_EQ(toString(StepState::Failed), u"failed");
    EXPECT_EQ(toString(StepState::Skipped), u"skipped");
    EXPECT_EQ(toString(Actor::Browser), u"browser");
    EXPECT_EQ(toString(Actor::Client), u"client");
    EXPECT_EQ(toString(Actor::McpServer), u"mcp_server");
    EXPECT_EQ(toString(Actor::AuthorizationServer), u"authorization_server");
}

TEST(Step, IsJsonForAMachine)
{
    Step step{.kind = StepKind::Token, .state = StepState::Failed};
    step.decision = u"No."_s;
    step.rule = u"RFC 6749 §5.2"_s;
    step.reference = u"https://www.rfc-editor.org/rfc/rfc6749#section-5.2"_s;
    step.notes = {u"Well."_s};
    step.error = {u"token_request_refused"_s, u"No."_s, {}};
    Message message;
    message.exchange.method = "POST";
    message.exchange.url = u"https://as.example/token"_s;
    message.exchange.status = 400;
    message.exchange.durationMs = 12.5;
    message.failure = u"invalid_grant"_s;
    step.messages = {message};

    const QJsonObject request{{u"method"_s, u"POST"_s},
                              {u"url"_s, u"https://as.example/token"_s},
                              {u"status"_s, 400},
                              {u"durationMs"_s, 12.5},
                              {u"failure"_s, u"invalid_grant"_s}};
    const QJsonObject error{{u"code"_s, u"token_request_refused"_s}, {u"message"_s, u"No."_s}};
    EXPECT_EQ(toJson(step), (QJsonObject{{u"step"_s, u"token"_s},
                                         {u"state"_s, u"failed"_s},
                                         {u"decision"_s, u"No."_s},
                                         {u"rule"_s, step.rule},
                                         {u"reference"_s, step.reference},
                                         {u"notes"_s, QJsonArray{u"Well."_s}},
                                         {u"error"_s, error},
                                         {u"details"_s, QJsonObject()},
                                         {u"requests"_s, QJsonArray{request}}}));
}

TEST(Step, HasNoErrorInItsJsonWithoutOne)
{
    EXPECT_FALSE(toJson(Step{}).contains(u"error"));
}

} // namespace
} // namespace McpAuth::OAuth
