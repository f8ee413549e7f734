#include "http/url.h"
#include "metadata/answer.h"
#include "metadata/wellknown.h"
#include "oauth/flow_p.h"
#include "oauth/race_p.h"

#include <QJsonArray>

#include <algorithm>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;
using Metadata::ProtectedResourceMetadata;

namespace {

bool hasDotSegments(const QString &path)
{
    const QStringList segments = path.split(u'/');
    return std::ranges::any_of(segments, [](const QString &segment) {
        const QString plain = QString(segment).replace(u"%2e"_s, u"."_s, Qt::CaseInsensitive);
        return plain == u"." || plain == u"..";
    });
}

int effectivePort(const Http::UrlParts &parts)
{
    if (parts.port != -1)
        return parts.port;
    return parts.scheme == u"https" ? 443 : 80;
}

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

/// From the challenge alone when it names one; else the path's place, then the root's (2026-07-28, Protected Resource
/// Metadata Discovery Requirements).
Result<QStringList> placesOf(const Run &run)
{
    if (!run.resourceMetadataUrl.isEmpty())
        return QStringList{run.resourceMetadataUrl};
    const auto parts = Http::splitUrl(run.options.mcpUrl);
    const auto ofPath = Metadata::protectedResourceMetadataUrl(run.options.mcpUrl);
    const auto ofRoot = parts ? Metadata::protectedResourceMetadataUrl(parts->origin()) : ofPath;
    if (!ofPath || !ofRoot)
        return fail(ofPath ? ofRoot.error() : ofPath.error());
    return *ofPath == *ofRoot ? QStringList{*ofPath} : QStringList{*ofPath, *ofRoot};
}

Result<ProtectedResourceMetadata> readMetadata(const Http::ClientResponse &response)
{
    const QJsonObject details{{u"url"_s, Http::shownUrl(response.url)}, {u"status"_s, response.status}};
    if (response.status != 200)
        return fail(u"resource_metadata_not_found"_s,
                    u"%1 answered HTTP %2."_s.arg(Http::shownUrl(response.url), QString::number(response.status)),
                    details);
    const auto document = Metadata::readObject(response);
    if (!document)
        return fail(u"invalid_resource_metadata"_s,
                    u"What %1 answers is no metadata: %2"_s.arg(Http::shownUrl(response.url), document.error().message),
                    details);
    return Metadata::parseProtectedResourceMetadata(*document);
}

QCoro::Task<Result<ProtectedResourceMetadata>> fetchMetadata(RunPointer run, QString url)
{
    if (auto usable = checkUrl(*run, u"The resource_metadata URL"_s, url); !usable)
        co_return fail(usable.error());
    Http::ClientRequest request;
    request.url = url;
    request.headers.append(QHttpHeaders::WellKnownHeader::Accept, "application/json");
    const auto response = co_await send(run, std::move(request));
    if (!response)
        co_return fail(because(response.error(), u"resource_metadata_not_found"_s,
                               u"%1 did not give resource metadata."_s.arg(Http::shownUrl(url))));
    auto metadata = readMetadata(*response);
    if (!metadata)
        run->failMessage(response->url, metadata.error().message);
    else
        run->step.details.insert(u"url"_s, response->url);
    co_return metadata;
}

/// The first place that has it; the error is the one that came nearest.
QCoro::Task<Result<ProtectedResourceMetadata>> search(RunPointer run, QStringList places)
{
    Error nearest{u"resource_metadata_not_found"_s, u"There is no place to look."_s, {}};
    for (const QString &place : places) {
        Result<ProtectedResourceMetadata> metadata = co_await fetchMetadata(run, place);
        if (metadata || metadata.error().code == u"cancelled")
            co_return metadata;
        if (nearest.code == u"resource_metadata_not_found")
            nearest = metadata.error();
    }
    if (nearest.code == u"resource_metadata_not_found" && places.size() > 1) {
        nearest.message = u"There is no resource metadata at %1."_s.arg(places.join(u" or "_s));
        nearest.details.insert(u"places"_s, QJsonArray::fromStringList(places));
    }
    co_return fail(nearest);
}

Result<> matchResource(Run &run, const ProtectedResourceMetadata &metadata)
{
    run.step.details.insert(u"resource"_s, metadata.resource);
    if (resourceMatches(metadata.resource, run.options.mcpUrl))
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

bool resourceMatches(const QString &resource, const QString &mcpUrl)
{
    const auto parent = Http::splitUrl(resource);
    const auto child = Http::splitUrl(mcpUrl);
    if (!parent || !child || parent->hasFragment)
        return false;
    if (resource == mcpUrl)
        return true;
    const bool sameOrigin = parent->scheme == child->scheme && parent->host == child->host &&
                            effectivePort(*parent) == effectivePort(*child);
    if (!sameOrigin || parent->hasQuery || hasDotSegments(child->path))
        return false;
    const QString path = child->path.isEmpty() ? u"/"_s : child->path; // the request is for "/" (RFC 9110 §4.2.3)
    if (!path.startsWith(parent->path))
        return false;
    return path.size() == parent->path.size() || parent->path.isEmpty() || parent->path.endsWith(u'/') ||
           path.at(parent->path.size()) == u'/';
}

QCoro::Task<Result<>> findResourceMetadata(RunPointer run)
{
    const auto places = placesOf(*run);
    if (!places)
        co_return fail(places.error());
    const Result<ProtectedResourceMetadata> metadata = co_await search(run, *places);
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
