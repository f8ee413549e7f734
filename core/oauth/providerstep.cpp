#include "http/url.h"
#include "metadata/answer.h"
#include "metadata/discovery.h"
#include "metadata/endpoint.h"
#include "metadata/reference.h"
#include "metadata/wellknown.h"
#include "oauth/flow_p.h"
#include "oauth/race_p.h"

#include <QJsonArray>

#include <algorithm>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;
using Metadata::AuthorizationServerMetadata;

namespace {

Error issuerMismatch(const QString &expected, const QString &actual)
{
    return {
        u"issuer_mismatch"_s,
        u"The document names the issuer %1, not %2: clients must not use it (RFC 8414 §3.3)."_s.arg(actual, expected),
        {{u"expected"_s, expected}, {u"actual"_s, actual}}};
}

Result<AuthorizationServerMetadata> legacyMetadata(Run &run, const Http::ClientResponse &response)
{
    const auto document = Metadata::readObject(response);
    if (response.status >= 500 || response.status == 429)
        return fail(u"provider_unreachable"_s,
                    u"%1 answered HTTP %2: the provider is down, or busy."_s.arg(Http::shownUrl(response.url),
                                                                                 QString::number(response.status)),
                    {{u"status"_s, response.status}});
    if (response.status == 200 && !document)
        return fail(u"invalid_server_metadata"_s, u"What %1 answers is no metadata: %2"_s.arg(
                                                      Http::shownUrl(response.url), document.error().message));
    if (response.status != 200) {
        run.failMessage(response.url, u"No metadata."_s);
        run.step.decision = u"%1 has no metadata (HTTP %2): the default endpoints /authorize, /token and /register of "
                            u"its origin are used."_s.arg(run.issuer, QString::number(response.status));
        run.step.details.insert(u"default_endpoints"_s, true);
        return Metadata::parseAuthorizationServerMetadata(Metadata::defaultServerMetadata(run.issuer));
    }
    auto metadata = Metadata::parseAuthorizationServerMetadata(*document);
    if (metadata && metadata->issuer != run.issuer)
        metadata = fail(issuerMismatch(run.issuer, metadata->issuer));
    if (!metadata)
        run.failMessage(response.url, metadata.error().message);
    else
        run.step.details.insert(u"url"_s, response.url);
    return metadata;
}

/// 2025-03-26: only at the MCP server's origin, whatever its path.
QCoro::Task<Result<AuthorizationServerMetadata>> askOrigin(RunPointer run)
{
    if (run->issuer.isEmpty())
        run->issuer = Http::splitUrl(run->options.mcpUrl).value_or(Http::UrlParts()).origin();
    const auto url = Metadata::oauthWellKnownUrl(run->issuer);
    if (!url)
        co_return fail(url.error());
    Http::ClientRequest request;
    request.url = *url;
    request.headers.append("MCP-Protocol-Version", run->options.revision);
    const auto response = co_await send(run, std::move(request));
    if (!response)
        co_return fail(because(response.error(), u"provider_unreachable"_s, u"The provider did not answer."_s));
    co_return legacyMetadata(*run, *response);
}

void describeProbes(Run &run, const Metadata::Discovery &discovery)
{
    for (const Metadata::Probe &probe : discovery.probes) {
        if (probe.outcome == Metadata::ProbeOutcome::Used)
            run.step.details.insert(u"url"_s, probe.url);
        else
            run.failMessage(probe.url, probe.reason.message);
    }
}

Error reasonOf(const Run &run, const Metadata::Discovery &discovery)
{
    const auto isPrivate = [](const Metadata::Probe &probe) { return probe.reason.code == u"private_address"; };
    if (const auto found = std::ranges::find_if(discovery.probes, isPrivate); found != discovery.probes.end())
        return found->reason;
    Error error = discovery.config.error();
    QStringList others =
        run.resourceMetadata ? run.resourceMetadata->authorizationServers.value_or(QStringList()) : QStringList();
    others.removeAll(run.issuer);
    if (error.code != u"cancelled" && !others.isEmpty()) {
        error.message += u" The MCP server names others, which can be chosen: %1."_s.arg(others.join(u", "_s));
        error.details.insert(u"available"_s, QJsonArray::fromStringList(others));
    }
    return error;
}

QCoro::Task<Result<AuthorizationServerMetadata>> discoverIssuer(RunPointer run)
{
    if (auto usable = checkUrl(*run, u"The authorization server"_s, run->issuer); !usable)
        co_return fail(usable.error());
    if (run->isStopped())
        co_return fail(cancelledError());
    Metadata::DiscoveryOptions options{.stop = run->stop()};
    if (!run->isSince(u"2025-11-25"))
        options.type = Metadata::ServerType::OAuth;
    const Metadata::Discovery discovery = co_await Metadata::discover(run->http(), run->issuer, options);
    describeProbes(*run, discovery);
    if (!discovery.config)
        co_return fail(reasonOf(*run, discovery));
    // discover() also takes the document's own URL for an issuer; authorization_servers has issuers only.
    if (discovery.config->metadata.issuer != run->issuer)
        co_return fail(issuerMismatch(run->issuer, discovery.config->metadata.issuer));
    co_return discovery.config->metadata;
}

/// 2026-07-28 security considerations, Authorization Code Protection.
Result<> checkPkce(Run &run, const AuthorizationServerMetadata &metadata)
{
    const auto &methods = metadata.codeChallengeMethodsSupported;
    if (methods && methods->contains(u"S256"))
        return {};
    const QString seen =
        methods ? u"code_challenge_methods_supported of the metadata lists %1, not S256"_s.arg(methods->join(u", "_s))
                : u"The metadata has no code_challenge_methods_supported"_s;
    if (!run.isSince(u"2025-11-25")) {
        run.note(seen + u": from 2025-11-25 on, clients must refuse that."_s);
        return {};
    }
    if (!methods && run.options.overrides.allowMissingPkce) {
        run.note(u"Override: "_s + seen + u", and clients must refuse that. PKCE is used anyway."_s);
        return {};
    }
    run.cite(u"MCP %1, Authorization Code Protection"_s.arg(run.options.revision),
             Metadata::referenceUrl(Metadata::Rule::Pkce, run.options.revision));
    QJsonObject details{{u"issuer"_s, metadata.issuer}};
    if (methods)
        details.insert(u"code_challenge_methods_supported"_s, QJsonArray::fromStringList(*methods));
    return fail(u"pkce_not_supported"_s, seen + u": the provider does not support PKCE, and clients must refuse."_s,
                details);
}

Result<> checkEndpoints(Run &run, const AuthorizationServerMetadata &metadata)
{
    const auto endpoints = Metadata::endpointsOf(metadata);
    for (const Metadata::Endpoint &endpoint : endpoints) {
        if (endpoint.use != Metadata::EndpointUse::Client || endpoint.url.isEmpty())
            continue;
        if (auto usable = checkUrl(run, "The "_L1 + endpoint.member, endpoint.url); !usable)
            return usable;
    }
    return {};
}

std::unexpected<Error> unusableMember(const QString &member, const QString &why)
{
    return fail(u"invalid_server_metadata"_s, why, {{u"member"_s, member}});
}

/// The document may lack what this run does not use (RFC 8414 §2), and what is faulty counts only where it is used.
Result<> checkMembers(Run &run, const AuthorizationServerMetadata &metadata)
{
    const bool isUsers = run.options.grant == GrantType::AuthorizationCode;
    const QStringList needed =
        isUsers ? QStringList{u"authorization_endpoint"_s, u"token_endpoint"_s} : QStringList{u"token_endpoint"_s};
    for (const QString &member : needed) {
        if (!metadata.raw.value(member).toString().isEmpty())
            continue;
        const auto fault = Metadata::memberFault(metadata, member);
        return unusableMember(member, u"The metadata of %1 cannot be used for the %2 grant: %3"_s.arg(
                                          metadata.issuer, isUsers ? u"authorization code"_s : u"client credentials"_s,
                                          fault ? fault->message : u"`%1` is missing."_s.arg(member)));
    }
    const QStringList &types = metadata.responseTypesSupported;
    if (isUsers && !types.isEmpty() && !types.contains(u"code"))
        run.note(
            u"response_types_supported of the metadata lists %1, not code: the provider may refuse the request."_s.arg(
                types.join(u", "_s)));
    static const QStringList used{u"registration_endpoint"_s,
                                  u"token_endpoint_auth_methods_supported"_s,
                                  u"token_endpoint_auth_signing_alg_values_supported"_s,
                                  u"code_challenge_methods_supported"_s,
                                  u"revocation_endpoint"_s,
                                  u"authorization_response_iss_parameter_supported"_s,
                                  u"client_id_metadata_document_supported"_s};
    for (const Error &fault : metadata.faults) {
        const QString member = fault.details.value(u"member").toString();
        if (fault.code == u"wrong_type" && used.contains(member))
            return unusableMember(member,
                                  u"The metadata of %1 cannot be used: %2"_s.arg(metadata.issuer, fault.message));
        run.note(u"In the provider's metadata: %1"_s.arg(fault.message));
    }
    return {};
}

} // namespace

