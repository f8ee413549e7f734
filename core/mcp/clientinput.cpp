#include "base/race.h"
#include "mcp/clientinput_p.h"
#include "mcp/wire_p.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

/// 2025-11-25 sampling, Error Handling.
constexpr int rejectedByUser = -1;

const InputProvider *providerFor(const ClientFeatures &features, const QString &method, const QJsonObject &params)
{
    if (method == "elicitation/create"_L1)
        return params.value("mode"_L1) == "url"_L1 ? &features.elicitByUrl : &features.elicit;
    if (method == "sampling/createMessage"_L1)
        return &features.sample;
    return method == "roots/list"_L1 ? &features.listRoots : nullptr;
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
    const InputProvider *provider = providerFor(features, method, params);
    if (!provider || !*provider)
        co_return fail(
            u"not_declared"_s,
            u"The server asks for input that this client did not say it could give: %1."_s.arg(method.left(64)));
    std::stop_source late; // of a provider that nobody waits for any more
    const std::stop_callback forward(stop, [late]() mutable { late.request_stop(); });
    QCoro::Task<Result<QJsonObject>> providing = (*provider)(std::move(params), late.get_token());
    Result<QJsonObject> input = co_await raced(std::move(providing), std::move(stop), cancelledRequest(), maxInputTime);
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
    const int code = error.code == "rejected"_L1 ? rejectedByUser : static_cast<int>(RpcErrorCode::InternalError);
    return {.code = code, .message = error.message};
}

} // namespace McpAuth::Mcp
