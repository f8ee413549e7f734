#include "http/form.h"
#include "oauth/flow_p.h"

#include <QJsonArray>

#include <algorithm>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

namespace {

Http::Exchange browserRequest(const QString &url, int status)
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
                                               {u"redirect_uri"_s, run.redirectUri()},
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
    const QString url =
        Http::withQuery(run->server.authorizationEndpoint, authorizationForm(*run, run->expected.state));
    run->step.decision = decisionOf(*run);
    noteUnlistedScopes(*run);
    run->step.details = {{u"scopes"_s, QJsonArray::fromStringList(run->scopes)},
                         {u"resource"_s, run->resource},
                         {u"redirect_uri"_s, run->redirectUri()}};
    run->add({.from = Actor::Browser, .to = Actor::AuthorizationServer, .exchange = browserRequest(url, 0)});
    const Result<> opened = co_await run->visit->open(url, run->expected, run->stop());
    if (!opened)
        co_return fail(because(opened.error(), u"browser_failed"_s, u"The browser could not be opened."_s));
    co_return opened;
}

QCoro::Task<Result<>> awaitResponse(RunPointer run)
{
    const Result<Secret> code = co_await run->visit->code();
    if (const auto arrival = run->visit->arrival()) {
        run->add({.from = Actor::Browser,
                  .to = Actor::Client,
                  .exchange = browserRequest(arrival->url, arrival->status),
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
