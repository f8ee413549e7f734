#include "http/url.h"
#include "oauth/flow_p.h"
#include "oauth/race_p.h"

#include <algorithm>
#include <array>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;
using Origin = ClientInformation::Origin;

namespace {

// ---- The redirect URI

Result<> prepareBrowser(Run &run)
{
    if (run.options.grant != GrantType::AuthorizationCode)
        return {};
    auto visit = run.options.browser->visit(run.log());
    if (!visit)
        return fail(visit.error());
    run.visit = *std::move(visit);
    return {};
}

// ---- Ways to a client ID, in the specification's order

/// Why a way is not open, or nothing.
using Obstacle = std::optional<Error>;

Error noClientId(const QString &why)
{
    return {u"no_client_id"_s, why, {}};
}

Obstacle againstPreregistered(const Run &run)
{
    const auto &given = run.options.preregistered;
    if (!given || given->clientId.isEmpty())
        return noClientId(u"No client ID was given."_s);
    return std::nullopt;
}

Obstacle againstMetadataDocument(const Run &run)
{
    const FlowOptions &options = run.options;
    const bool isForced = options.registration == RegistrationPreference::MetadataDocument;
    if (options.grant != GrantType::AuthorizationCode)
        return noClientId(
            u"A client metadata document cannot authenticate a client of the client credentials grant."_s);
    if (options.clientMetadataUrl.isEmpty())
        return noClientId(u"No URL of a client metadata document was given."_s);
    if (!isForced && !run.isSince(u"2025-11-25"))
        return noClientId(u"Revision %1 has no client metadata documents."_s.arg(options.revision));
    if (!isForced && !run.server.clientIdMetadataDocumentSupported.value_or(false))
        return noClientId(u"The provider does not announce client_id_metadata_document_supported."_s);
    return std::nullopt;
}

Obstacle againstDynamic(const Run &run)
{
    if (run.options.grant != GrantType::AuthorizationCode)
        return noClientId(u"The client credentials grant needs a client ID that the provider's operator has given."_s);
    const bool isForced = run.options.registration == RegistrationPreference::Dynamic;
    if (!isForced && run.server.registrationEndpoint.value_or(QString()).isEmpty())
        return noClientId(u"The provider has no registration_endpoint."_s);
    return std::nullopt;
}

/// Credentials of one authorization server are never shown to another (2026-07-28, Authorization Server Binding).
QCoro::Task<Result<>> usePreregistered(RunPointer run)
{
    const ClientInformation &given = *run->options.preregistered;
    if (!given.issuer.isEmpty() && given.issuer != run->server.issuer) {
        co_return fail(u"credentials_of_another_issuer"_s,
                       u"The client ID %1 belongs to %2, but the MCP server now names %3: register there anew."_s.arg(
                           given.clientId, given.issuer, run->server.issuer),
                       {{u"expected"_s, given.issuer}, {u"actual"_s, run->server.issuer}});
    }
    if (given.issuer.isEmpty() && !given.clientSecret.isEmpty() && !run->options.overrides.allowUnboundSecret) {
        co_return fail(
            u"unbound_credentials"_s,
            u"The client secret of %1 is not sent to %2, because nobody said that it belongs there: say which "
            "issuer gave it."_s.arg(given.clientId, run->server.issuer),
            {{u"issuer"_s, run->server.issuer}});
    }
    if (given.issuer.isEmpty())
        run->note(u"Nobody said which issuer the client ID belongs to: it goes to %1."_s.arg(run->server.issuer));
    run->client = given;
    run->client.issuer = run->server.issuer;
    run->step.decision = u"The client is %1, as given."_s.arg(given.clientId);
    co_return prepareBrowser(*run);
}

QCoro::Task<Result<>> useMetadataDocument(RunPointer run)
{
    const QString url = run->options.clientMetadataUrl;
    const bool isPlain = run->options.overrides.allowHttp && url.startsWith("http://"_L1);
    if (auto usable = checkClientMetadataUrl(isPlain ? u"https"_s + url.sliced(4) : url); !usable)
        co_return usable;
    if (isPlain)
        run->note(u"Override: the client metadata document is on plain http, where https is required."_s);
    if (!run->server.clientIdMetadataDocumentSupported.value_or(false))
        run->note(
            u"The provider does not announce client_id_metadata_document_supported: tried because it was asked for."_s);
    run->client = {
        .clientId = url, .issuer = {}, .origin = Origin::MetadataDocument, .key = run->options.clientMetadataKey};
    run->cite(u"MCP client registration, CIMD draft §3"_s, run->step.reference);
    run->step.decision = u"The client is the document at %1, which the provider fetches by itself."_s.arg(url);
    co_return prepareBrowser(*run);
}

QCoro::Task<Result<std::optional<ClientInformation>>> storedClient(RunPointer run)
{
    if (!run->options.store)
        co_return std::nullopt;
    QCoro::Task<Result<std::optional<ClientInformation>>> reading = run->options.store->client(run->server.issuer);
    Result<std::optional<ClientInformation>> stored = co_await raced(std::move(reading), run->stop());
    if (!stored && stored.error().code != u"cancelled") {
        run->note(u"No stored registration could be read. "_s + stored.error().message);
        co_return std::nullopt;
    }
    co_return stored;
}

QCoro::Task<> store(RunPointer run)
{
    if (!run->options.store)
        co_return;
    QCoro::Task<Result<>> storing = run->options.store->storeClient(run->client);
    const Result<> stored = co_await raced(std::move(storing), run->stop());
    if (!stored)
        run->note(u"The registration could not be kept. "_s + stored.error().message);
}

/// With an authentication that the provider takes.
void chooseAuthentication(Run &run, ClientMetadata &metadata)
{
    const auto &supported = run.server.tokenEndpointAuthMethodsSupported;
    const auto takes = [&](ClientAuthMethod method) { return !supported || supported->contains(toString(method)); };
    if (takes(metadata.tokenEndpointAuthMethod))
        return;
    for (const auto method :
         {ClientAuthMethod::None, ClientAuthMethod::ClientSecretBasic, ClientAuthMethod::ClientSecretPost}) {
        if (takes(method)) {
            run.note(u"The provider does not take %1: %2 is asked for."_s.arg(
                toString(metadata.tokenEndpointAuthMethod), toString(method)));
            metadata.tokenEndpointAuthMethod = method;
            return;
        }
    }
}

/// Some providers refuse a registration that names a grant they do not have.
void leaveRefreshOut(Run &run, ClientMetadata &metadata)
{
    const auto &supported = run.server.grantTypesSupported;
    if (!supported || supported->contains(u"refresh_token"))
        return;
    if (metadata.grantTypes.removeAll(u"refresh_token"_s) > 0)
        run.note(u"The provider does not list the refresh_token grant: it is not asked for."_s);
}

/// As the revision has it, and as the provider can.
ClientMetadata metadataFor(Run &run)
{
    ClientMetadata metadata = run.options.clientMetadata;
    metadata.redirectUris = {run.redirectUri()};
    if (!run.isSince(u"2026-07-28"))
        metadata.applicationType.clear();
    if (metadata.scope.isEmpty()) // some servers let a client ask for nothing else (RFC 7591 §2)
        metadata.scope = scopesOf(run).join(u' ');
    chooseAuthentication(run, metadata);
    leaveRefreshOut(run, metadata);
    return metadata;
}

bool isAboutScopes(const Error &error)
{
    const QString description = error.details.value(u"error_description").toString();
    return error.code == u"registration_refused" && description.contains("scope"_L1, Qt::CaseInsensitive);
}

/// Some providers let nobody register with the scopes that a client asks for later.
QCoro::Task<Result<ClientInformation>> registerWithScopes(RunPointer run, ClientMetadata metadata)
{
    Result<ClientInformation> client = co_await registerClient(run->http(), run->server, metadata, run->stop());
    if (client || metadata.scope.isEmpty() || !isAboutScopes(client.error()) || run->isStopped())
        co_return client;
    run->failMessage(*run->server.registrationEndpoint, client.error().message);
    run->note(client.error().message);
    run->note(u"Tried again without scope, which RFC 7591 §2 leaves to the provider."_s);
    metadata.scope.clear();
    co_return co_await registerClient(run->http(), run->server, metadata, run->stop());
}

/// Once more with the other application_type when the redirect URI was the reason (2026-07-28, Application Type and
/// Redirect URI Constraints).
QCoro::Task<Result<ClientInformation>> registerOrRetry(RunPointer run, ClientMetadata metadata)
{
    Result<ClientInformation> client = co_await registerWithScopes(run, metadata);
    if (client || !isAboutRedirects(client.error()) || run->isStopped())
        co_return client;
    const QString before = metadata.applicationType.isEmpty() ? u"none"_s : metadata.applicationType;
    metadata.applicationType = metadata.applicationType == u"native" ? u"web"_s : u"native"_s;
    run->failMessage(*run->server.registrationEndpoint, client.error().message);
    run->note(client.error().message);
    run->note(u"Tried again with application_type %1 in place of %2, as the specification allows."_s.arg(
        metadata.applicationType, before));
    const Error first = client.error();
    Result<ClientInformation> again = co_await registerWithScopes(run, metadata);
    // The first refusal is about what the client is; the second only about what it is not.
    if (!again && isAboutRedirects(again.error()))
        co_return fail(first);
    co_return again;
}

QCoro::Task<Result<>> registerAnew(RunPointer run)
{
    if (auto prepared = prepareBrowser(*run); !prepared)
        co_return prepared;
    if (run->isStopped())
        co_return fail(cancelledError());
    const ClientMetadata metadata = metadataFor(*run);
    const Result<ClientInformation> client = co_await registerOrRetry(run, metadata);
    if (!client)
        co_return fail(client.error());
    run->client = *client;
    // What was asked for in vain would be so again.
    run->client.scopes += metadata.scope.split(u' ', Qt::SkipEmptyParts) + scopesOf(*run);
    run->client.scopes.removeDuplicates();
    for (const QString &remark : client->remarks)
        run->note(remark);
    if (!client->redirectUris.contains(run->redirectUri()))
        run->note(u"The provider registered other redirect URIs than the one asked for: %1."_s.arg(
            client->redirectUris.join(u", "_s)));
    run->cite(u"RFC 7591 §3"_s, run->step.reference);
    run->step.decision = u"%1 registered the client as %2."_s.arg(run->server.issuer, client->clientId);
    co_await store(run);
    co_return Result<>();
}

/// What the registration would have to be made anew for.
bool coversScopes(const Run &run, const ClientInformation &registered)
{
    return registered.scopes.isEmpty() ||
           std::ranges::all_of(scopesOf(run), [&](const QString &scope) { return registered.scopes.contains(scope); });
}

QCoro::Task<Result<>> useDynamic(RunPointer run)
{
    if (run->options.registerAnew)
        co_return co_await registerAnew(run);
    const auto stored = co_await storedClient(run);
    if (!stored)
        co_return fail(stored.error());
    if (*stored && !coversScopes(*run, **stored)) {
        run->note(u"The stored registration is for %1 only: the client is registered again."_s.arg(
            (*stored)->scopes.join(u", "_s)));
        co_return co_await registerAnew(run);
    }
    if (*stored)
        run->visit = run->options.browser->visitAt((*stored)->redirectUris, run->log());
    if (run->visit) {
        run->client = **stored;
        run->isStoredClient = true;
        run->step.decision =
            u"The client is %1, registered at %2 before."_s.arg(run->client.clientId, run->server.issuer);
        co_return Result<>();
    }
    if (*stored)
        run->note(
            u"The redirect URI of the stored registration is not available now: the client is registered again."_s);
    co_return co_await registerAnew(run);
}

struct Way
{
    RegistrationPreference preference;
    Obstacle (*obstacle)(const Run &run);
    QCoro::Task<Result<>> (*go)(RunPointer run);
};

constexpr std::array ways{
    Way{RegistrationPreference::Preregistered, againstPreregistered, usePreregistered},
    Way{RegistrationPreference::MetadataDocument, againstMetadataDocument, useMetadataDocument},
    Way{RegistrationPreference::Dynamic, againstDynamic, useDynamic},
};

/// The first open way, or the one that is forced.
Result<Way> chosenWay(const Run &run)
{
    QStringList reasons;
    for (const Way &way : ways) {
        const auto preference = run.options.registration;
        if (preference != RegistrationPreference::Automatic && preference != way.preference)
            continue;
        const Obstacle obstacle = way.obstacle(run);
        if (!obstacle)
            return way;
        reasons.append(obstacle->message);
    }
    return fail(noClientId(u"No client ID can be obtained. "_s + reasons.join(u' ')));
}

QString toString(Origin origin)
{
    switch (origin) {
    case Origin::Preregistered:
        return u"preregistered"_s;
    case Origin::MetadataDocument:
        return u"metadata_document"_s;
    case Origin::Dynamic:
        break;
    }
    return u"dynamic"_s;
}

} // namespace

QCoro::Task<Result<>> findClient(RunPointer run)
{
    const auto way = chosenWay(*run);
    if (!way)
        co_return fail(way.error());
    const Result<> outcome = co_await way->go(run);
    if (!outcome)
        co_return outcome;
    run->client.assertionAudience = run->options.assertionAudience.value_or(run->client.assertionAudience);
    // Before the user is asked for anything.
    const auto method = chooseClientAuthMethod(run->server, run->client);
    if (!method)
        co_return fail(method.error());
    run->step.details = {{u"client_id"_s, run->client.clientId},
                         {u"origin"_s, toString(run->client.origin)},
                         {u"issuer"_s, run->server.issuer},
                         {u"token_endpoint_auth_method"_s, OAuth::toString(*method)}};
    if (run->visit)
        run->step.details.insert(u"redirect_uri"_s, run->redirectUri());
    co_return Result<>();
}

} // namespace McpAuth::OAuth
