#include "metadata/resourcediscovery.h"

#include "http/url.h"
#include "metadata/answer.h"
#include "metadata/wellknown.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QPointer>

#include <algorithm>

namespace McpAuth::Metadata {

using namespace Qt::StringLiterals;

namespace {

Result<QStringList> placesOf(const QString &mcpUrl, const QString &challenged)
{
    if (!challenged.isEmpty())
        return QStringList{challenged};
    const auto parts = Http::splitUrl(mcpUrl);
    const auto ofPath = protectedResourceMetadataUrl(mcpUrl);
    const auto ofRoot = parts ? protectedResourceMetadataUrl(parts->origin()) : ofPath;
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
    const auto metadata = readObject(response).and_then(parseProtectedResourceMetadata);
    if (!metadata)
        return fail(u"invalid_resource_metadata"_s,
                    u"What %1 answers is no resource metadata: %2"_s.arg(Http::shownUrl(response.url),
                                                                         metadata.error().message),
                    details);
    return metadata;
}

Error unanswered(const QString &url, const Error &cause)
{
    if (cause.code == u"cancelled" || cause.code == u"private_address")
        return cause;
    return {u"resource_metadata_not_found"_s,
            u"%1 did not give resource metadata. %2"_s.arg(Http::shownUrl(url), cause.message),
            {{u"cause"_s, toJson(cause)}}};
}

ProbeOutcome outcomeOf(const Result<ProtectedResourceMetadata> &metadata)
{
    if (metadata)
        return ProbeOutcome::Used;
    return metadata.error().code == u"invalid_resource_metadata" ? ProbeOutcome::Invalid : ProbeOutcome::NotFound;
}

/// What came of one place.
struct PlaceAnswer
{
    Probe probe = {};
    Result<ProtectedResourceMetadata> metadata = fail(u"cancelled"_s, u"The search was cancelled."_s);
};

QCoro::Task<PlaceAnswer> askAt(QPointer<Http::Client> client, QString place, ResourceDiscoveryOptions options)
{
    PlaceAnswer answer;
    answer.probe.url = place;
    if (!client || options.stop.stop_requested())
        co_return answer;
    const Result<> allowed = options.mayAsk ? options.mayAsk(place) : Result<>();
    if (!allowed) {
        answer.metadata = fail(allowed.error());
        co_return answer;
    }
    Http::ClientRequest request;
    request.url = place;
    request.headers.append(QHttpHeaders::WellKnownHeader::Accept, "application/json");
    request.stop = options.stop;
    const auto response = co_await client->send(std::move(request));
    if (response) {
        answer.metadata = readMetadata(*response);
        answer.probe.url = response->url;
        answer.probe.status = response->status;
        answer.probe.outcome = outcomeOf(answer.metadata);
    } else {
        answer.metadata = fail(unanswered(place, response.error()));
    }
    co_return answer;
}

/// The first reason other than not found, else the last one.
Error errorOf(const QList<Probe> &probes, const QStringList &places)
{
    const auto near = std::ranges::find_if(
        probes, [](const Probe &probe) { return probe.reason.code != u"resource_metadata_not_found"; });
    if (near != probes.end())
        return near->reason;
    Error error = probes.last().reason;
    if (places.size() > 1) {
        error.message = u"There is no resource metadata at %1."_s.arg(places.join(u" or "_s));
        error.details.insert(u"places"_s, QJsonArray::fromStringList(places));
    }
    return error;
}

} // namespace

QCoro::Task<ResourceDiscovery> discoverResource(Http::Client *client, QString mcpUrl, ResourceDiscoveryOptions options)
{
    ResourceDiscovery discovery;
    const QPointer<Http::Client> guard(client);
    const auto places = placesOf(mcpUrl, options.metadataUrl);
    if (!places) {
        discovery.metadata = fail(places.error());
        co_return discovery;
    }
    for (const QString &place : *places) {
        QElapsedTimer timer;
        timer.start();
        PlaceAnswer answer = co_await askAt(guard, place, options);
        answer.probe.duration = std::chrono::milliseconds(timer.elapsed());
        if (answer.metadata) {
            discovery.probes.append(answer.probe);
            discovery.url = answer.probe.url;
            discovery.metadata = std::move(answer.metadata);
            co_return discovery;
        }
        answer.probe.reason = answer.metadata.error();
        discovery.probes.append(answer.probe);
        if (answer.probe.reason.code == u"cancelled") {
            discovery.metadata = std::move(answer.metadata);
            co_return discovery;
        }
    }
    discovery.metadata = fail(errorOf(discovery.probes, *places));
    co_return discovery;
}

bool resourceMatches(const QString &resource, const QString &mcpUrl)
{
    const auto parent = Http::splitUrl(resource);
    const auto child = Http::splitUrl(mcpUrl);
    if (!parent || !child || parent->hasFragment)
        return false;
    if (resource == mcpUrl)
        return true;
    if (!Http::haveSameOrigin(*parent, *child) || parent->hasQuery || Http::hasDotSegments(child->path))
        return false;
    const QString path = child->path.isEmpty() ? u"/"_s : child->path; // the request is for "/" (RFC 9110 §4.2.3)
    if (!path.startsWith(parent->path))
        return false;
    return path.size() == parent->path.size() || parent->path.isEmpty() || parent->path.endsWith(u'/') ||
           path.at(parent->path.size()) == u'/';
}

} // namespace McpAuth::Metadata
