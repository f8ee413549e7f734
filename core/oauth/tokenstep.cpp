#include "oauth/clientauthentication_p.h"
#include "oauth/flow_p.h"
#include "oauth/race_p.h"

#include <QJsonArray>

#include <algorithm>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

namespace {

Http::Form codeForm(const Run &run)
{
    return {{u"grant_type"_s, u"authorization_code"_s},
            {u"code"_s, QString::fromUtf8(run.code.reveal())},
            {u"redirect_uri"_s, run.redirectUri()},
            {u"code_verifier"_s, QString::fromLatin1(run.pkce.verifier.reveal())}};
}

Http::Form machineForm(const Run &run)
{
    Http::Form form{{u"grant_type"_s, u"client_credentials"_s}};
    if (!run.scopes.isEmpty())
        form.emplace_back(u"scope"_s, run.scopes.join(u' '));
    return form;
}

/// A provider that has forgotten a registration is not asked with it again.
QCoro::Task<> forget(RunPointer run, Error error)
{
    const auto store = run->options.store;
    if (!store || !run->isStoredClient || error.details.value(u"error") != u"invalid_client"_s)
        co_return;
    QCoro::Task<Result<std::optional<ClientInformation>>> reading = store->client(run->server.issuer);
    const auto stored = co_await raced(std::move(reading), run->stop());
    if (!stored || !*stored || (*stored)->clientId != run->client.clientId) // another flow has registered meanwhile
        co_return;
    QCoro::Task<Result<>> removing = store->removeClient(run->server.issuer);
    const Result<> removed = co_await raced(std::move(removing), run->stop());
    if (removed)
        run->note(u"The stored registration is no longer valid and was removed: the next flow registers again."_s);
}

void describe(Run &run)
{
    const Tokens &tokens = run.tokens;
    run.step.details = {{u"token_type"_s, tokens.tokenType},
                        {u"scopes"_s, QJsonArray::fromStringList(tokens.scopes)},
                        {u"refresh_token"_s, !tokens.refreshToken.isEmpty()}};
    QString life = u"without saying for how long"_s;
    if (tokens.expiresAt) {
        const auto left = std::chrono::round<std::chrono::seconds>(*tokens.expiresAt - run.options.clock());
        run.step.details.insert(u"expires_in"_s, static_cast<qint64>(left.count()));
        life = u"for %1 s"_s.arg(left.count());
    }
    run.step.decision = u"The provider gave an access token %1%2."_s.arg(
        life, tokens.refreshToken.isEmpty() ? QString() : u", and a refresh token"_s);
    QStringList missing;
    std::ranges::copy_if(run.scopes, std::back_inserter(missing),
                         [&](const QString &scope) { return !tokens.scopes.contains(scope); });
    missing.removeAll(u"offline_access"_s); // not the resource's, and seldom repeated
    if (!missing.isEmpty())
        run.note(u"Not granted, though asked for: %1."_s.arg(missing.join(u", "_s)));
}

} // namespace

QCoro::Task<Result<>> requestToken(RunPointer run)
{
    const bool isMachine = run->options.grant == GrantType::ClientCredentials;
    if (isMachine) {
        run->cite(u"RFC 6749 §4.4.2"_s, u"https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2"_s);
        run->scopes = scopesOf(*run);
    }
    if (run->isStopped())
        co_return fail(cancelledError());
    TokenRequest request{.server = run->server,
                         .client = run->client,
                         .fields = isMachine ? machineForm(*run) : codeForm(*run),
                         .requestedScopes = run->scopes,
                         .clock = run->options.clock,
                         .stop = run->stop()};
    if (!run->resource.isEmpty())
        request.fields.emplace_back(u"resource"_s, run->resource);
    const Result<Tokens> tokens = co_await requestTokens(run->http(), std::move(request));
    if (!tokens) {
        run->failMessage(run->server.tokenEndpoint, tokens.error().message);
        const bool isOfClient = tokens.error().details.value(u"error") == u"invalid_client"_s;
        if (const QString hint = hintAfterRefusal(run->server, run->client); isOfClient && !hint.isEmpty())
            run->note(hint);
        co_await forget(run, tokens.error());
        co_return fail(tokens.error());
    }
    run->tokens = *tokens;
    for (const QString &remark : tokens->remarks)
        run->note(remark);
    describe(*run);
    co_return Result<>();
}

} // namespace McpAuth::OAuth
