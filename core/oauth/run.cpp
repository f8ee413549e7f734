#include "http/address.h"
#include "http/url.h"
#include "metadata/endpoint.h"
#include "oauth/flow_p.h"
#include "oauth/race_p.h"

#include <algorithm>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

Run::Run(Http::Client *callersClient, FlowOptions flowOptions)
    : options(std::move(flowOptions))
    , m_caller(callersClient)
    , m_observed(std::make_unique<Http::ExchangeLog>())
{
    // Messages are redacted one by one; the caller's log decides for itself.
    m_observed->setRevealsSecrets(true);
    const Http::ClientOptions &given = callersClient->options();
    m_http = new Http::Client({.limits = given.limits,
                               .allowHttp = given.allowHttp || options.overrides.allowHttp,
                               .log = m_observed.get(),
                               .purpose = given.purpose,
                               .isAllowedAddress = addressRule(given.isAllowedAddress),
                               .lookUp = given.lookUp},
                              callersClient);
    QObject::connect(m_observed.get(), &Http::ExchangeLog::added, m_observed.get(),
                     [this](const Http::Exchange &exchange) { take(exchange); });
    QObject::connect(callersClient, &QObject::destroyed, m_observed.get(), [this] { m_stop.request_stop(); });
    m_callersStop.emplace(options.stop, [source = m_stop]() mutable { source.request_stop(); });
}

Run::~Run()
{
    // Not at once: what it has answered last is still on its way out.
    if (m_http)
        m_http->deleteLater();
}

/// Of a server on this machine or its network every address may be named; the server itself is the user's choice.
Http::AddressRule Run::addressRule(const Http::AddressRule &given) const
{
    if (options.overrides.allowPrivateAddresses || Http::isPrivateUrl(options.mcpUrl))
        return given;
    const QString serverHost = Http::splitUrl(options.mcpUrl).value_or(Http::UrlParts()).host;
    return [given, serverHost, isPrivateServer = m_isPrivateServer](const QString &host, const QHostAddress &address) {
        const bool mayBeNamed = *isPrivateServer || host == serverHost || Http::isPublicAddress(address);
        return mayBeNamed && (!given || given(host, address));
    };
}

QCoro::Task<> Run::lookUpServer(std::shared_ptr<Run> run)
{
    const auto parts = Http::splitUrl(run->options.mcpUrl);
    if (!run->m_http || !run->m_http->options().isAllowedAddress || !parts)
        co_return;
    const auto addresses = co_await run->m_http->lookUp(parts->host, run->stop());
    *run->m_isPrivateServer =
        addresses && !addresses->isEmpty() &&
        std::ranges::none_of(*addresses, [](const auto &one) { return Http::isPublicAddress(one); });
}

void Run::begin(StepKind kind, Actor askedOne)
{
    step = Step{.kind = kind, .state = StepState::Running};
    m_asked = askedOne;
}

void Run::end(StepState state)
{
    step.state = state;
    changed();
}

void Run::changed()
{
    if (options.onStep)
        options.onStep(step);
}

void Run::cite(const QString &rule, const QString &reference)
{
    step.rule = rule;
    step.reference = reference;
}

void Run::add(Message message)
{
    message.exchange = Http::redactedExchange(std::move(message.exchange));
    step.messages.append(std::move(message));
    changed();
}

void Run::failMessage(const QString &url, const QString &why)
{
    Http::Exchange named;
    named.url = url;
    const QString shown = Http::redactedExchange(std::move(named)).url;
    const auto found = std::ranges::find_if(step.messages, [&](const Message &message) {
        return message.failure.isEmpty() && message.exchange.url == shown;
    });
    if (found != step.messages.end())
        found->failure = why;
}

void Run::take(const Http::Exchange &exchange)
{
    if (log())
        log()->record(exchange);
    add({.from = Actor::Client, .to = m_asked, .exchange = exchange, .failure = exchange.error});
}

QCoro::Task<Result<Http::ClientResponse>> send(RunPointer run, Http::ClientRequest request)
{
    if (run->isStopped())
        co_return fail(cancelledError());
    request.stop = run->stop();
    const auto response = co_await run->http()->send(std::move(request));
    co_return response;
}

Result<> checkUrl(Run &run, const QString &what, const QString &url)
{
    const bool allowHttp = run.http() && run.http()->options().allowHttp;
    if (auto usable = Metadata::checkEndpointUrl(what, url, allowHttp); !usable)
        return usable;
    if (!Metadata::checkEndpointUrl(what, url, false))
        run.note(what + u" is on plain http: allowed by the override; others refuse it."_s);
    const Result<> reachable = Http::checkReach(what, url, run.options.mcpUrl);
    if (reachable || !run.options.overrides.allowPrivateAddresses)
        return reachable;
    run.note(what + u" leads to this computer or a private network: allowed by the override; others refuse it."_s);
    return {};
}

bool mayBeForgotten(const Run &run, const Error &error)
{
    static const QStringList codes{u"invalid_client"_s, u"unauthorized_client"_s};
    if (!run.isStoredClient || run.step.kind == StepKind::Call)
        return false;
    const bool nothingCame = run.step.kind == StepKind::AuthorizationResponse && error.code == u"timeout";
    return nothingCame || codes.contains(error.details.value(u"error").toString());
}

Error because(const Error &cause, const QString &code, const QString &message)
{
    if (cause.code == u"cancelled" || cause.code == u"private_address")
        return cause;
    return {code, message + u' ' + cause.message, {{u"cause"_s, toJson(cause)}}};
}

} // namespace McpAuth::OAuth
