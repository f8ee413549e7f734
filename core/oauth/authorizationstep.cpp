#include "http/form.h"
#include "oauth/flow_p.h"
#include "oauth/race_p.h"

#include <QJsonArray>

#include <algorithm>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

namespace {

Http::Exchange visit(const QString &url, int status)
{
    Http::Exchange exchange;
    exchange.purpose = u"browser"_s;
    exchange.started = QDateTime::currentDateTimeUtc();
    exchange.method = "GET";
    exchange.url = url;
    exchange.status = status;
    return exchange;
}

/// OpenID Connect Core 1.0 §11: without prompt=consent a request for offline_access is ignored.
QString promptFor(Run &run)
{
    if (run.options.prompt)
        return *run.options.prompt;
    if (!run.scopes.contains(u"offline_access"))
        return {};
    run.note(u"offline_access is asked for, and so prompt=consent is (OpenID Connect Core 1.0 §11)."_s);
    return u"consent"_s;
}

Http::Form authorizationForm(Run &run, const Secret &state)
{
    const std::pair<QString, QString> all[] = {{u"response_type"_s, u"code"_s},
                                               {u"client_id"_s, run.client.clientId},
                                               {u"redirect_uri"_s, run.redirectUri},
                                               {u"scope"_s, run.scopes.join(u' ')},
                                               {u"state"_s, QString::fromLatin1(state.reveal())},
                                               {u"code_challenge"_s, QString::fromLatin1(run.pkce.challenge)},
                                               {u"code_challenge_method"_s, u"S256"_s},
                                               {u"resource"_s, run.resource},
                                               {u"prompt"_s, promptFor(run)}};
    Http::Form form;
    std::ranges::copy_if(all, std::back_inserter(form), [](const auto &field) { return !field.second.isEmpty(); });
    std::ranges::copy(run.options.authorizationParameters, std::back_inserter(form));
    return form;
}

QString decisionOf(const Run &run)
{
    const QString scopes =
        run.scopes.isEmpty() ? u"no scope, so the provider's default"_s : u"the scopes "_s + run.scopes.join(u", "_s);
    const QString resource = run.resource.isEmpty() ? QString() : u" for the resource "_s + run.resource;
    return u"Asks for %1%2, with PKCE (S256)."_s.arg(scopes, resource);
}

/// Some providers answer that with a page of their own, and nothing comes back.
void noteUnlistedScopes(Run &run)
{
    if (!run.server.scopesSupported)
        return;
    QStringList unlisted = run.scopes;
    unlisted.removeIf([&](const QString &scope) { return run.server.scopesSupported->contains(scope); });
    if (!unlisted.isEmpty())
        run.note(u"The provider's scopes_supported does not list %1."_s.arg(unlisted.join(u", "_s)));
}

QCoro::Task<Result<>> openBrowser(RunPointer run)
{
    // The wait begins first: the browser may be quicker than its opener.
    run->response = run->listener->wait(run->expected, run->options.redirectWait, run->stop());
    QCoro::Task<Result<>> opening = run->options.openBrowser(run->authorizationUrl);
    const Result<> opened = co_await raced(std::move(opening), run->stop());
    if (!opened)
        co_return fail(because(opened.error(), u"browser_failed"_s, u"The browser could not be opened."_s));
    co_return opened;
}

// ---- What comes back

bool isUnbelieved(const Error &error)
{
    static const QStringList codes{u"state_mismatch"_s, u"missing_issuer"_s, u"issuer_mismatch"_s,
                                   u"repeated_parameter"_s};
    return codes.contains(error.code);
}

/// Of a response that is not believed, its words are not shown (2026-07-28, Authorization Response Validation).
ResponseParameters shown(ResponseParameters response, const Result<Secret> &code)
{
    if (!code && isUnbelieved(code.error()))
        response.removeIf([](const auto &field) { return field.first.startsWith("error"_L1); });
    return response;
}

QCoro::Task<Result<Secret>> follow(RunPointer run)
{
    QCoro::Task<Result<ResponseParameters>> following = run->options.followRedirect(run->authorizationUrl);
    const Result<ResponseParameters> response =
        co_await raced(std::move(following), run->stop(), run->options.redirectWait);
    if (!response)
        co_return fail(response.error());
    Result<Secret> code = acceptedCode(*response, run->expected);
    run->arrival = {Http::withQuery(run->redirectUri, shown(*response, code)), 0};
    co_return code;
}

QCoro::Task<Result<Secret>> listenFor(RunPointer run)
{
    QCoro::Task<Result<Secret>> response = *std::exchange(run->response, std::nullopt);
    Result<Secret> code = co_await response;
    co_return code;
}

QString responseRule(const Run &run)
{
    const bool isPromised = run.expected.issuerPromised;
    if (isPromised && run.expected.checkIssuer)
        return u"The state and the iss are the expected ones: the code may be used."_s;
    return u"The state is the expected one, and no other issuer speaks: the code may be used."_s;
}

} // namespace

QCoro::Task<Result<>> requestAuthorization(RunPointer run)
{
    run->scopes = scopesOf(*run);
    run->pkce = generatePkce();
    run->expected = {.state = generateState(),
                     .issuer = run->server.issuer,
                     .issuerPromised = run->server.authorizationResponseIssParameterSupported.value_or(false),
                     .checkIssuer = run->isSince(u"2026-07-28")};
    run->authorizationUrl =
        Http::withQuery(run->server.authorizationEndpoint, authorizationForm(*run, run->expected.state));
    run->step.decision = decisionOf(*run);
    noteUnlistedScopes(*run);
    run->step.details = {{u"scopes"_s, QJsonArray::fromStringList(run->scopes)},
                         {u"resource"_s, run->resource},
                         {u"redirect_uri"_s, run->redirectUri}};
    run->add({.from = Actor::Browser, .to = Actor::AuthorizationServer, .exchange = visit(run->authorizationUrl, 0)});
    if (run->options.followRedirect)
        co_return Result<>();
    co_return co_await openBrowser(run);
}

QCoro::Task<Result<>> awaitResponse(RunPointer run)
{
    QCoro::Task<Result<Secret>> waiting = run->options.followRedirect ? follow(run) : listenFor(run);
    const Result<Secret> code = co_await waiting;
    run->listener.reset();
    if (run->arrival) {
        const auto &[url, status] = *run->arrival;
        run->add({.from = Actor::Browser,
                  .to = Actor::Client,
                  .exchange = visit(url, status),
                  .failure = code ? QString() : code.error().message});
    }
    if (!code)
        co_return fail(code.error());
    run->code = *code;
    run->step.decision = responseRule(*run);
    run->step.details = {{u"issuer"_s, run->expected.issuer}, {u"iss_promised"_s, run->expected.issuerPromised}};
    co_return Result<>();
}

} // namespace McpAuth::OAuth
