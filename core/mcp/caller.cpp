#include "base/base64url.h"
#include "mcp/caller_p.h"
#include "mcp/wire_p.h"

#include <QCryptographicHash>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

constexpr QByteArrayView statePurpose = "requestState";
constexpr auto stateMember = "requestState"_L1;
constexpr auto responsesMember = "inputResponses"_L1;

/// The same for each time that a client sends one request, with or without answers.
QString digestOf(const RpcRequest &request)
{
    QJsonObject params = request.params;
    for (const QLatin1StringView member : {"_meta"_L1, stateMember, responsesMember})
        params.remove(member);
    const QByteArray text = request.method.toUtf8() + toJsonText(params);
    return QString::fromLatin1(encodeBase64Url(QCryptographicHash::hash(text, QCryptographicHash::Sha256)));
}

QJsonArray principalOf(const Caller &caller)
{
    const SessionOwner &owner = caller.counted.owner;
    return {owner.issuer, owner.subject, owner.client};
}

/// What earlier rounds brought. Errors: InvalidParams.
std::expected<QJsonObject, RpcError> earlierResponses(const RpcRequest &request, const Caller &caller)
{
    const QJsonValue sealed = request.params.value(stateMember);
    if (sealed.isUndefined())
        return QJsonObject();
    const auto state = caller.seals ? caller.seals->open(statePurpose, sealed.toString().toLatin1())
                                    : fail(u"invalid_seal"_s, u"No requestState was given out."_s);
    if (!state)
        return invalidParams(u"requestState: "_s + state.error().message);
    if (state->value("by"_L1) != principalOf(caller) || state->value("for"_L1) != digestOf(request))
        return invalidParams(u"requestState: it belongs to another request."_s);
    return state->value("responses"_L1).toObject();
}

std::expected<InputResponses, RpcError> responsesIn(const RpcRequest &request, const Caller &caller)
{
    const auto earlier = earlierResponses(request, caller);
    if (!earlier)
        return std::unexpected(earlier.error());
    InputResponses responses;
    for (auto response = earlier->begin(); response != earlier->end(); ++response)
        responses.insert(response.key(), response->toObject());
    const QJsonValue given = request.params.value(responsesMember);
    if (!given.isUndefined() && !given.isObject())
        return invalidParams(u"`inputResponses` must be an object."_s);
    const QJsonObject byName = given.toObject();
    for (auto response = byName.begin(); response != byName.end(); ++response) {
        if (!response->isObject())
            return invalidParams(u"`inputResponses` must hold objects."_s);
        responses.insert(response.key(), response->toObject());
    }
    return responses;
}

RpcOutcome inputRequired(const RpcRequest &request, const Caller &caller, const RequestScope &scope)
{
    QJsonObject requests;
    for (const auto &[name, needed] : scope.needed.asKeyValueRange()) {
        QJsonObject message{{u"method"_s, needed.method}};
        if (!needed.params.isEmpty())
            message.insert(u"params"_s, needed.params);
        requests.insert(name, message);
    }
    QJsonObject result{{u"inputRequests"_s, requests}};
    if (caller.seals) {
        QJsonObject responses;
        for (const auto &[name, response] : scope.responses.asKeyValueRange())
            responses.insert(name, response);
        const QJsonObject state{
            {u"by"_s, principalOf(caller)}, {u"for"_s, digestOf(request)}, {u"responses"_s, responses}};
        const QByteArray sealed = caller.seals->seal(statePurpose, state, requestStateLifetime);
        if (sealed.size() > maxSealedBytes)
            return rpcFault(RpcErrorCode::InternalError,
                            u"The answers so far are too long to be kept by the client."_s);
        result.insert(stateMember, QLatin1StringView(sealed));
    }
    return RpcResultText{.text = toJsonText(result), .kind = ResultKind::InputRequired};
}

} // namespace

std::expected<std::shared_ptr<RequestScope>, RpcError> scopeOf(const RpcRequest &request, const Caller &caller)
{
    auto scope = std::make_shared<RequestScope>(RequestScope{.revision = caller.revision,
                                                             .auth = caller.auth,
                                                             .sessionId = QString::fromLatin1(caller.session),
                                                             .clientCapabilities = caller.capabilities,
                                                             .logLevel = caller.logLevel,
                                                             .outlet = caller.outlet});
    if (const auto meta = request.params.constFind("_meta"_L1); meta != request.params.constEnd()) {
        const QJsonValue token = meta->toObject().value("progressToken"_L1);
        const bool isInteger = token.isDouble() && token.toInteger(1) == token.toInteger(2);
        if (isInteger || (token.isString() && token.toString().size() <= maxIdLength))
            scope->progressToken = token;
    }
    if (caller.revision->stateless) {
        scope->mayAsk = !nameMemberOf(request.method).isEmpty(); // the same three methods
        auto responses = responsesIn(request, caller);
        if (!responses)
            return std::unexpected(responses.error());
        scope->responses = *std::move(responses);
    }
    return scope;
}

RpcOutcome finished(const RpcRequest &request, const Caller &caller, const RequestScope &scope, RpcOutcome outcome)
{
    if (!caller.revision->stateless)
        return outcome;
    if (!scope.missing.isEmpty())
        return rpcFault(RpcErrorCode::MissingRequiredClientCapability,
                        u"The client lacks a capability that this request needs."_s,
                        {{u"requiredCapabilities"_s, scope.missing}});
    if (!scope.needed.isEmpty())
        return inputRequired(request, caller, scope);
    if (outcome && outcome->kind == ResultKind::Cacheable && !scope.responses.isEmpty())
        outcome->kind = ResultKind::Uncacheable; // utilities/caching.mdx, Cache Key
    return outcome;
}

} // namespace McpAuth::Mcp
