#include "audit/defaultendpoints_p.h"
#include "http/url.h"
#include "metadata/endpoint.h"

#include <QElapsedTimer>

#include <algorithm>

namespace McpAuth::Audit {

using namespace Qt::StringLiterals;
using Metadata::Finding;
using Metadata::FindingLevel;
using Metadata::Probe;
using Metadata::ProbeOutcome;

namespace {

Finding defaultsFinding(const QString &code, FindingLevel level, const QString &title, const QString &detail,
                        const QString &remedy)
{
    return {.code = code,
            .level = level,
            .title = title,
            .detail = detail,
            .reference = referenceUrl(Metadata::Rule::DefaultEndpoints, u"2025-03-26"_s),
            .remedy = remedy};
}

/// Someone who refuses a bare GET is there all the same; a redirect that is not followed is an answer too.
Probe probeOf(const QString &url, const Result<Http::ClientResponse> &response, std::chrono::milliseconds duration)
{
    Probe probe{.url = url, .duration = duration, .reason = {}};
    probe.status = response ? response->status : response.error().details.value("status"_L1).toInt();
    if (!response)
        probe.reason = response.error();
    if (probe.status == 404 || probe.status == 410)
        probe.outcome = ProbeOutcome::NotFound;
    else if (probe.status > 0 && probe.status < 500)
        probe.outcome = ProbeOutcome::Used;
    return probe;
}

Finding endpointMissing(const Metadata::Endpoint &endpoint, const Probe &probe)
{
    const bool isOptional = endpoint.member == "registration_endpoint"_L1;
    const QString seen = probe.status > 0 ? u"%1 answers %2."_s.arg(endpoint.url, QString::number(probe.status))
                                          : u"%1: %2"_s.arg(endpoint.url, probe.reason.message);
    return defaultsFinding(u"default_endpoint_missing"_s, isOptional ? FindingLevel::Warning : FindingLevel::Error,
                           u"No default %1"_s.arg(endpoint.member), seen,
                           u"Publish metadata that names the endpoints, or serve this one at its default place."_s);
}

Finding defaultsUsed(const QString &issuer)
{
    return defaultsFinding(u"default_endpoints"_s, FindingLevel::Warning, u"No metadata"_s,
                           u"%1 publishes no metadata: clients of MCP 2025-03-26 use the default endpoints /authorize, "
                           u"/token and /register of "
                           u"its origin. Clients of later revisions cannot use this provider."_s.arg(issuer),
                           u"Publish the metadata of RFC 8414."_s);
}

} // namespace

QCoro::Task<ProviderAudit> auditDefaultEndpoints(QPointer<Http::Client> client, ProviderAudit audit,
                                                 std::stop_token stop)
{
    const QString origin = Http::splitUrl(audit.issuer).value_or(Http::UrlParts()).origin();
    audit.failure.reset();
    audit.type = Metadata::ServerType::OAuth;
    audit.metadata = Metadata::defaultServerMetadata(origin);
    audit.findings = checkDocument(audit.metadata, {.revision = audit.revision, .allowHttp = true});
    audit.findings.append(defaultsUsed(audit.issuer));
    const auto endpoints = endpointsOf(Metadata::readAuthorizationServerMetadata(audit.metadata));
    for (const Metadata::Endpoint &endpoint : endpoints) {
        if (!client) {
            audit.failure = Error{u"cancelled"_s, u"The HTTP client is gone."_s, {}};
            break;
        }
        QElapsedTimer timer;
        timer.start();
        const auto response = co_await client->get(endpoint.url, stop);
        if (!response && response.error().code == u"cancelled") {
            audit.failure = response.error();
            break;
        }
        audit.probes.append(probeOf(endpoint.url, response, std::chrono::milliseconds(timer.elapsed())));
        if (audit.probes.last().outcome != ProbeOutcome::Used)
            audit.findings.append(endpointMissing(endpoint, audit.probes.last()));
    }
    co_return audit;
}

} // namespace McpAuth::Audit
