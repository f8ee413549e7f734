#include "oauth/step.h"

#include <QJsonArray>

#include <algorithm>
#include <array>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

namespace {

struct KindWords
{
    StepKind kind;
    QLatin1StringView name;
    QLatin1StringView title;
};

constexpr std::array kinds{
    KindWords{StepKind::Challenge, "challenge"_L1, "Challenge"_L1},
    KindWords{StepKind::ResourceMetadata, "resource_metadata"_L1, "Resource metadata"_L1},
    KindWords{StepKind::ProviderMetadata, "provider_metadata"_L1, "Provider metadata"_L1},
    KindWords{StepKind::Registration, "registration"_L1, "Registration"_L1},
    KindWords{StepKind::Authorization, "authorization"_L1, "Authorization"_L1},
    KindWords{StepKind::AuthorizationResponse, "authorization_response"_L1, "Authorization response"_L1},
    KindWords{StepKind::Token, "token"_L1, "Token"_L1},
    KindWords{StepKind::Call, "call"_L1, "Call"_L1},
};

const KindWords &wordsOf(StepKind kind)
{
    return *std::ranges::find(kinds, kind, &KindWords::kind);
}

QJsonObject toJson(const Message &message)
{
    QJsonObject object{{u"method"_s, QString::fromLatin1(message.exchange.method)},
                       {u"url"_s, message.exchange.url},
                       {u"status"_s, message.exchange.status},
                       {u"durationMs"_s, message.exchange.durationMs}};
    if (!message.failure.isEmpty())
        object.insert(u"failure"_s, message.failure);
    return object;
}

} // namespace

QString toString(Actor actor)
{
    switch (actor) {
    case Actor::Browser:
        return u"browser"_s;
    case Actor::Client:
        return u"client"_s;
    case Actor::McpServer:
        return u"mcp_server"_s;
    case Actor::AuthorizationServer:
        break;
    }
    return u"authorization_server"_s;
}

QString toString(StepKind kind)
{
    return wordsOf(kind).name;
}

QString toString(StepState state)
{
    switch (state) {
    case StepState::Waiting:
        return u"waiting"_s;
    case StepState::Running:
        return u"running"_s;
    case StepState::Done:
        return u"done"_s;
    case StepState::Failed:
        return u"failed"_s;
    case StepState::Skipped:
        break;
    }
    return u"skipped"_s;
}

QString title(StepKind kind)
{
    return wordsOf(kind).title;
}

const QList<StepKind> &stepKinds()
{
    static const QList<StepKind> list = [] {
        QList<StepKind> all;
        std::ranges::transform(kinds, std::back_inserter(all), &KindWords::kind);
        return all;
    }();
    return list;
}

QJsonObject toJson(const Step &step)
{
    QJsonArray requests;
    for (const Message &message : step.messages)
        requests.append(toJson(message));
    QJsonObject object{{u"step"_s, toString(step.kind)}, {u"state"_s, toString(step.state)},
                       {u"decision"_s, step.decision},   {u"rule"_s, step.rule},
                       {u"reference"_s, step.reference}, {u"notes"_s, QJsonArray::fromStringList(step.notes)},
                       {u"details"_s, step.details},     {u"requests"_s, requests}};
    if (!step.error.code.isEmpty())
        object.insert(u"error"_s, McpAuth::toJson(step.error));
    return object;
}

} // namespace McpAuth::OAuth
