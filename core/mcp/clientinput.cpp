#include "base/race.h"
#include "mcp/clientinput_p.h"
#include "mcp/wire_p.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

/// 2025-11-25 sampling, Error Handling.
constexpr int rejectedByUser = -1;

Result<InputProvider> declared(const InputProvider &provider, const QString &method)
{
    if (provider)
        return provider;
    return fail(u"not_declared"_s,
                u"The server asks for input that this client did not say it could give: %1."_s.arg(method.left(64)));
}

/// 2025-11-25 elicitation, Error Handling: a mode that was not declared is another error than no elicitation at all.
Result<InputProvider> elicitor(const ClientFeatures &features, const QString &method, const QJsonObject &params)
{
    const QJsonValue mode = params.value("mode"_L1);
    const bool isForm = mode.isUndefined() || mode == "form"_L1; // before 2025-11-25 there was no other
    if (isForm && features.elicit)
        return features.elicit;
    if (mode == "url"_L1 && features.elicitByUrl)
        return features.elicitByUrl;
    if (!features.elicit && !features.elicitByUrl)
        return declared(nullptr, method);
    return fail(u"undeclared_mode"_s,
                u"The server asks for input in a mode that this client did not say it has: %1."_s.arg(
                    mode.toString(u"none"_s).left(64)));
}

Result<InputProvider> providerFor(const ClientFeatures &features, const QString &method, const QJsonObject &params)
{
    if (method == "elicitation/create"_L1)
        return elicitor(features, method, params);
    const bool isSampling = method == "sampling/createMessage"_L1;
    if (isSampling && features.sample && (params.contains("tools"_L1) || params.contains("toolChoice"_L1)))
        return fail(u"undeclared_mode"_s,
                    u"The server asks for sampling with tools, which this client did not say it can do."_s);
    if (isSampling)
        return declared(features.sample, method);
    return declared(method == "roots/list"_L1 ? features.listRoots : nullptr, method);
}

/// Keeps the provider, which may be a lambda with captures, while its coroutine runs.
QCoro::Task<Result<QJsonObject>> provided(InputProvider provider, QJsonObject params, std::stop_token stop)
{
    Result<QJsonObject> input = co_await provider(std::move(params), std::move(stop));
    co_return input;
}

} // namespace

QJsonObject capabilitiesOf(const ClientFeatures &features)
{
    QJsonObject modes;
    if (features.elicit)
        modes.insert(u"form"_s, QJsonObject());
    if (features.elicitByUrl)
        modes.insert(u"url"_s, QJsonObject());
    QJsonObject capabilities;
    if (!modes.isEmpty())
        capabilities.insert(u"elicitation"_s, modes);
    if (features.sample)
        capabilities.insert(u"sampling"_s, QJsonObject());
    if (features.listRoots)
        capabilities.insert(u"roots"_s, QJsonObject());
    return capabilities;
}

QJsonObject withDefaults(const QJsonObject &requestedSchema, QJsonObject content)
{
    const QJsonObject properties = requestedSchema.value("properties"_L1).toObject();
    for (auto property = properties.begin(); property != properties.end(); ++property) {
        const QJsonValue value = property->toObject().value("default"_L1);
        if (!value.isUndefined() && !content.contains(property.key()))
            content.insert(property.key(), value);
    }
    return content;
}

bool mayAskForInput(QStringView method)
{
    return !nameMemberOf(method).isEmpty(); // the same three
}

bool asksForInput(const QJsonObject &result)
{
    return result.value("resultType"_L1) == "input_required"_L1;
}

QCoro::Task<Result<QJsonObject>> inputFor(ClientFeatures features, QString method, QJsonObject params,
                                          std::stop_token stop)
{
    const Result<InputProvider> provider = providerFor(features, method, params);
    if (!provider)
        co_return std::unexpected(provider.error());
    std::stop_source late; // of a provider that nobody waits for any more
    const std::stop_callback forward(stop, [late]() mutable { late.request_stop(); });
    QCoro::Task<Result<QJsonObject>> providing = provided(*provider, std::move(params), late.get_token());
    Result<QJsonObject> input =
        co_await raced(std::move(providing), std::move(stop), cancelledRequest(), features.inputTime);
    late.request_stop();
    co_return input;
}

QCoro::Task<Result<QJsonObject>> withInput(ClientFeatures features, QJsonObject params, QJsonObject result,
                                           std::stop_token stop)
{
    const QJsonObject requests = result.value("inputRequests"_L1).toObject();
    const QJsonValue state = result.value("requestState"_L1);
    if (!result.value("inputRequests"_L1).isObject() && !state.isString())
        co_return fail(u"invalid_rpc_response"_s, u"The server asks for input, but says neither which nor why."_s);
    if (requests.size() > maxServerRequests)
        co_return fail(u"invalid_rpc_response"_s,
                       u"The server asks for more than %1 inputs at once."_s.arg(maxServerRequests));
    QJsonObject responses;
    for (auto request = requests.begin(); request != requests.end(); ++request) {
        const QJsonObject asked = request->toObject();
        const Result<QJsonObject> input =
            co_await inputFor(features, asked.value("method"_L1).toString(), asked.value("params"_L1).toObject(), stop);
        if (!input)
            co_return std::unexpected(input.error());
        responses.insert(request.key(), *input);
    }
    params.remove("inputResponses"_L1);
    params.remove("requestState"_L1);
    if (result.contains("inputRequests"_L1))
        params.insert(u"inputResponses"_s, responses);
    if (!state.isUndefined())
        params.insert(u"requestState"_s, state);
    co_return params;
}

RpcError refusalOf(const Error &error)
{
    if (error.code == "not_declared"_L1)
        return {.code = static_cast<int>(RpcErrorCode::MethodNotFound),
                .message = u"This client declared no such capability."_s};
    if (error.code == "undeclared_mode"_L1)
        return {.code = static_cast<int>(RpcErrorCode::InvalidParams), .message = error.message};
    if (error.code == "rejected"_L1)
        return {.code = rejectedByUser, .message = u"The user rejected the request."_s};
    return {.code = static_cast<int>(RpcErrorCode::InternalError),
            .message = error.code == "timeout"_L1 ? u"Nobody answered in time."_s : u"The client has no answer."_s};
}

} // namespace McpAuth::Mcp