QCoro::Task<Result<>> findProviderMetadata(RunPointer run)
{
    if (run->issuer.isEmpty())
        run->issuer = run->options.authorizationServer;
    run->cite(u"MCP %1, Authorization Server Metadata Discovery"_s.arg(run->options.revision),
              Metadata::referenceUrl(Metadata::Rule::Discovery, run->options.revision));
    QCoro::Task<Result<AuthorizationServerMetadata>> finding =
        run->isSince(u"2025-06-18") ? discoverIssuer(run) : askOrigin(run);
    const Result<AuthorizationServerMetadata> metadata = co_await finding;
    if (!metadata)
        co_return fail(metadata.error());
    run->step.details.insert(u"issuer"_s, metadata->issuer);
    if (auto usable = checkMembers(*run, *metadata); !usable)
        co_return usable;
    if (auto secure = checkEndpoints(*run, *metadata); !secure)
        co_return secure;
    if (run->options.grant == GrantType::AuthorizationCode) {
        if (auto safe = checkPkce(*run, *metadata); !safe)
            co_return safe;
    }
    if (metadata->requirePushedAuthorizationRequests.value_or(false))
        run->note(u"The provider requires pushed authorization requests (RFC 9126), which MCP clients do not send."_s);
    if (run->step.decision.isEmpty())
        run->step.decision =
            u"The metadata of %1 is at %2."_s.arg(metadata->issuer, run->step.details.value(u"url"_s).toString());
    run->server = *metadata;
    co_return Result<>();
}

} // namespace McpAuth::OAuth
