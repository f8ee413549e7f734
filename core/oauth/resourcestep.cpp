#include "http/url.h"
#include "metadata/resourcediscovery.h"
#include "oauth/flow_p.h"

#include <QJsonArray>

#include <algorithm>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;
using Metadata::ProtectedResourceMetadata;

namespace {

/// The server's URL as RFC 8707 §2 wants it: scheme and host in lower case, no slash that says nothing.
QString canonicalResource(const QString &mcpUrl)
{
    const auto parts = Http::splitUrl(mcpUrl);
    if (!parts)
        return mcpUrl;
    const QString path = parts->path == u'/' ? QString() : parts->path;
    return parts->scheme + u"://"_s + parts->authority.toLower() + path +
           (parts->hasQuery ? u'?' + parts->query : QString());
}

/// In all places that the specification names.
QCoro::Task<Result<ProtectedResourceMetadata>> search(RunPointer run)
{
    Metadata::ResourceDiscoveryOptions options;
    options.metadataUrl = run->resourceMetadataUrl;
    options.mayAsk = [run](const QString &url) { return checkUrl(*run, u"The resource_metadata URL"_s, url); };
    options.stop = run->stop();
    const Metadata::ResourceDiscovery found =
        co_await Metadata::discoverResource(run->http(), run->options.mcpUrl, std::move(options));
    for (const Metadata::Probe &probe : found.probes) {
        if (probe.outcome != Metadata::ProbeOutcome::Used)
            run->failMessage(probe.url, probe.reason.message);
    }
    if (found.metadata)
        run->step.details.insert(u"url"_s, found.url);
    co_return found.metadata;
}

Result<> matchResource(Run &run, const ProtectedResourceMetadata &metadata)
{
    run.step.details.insert(u"resource"_s, metadata.resource);
    if (Metadata::resourceMatches(metadata.resource, run.options.mcpUrl))
        return {};
    const QString words = u"The metadata is for the resource %1, but the MCP server is at %2: a token for one must not "
                          u"be asked for in the name of the other."_s.arg(metadata.resource, run.options.mcpUrl);
    if (!run.options.overrides.allowResourceMismatch)
        return fail(u"resource_mismatch"_s, words,
                    {{u"expected"_s, run.options.mcpUrl}, {u"actual"_s, metadata.resource}});
    run.note(u"Override: the resource %1 is not the server's URL, which clients must refuse."_s.arg(metadata.resource));
    return {};
}

/// As the user says, else the one whose credentials the user gave, else the first (RFC 9728 §7.6).
Result<QString> chosenServer(const FlowOptions &options, const QStringList &servers)
{
    QString asked = options.authorizationServer;
    if (!asked.isEmpty() && !servers.contains(asked))
        return fail(u"unknown_authorization_server"_s,
                    u"The resource does not name %1, but %2."_s.arg(asked, servers.join(u", "_s)),
                    {{u"expected"_s, asked}, {u"available"_s, QJsonArray::fromStringList(servers)}});
    if (!asked.isEmpty())
        return asked;
    const QString ofCredentials = options.preregistered ? options.preregistered->issuer : QString();
    return servers.contains(ofCredentials) ? ofCredentials : servers.first();
}

Result<> accept(Run &run, const ProtectedResourceMetadata &metadata)
{
    if (auto matches = matchResource(run, metadata); !matches)
        return matches;
    QStringList servers = metadata.authorizationServers.value_or(QStringList());
    if (servers.isEmpty() && !run.options.authorizationServer.isEmpty()) {
        run.note(u"The resource metadata names no authorization server, which MCP requires: the given one is used."_s);
        servers.append(run.options.authorizationServer);
    }
    if (servers.isEmpty())
        return fail(u"no_authorization_server"_s,
                    u"The resource metadata names no authorization server: MCP asks for at least one."_s);
    run.step.details.insert(u"authorization_servers"_s, QJsonArray::fromStringList(servers));
    auto issuer = chosenServer(run.options, servers);
    if (!issuer)
        return fail(issuer.error());
    if (servers.size() > 1)
        run.note(u"The resource names %1 authorization servers: %2."_s.arg(QString::number(servers.size()),
                                                                           servers.join(u", "_s)));
    run.issuer = *issuer;
    run.resourceMetadata = metadata;
    run.resource = metadata.resource;
    run.step.decision = u"The resource is %1, and its authorization server %2."_s.arg(run.resource, run.issuer);
    return {};
}

/// "Abort or use pre-configured values" (2026-07-28, authorization server discovery).
Result<> goWithout(Run &run, const Error &error)
{
    const bool isMissing = error.code == u"resource_metadata_not_found";
    if (!isMissing || run.options.authorizationServer.isEmpty())
        return fail(error);
    run.issuer = run.options.authorizationServer;
    run.resource = canonicalResource(run.options.mcpUrl);
    run.note(error.message);
    run.step.decision = u"There is no resource metadata: the authorization server is %1, as given."_s.arg(run.issuer);
    return {};
}

} // namespace

QCoro::Task<Result<>> findResourceMetadata(RunPointer run)
{
    const Result<ProtectedResourceMetadata> metadata = co_await search(run);
    Result<> outcome = metadata ? accept(*run, *metadata) : goWithout(*run, metadata.error());
    if (!outcome)
        co_return outcome;
    if (run->options.overrides.omitResource) {
        run->note(u"Override: `resource` is left out of the requests, which the specification requires in both."_s);
        run->resource.clear();
    }
    run->step.details.insert(u"authorization_server"_s, run->issuer);
    co_return outcome;
}

} // namespace McpAuth::OAuth
