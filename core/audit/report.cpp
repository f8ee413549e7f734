#include "audit/report.h"

namespace McpAuth::Audit {

using namespace Qt::StringLiterals;
using Metadata::FindingLevel;

namespace {

QJsonObject probeToJson(const Metadata::Probe &probe)
{
    return {{u"url"_s, probe.url},
            {u"status"_s, probe.status},
            {u"durationMs"_s, qint64(probe.duration.count())},
            {u"outcome"_s, toString(probe.outcome)}};
}

QJsonObject keyToJson(const Jose::Key &key)
{
    return {{u"kid"_s, key.kid()},
            {u"kty"_s, toString(key.type())},
            {u"alg"_s, QString::fromUtf8(key.alg())},
            {u"use"_s, key.use()},
            {u"bits"_s, key.bits()}};
}

template<typename Value, typename Convert>
QJsonArray toArray(const QList<Value> &values, Convert convert)
{
    QJsonArray array;
    for (const Value &value : values)
        array.append(convert(value));
    return array;
}

} // namespace

QJsonObject toJson(const ProviderAudit &audit)
{
    QJsonObject summary;
    for (const auto level : {FindingLevel::Pass, FindingLevel::Warning, FindingLevel::Error, FindingLevel::Skipped})
        summary.insert(toString(level), audit.count(level));
    QJsonObject object{
        {u"issuer"_s, audit.issuer},
        {u"type"_s, audit.type ? QJsonValue(toString(*audit.type)) : QJsonValue(QJsonValue::Null)},
        {u"revision"_s, audit.revision},
        {u"compatible"_s, audit.isCompatible()},
        {u"summary"_s, summary},
        {u"probes"_s, toArray(audit.probes, probeToJson)},
        {u"findings"_s,
         toArray(audit.findings, [](const Metadata::Finding &finding) { return Metadata::toJson(finding); })},
        {u"metadata"_s, audit.metadata},
        {u"keys"_s, toArray(audit.keys, keyToJson)}};
    if (audit.failure)
        object.insert(u"failure"_s, toJson(*audit.failure));
    return object;
}

QJsonArray toJson(const QList<ProviderAudit> &audits)
{
    return toArray(audits, [](const ProviderAudit &audit) { return toJson(audit); });
}

} // namespace McpAuth::Audit
