#include "metadata/discovery.h"

#include "metadata/document_p.h"
#include "metadata/wellknown.h"

#include <QElapsedTimer>
#include <QPointer>

#include <algorithm>

namespace McpAuth::Metadata {

using namespace Qt::StringLiterals;

namespace {

struct Place
{
    QString url;
    ServerType type;
};

struct Plan
{
    QStringList issuers; ///< the document may name any of these; the first is what was asked for
    QList<Place> places;
};

/// A probe and what it brought.
struct Visit
{
    Probe probe;
    QByteArray body;
    std::optional<QJsonObject> document;
    std::optional<ServerConfig> config; ///< with the outcome Invalid: usable where nothing better is found
    bool lacksNeeded = false;           ///< of what the caller is after
};

ServerType typeOfUrl(const QString &url)
{
    return url.contains("/.well-known/oauth-authorization-server"_L1) ? ServerType::OAuth : ServerType::Oidc;
}

Result<QStringList> urlsOf(const QString &issuer, std::optional<ServerType> type)
{
    const auto one = [](const QString &url) { return QStringList{url}; };
    if (!type)
        return discoveryUrls(issuer);
    return *type == ServerType::OAuth ? oauthWellKnownUrl(issuer).transform(one)
                                      : oidcWellKnownUrl(issuer).transform(one);
}

Result<Plan> planFor(const QString &issuer, std::optional<ServerType> type)
{
    if (const auto named = issuerOfWellKnownUrl(issuer)) {
        // One URL stands for the issuer with and without its trailing slash (RFC 8414 §3.1).
        return Plan{.issuers = {*named, *named + u'/'}, .places = {{issuer, type.value_or(typeOfUrl(issuer))}}};
    }
    return urlsOf(issuer, type).transform([&](const QStringList &urls) {
        Plan plan{.issuers = {issuer}, .places = {}};
        for (const QString &url : urls)
            plan.places.append({url, type.value_or(typeOfUrl(url))});
        return plan;
    });
}

/// Someone answered, but not for the provider: it is down, or has too much to do.
bool isDown(int status)
{
    return status >= 500 || status == 429;
}

/// What a failed exchange means for the place: someone answered, or nobody did.
ProbeOutcome outcomeOf(const Error &error)
{
    static const QHash<QString, ProbeOutcome> answered{
        {u"redirect_refused"_s, ProbeOutcome::NotFound},       {u"too_many_redirects"_s, ProbeOutcome::NotFound},
        {u"body_too_large"_s, ProbeOutcome::Invalid},          {u"fetch_server_config_error"_s, ProbeOutcome::NotFound},
        {u"invalid_server_metadata"_s, ProbeOutcome::Invalid}, {u"issuer_mismatch"_s, ProbeOutcome::IssuerMismatch},
    };
    return answered.value(error.code, ProbeOutcome::Unreachable);
}

Result<ServerConfig> ofOneIssuer(ServerConfig config, const QStringList &issuers)
{
    if (!issuers.contains(config.metadata.issuer)) {
        if (auto same = checkIssuer(issuers.first(), config.metadata.issuer); !same)
            return fail(std::move(same.error()));
    }
    return config;
}

QStringList absentOf(const QStringList &needed, const AuthorizationServerMetadata &metadata)
{
    QStringList absent = needed;
    absent.removeIf(
        [&](const QString &member) { return metadata.raw.contains(member) && !metadata.raw.value(member).isNull(); });
    return absent;
}

/// What a document lacks that RFC 8414 §2 requires of a provider where users log in, or that the caller needs.
Error incompleteness(const AuthorizationServerMetadata &metadata, const QStringList &absent)
{
    QStringList sentences;
    for (const QString &member : missingMembers(metadata) + absent)
        sentences.append(u"`%1` is missing."_s.arg(member));
    for (const Error &fault : metadata.faults)
        sentences.append(fault.message);
    return {u"invalid_server_metadata"_s, sentences.join(u' '), {}};
}

Visit visitOf(const Place &place, const QStringList &issuers, const DiscoveryOptions &options,
              const Result<Http::ClientResponse> &response)
{
    Visit visit;
    visit.probe.url = place.url;
    Result<ServerConfig> config = fail(Error{});
    if (response) {
        visit.probe.status = response->status;
        visit.body = response->body;
        config = readServerConfig(*response, place.type, options.transpileData, visit.document)
                     .and_then([&](ServerConfig read) { return ofOneIssuer(std::move(read), issuers); });
    } else {
        visit.probe.status = response.error().details.value(u"status"_s).toInt();
        config = fail(response.error());
    }
    if (!config) {
        visit.probe.outcome = isDown(visit.probe.status) ? ProbeOutcome::Unreachable : outcomeOf(config.error());
        visit.probe.reason = std::move(config.error());
        return visit;
    }
    visit.config = *std::move(config);
    const QStringList absent = absentOf(options.needed, visit.config->metadata);
    visit.lacksNeeded = !absent.isEmpty();
    const bool isWhole = isComplete(visit.config->metadata) && absent.isEmpty();
    visit.probe.outcome = isWhole ? ProbeOutcome::Used : ProbeOutcome::Invalid;
    if (!isWhole)
        visit.probe.reason = incompleteness(visit.config->metadata, absent);
    return visit;
}

/// The other places are on the same host, and would fail in the same way.
bool endsSearch(const Visit &visit, const QList<Probe> &before)
{
    static const QStringList sameForTheHost{u"host_not_found"_s, u"connection_refused"_s, u"tls_error"_s,
                                            u"timeout"_s,        u"insecure_url"_s,       u"invalid_url"_s};
    const bool someoneAnswered =
        std::ranges::any_of(before, [](const Probe &probe) { return probe.outcome != ProbeOutcome::Unreachable; });
    return visit.probe.outcome == ProbeOutcome::Used || visit.probe.reason.code == u"cancelled" ||
           (!someoneAnswered && sameForTheHost.contains(visit.probe.reason.code));
}

/// How near a visit came; of two equally near ones the earlier counts.
int nearness(const Visit &visit)
{
    switch (visit.probe.outcome) {
    case ProbeOutcome::Unreachable:
        return isDown(visit.probe.status) ? 2 : 0; // tells more than a 404 of the same host
    case ProbeOutcome::NotFound:
        return 1;
    case ProbeOutcome::Invalid:
        if (visit.config)
            return visit.lacksNeeded ? 6 : 7;
        return visit.document ? 4 : 3;
    case ProbeOutcome::IssuerMismatch:
        return 5;
    case ProbeOutcome::Used:
        break;
    }
    return 8;
}

Error notFound(const QList<Probe> &probes)
{
    QStringList places;
    for (const Probe &probe : probes)
        places.append(probe.status == 0 ? u"%1 (no answer)"_s.arg(probe.url)
                                        : u"%1 (HTTP %2)"_s.arg(probe.url, QString::number(probe.status)));
    return {u"metadata_not_found"_s, u"No metadata found at %1."_s.arg(places.join(u", "_s)), {}};
}

Error unreachable(const Probe &probe)
{
    const QString down = probe.status == 429 ? u"it asks for fewer requests"_s : u"it is down"_s;
    const QString words =
        isDown(probe.status)
            ? u"The provider answers %1: %2 (%3)."_s.arg(QString::number(probe.status), down, probe.url)
            : probe.reason.message;
    return {u"provider_unreachable"_s,
            words,
            {{u"cause"_s, toJson(probe.reason)}, {u"url"_s, probe.url}, {u"status"_s, probe.status}}};
}

/// The error of the whole search, told from the probe that came nearest.
Error errorOf(const Visit &nearest, const QList<Probe> &probes)
{
    Error error = nearest.probe.reason;
    if (error.code == u"cancelled")
        return error;
    switch (nearest.probe.outcome) {
    case ProbeOutcome::NotFound:
        return notFound(probes);
    case ProbeOutcome::Unreachable:
        return unreachable(nearest.probe);
    case ProbeOutcome::Invalid:
        error.code = u"invalid_server_metadata"_s;
        break;
    case ProbeOutcome::IssuerMismatch:
    case ProbeOutcome::Used:
        break;
    }
    error.message = u"%1: %2"_s.arg(nearest.probe.url, error.message);
    error.details.insert(u"url"_s, nearest.probe.url);
    return error;
}

Discovery concluded(Discovery discovery, std::optional<Visit> nearest)
{
    if (!nearest)
        return discovery;
    discovery.document = std::move(nearest->document);
    discovery.body = std::move(nearest->body);
    if (nearest->config) {
        const auto used = std::ranges::find(discovery.probes, nearest->probe.url, &Probe::url);
        used->outcome = ProbeOutcome::Used;
        used->reason = {};
        discovery.issuer = nearest->config->metadata.issuer;
        discovery.config = *std::move(nearest->config);
    } else {
        discovery.config = fail(errorOf(*nearest, discovery.probes));
    }
    return discovery;
}

} // namespace

QString toString(ProbeOutcome outcome)
{
    switch (outcome) {
    case ProbeOutcome::Used:
        return u"used"_s;
    case ProbeOutcome::NotFound:
        return u"not_found"_s;
    case ProbeOutcome::Invalid:
        return u"invalid"_s;
    case ProbeOutcome::IssuerMismatch:
        return u"issuer_mismatch"_s;
    case ProbeOutcome::Unreachable:
        break;
    }
    return u"unreachable"_s;
}

QCoro::Task<Discovery> discover(Http::Client *client, QString issuer, DiscoveryOptions options)
{
    Discovery discovery;
    discovery.issuer = issuer;
    const auto plan = planFor(issuer, options.type);
    if (!plan) {
        discovery.config = fail(plan.error());
        co_return discovery;
    }
    discovery.issuer = plan->issuers.first();
    discovery.config = fail(u"cancelled"_s, u"The HTTP client is gone."_s);

    const QPointer<Http::Client> guard(client);
    std::optional<Visit> nearest;
    for (const Place &place : plan->places) {
        if (!guard)
            break;
        QElapsedTimer timer;
        timer.start();
        const auto response = co_await guard->get(place.url, options.stop);
        Visit visit = visitOf(place, plan->issuers, options, response);
        visit.probe.duration = std::chrono::milliseconds(timer.elapsed());
        const bool isLast = endsSearch(visit, discovery.probes);
        discovery.probes.append(visit.probe);
        const bool wasCancelled = visit.probe.reason.code == u"cancelled";
        if (!nearest || wasCancelled || nearness(visit) > nearness(*nearest))
            nearest = std::move(visit);
        if (isLast)
            break;
    }
    co_return concluded(std::move(discovery), std::move(nearest));
}

} // namespace McpAuth::Metadata
