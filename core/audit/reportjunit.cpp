#include "audit/report.h"
#include "audit/reportparts_p.h"

#include <QXmlStreamWriter>

namespace McpAuth::Audit {

using namespace Qt::StringLiterals;
using Metadata::Finding;
using Metadata::FindingLevel;

namespace {

/// XML 1.0 has no way to write most control characters, so attributes and text alike are visible() first.
void attribute(QXmlStreamWriter &xml, QAnyStringView name, const QString &value)
{
    xml.writeAttribute(name, visible(value));
}

void counts(QXmlStreamWriter &xml, qsizetype tests, int failures, int errors, int skipped)
{
    xml.writeAttribute("tests"_L1, QString::number(tests));
    xml.writeAttribute("failures"_L1, QString::number(failures));
    xml.writeAttribute("errors"_L1, QString::number(errors));
    xml.writeAttribute("skipped"_L1, QString::number(skipped));
}

QString explained(const Finding &finding)
{
    return visible(finding.detail) + u'\n' + visible(finding.remedy) + u'\n' + visible(finding.reference);
}

void startCase(QXmlStreamWriter &xml, const ProviderAudit &audit, const QString &name)
{
    xml.writeStartElement("testcase"_L1);
    attribute(xml, "classname"_L1, audit.issuer);
    attribute(xml, "name"_L1, name);
}

void writeCase(QXmlStreamWriter &xml, const ProviderAudit &audit, const Finding &finding)
{
    startCase(xml, audit, finding.code);
    if (finding.level == FindingLevel::Error) {
        xml.writeStartElement("failure"_L1);
        attribute(xml, "type"_L1, finding.code);
        attribute(xml, "message"_L1, finding.title);
        xml.writeCharacters(explained(finding));
        xml.writeEndElement();
    } else if (finding.level == FindingLevel::Skipped) {
        xml.writeStartElement("skipped"_L1);
        attribute(xml, "message"_L1, finding.detail);
        xml.writeEndElement();
    } else if (finding.level == FindingLevel::Warning) {
        xml.writeTextElement("system-out"_L1, u"warning: "_s + explained(finding));
    }
    xml.writeEndElement();
}

void writeFailure(QXmlStreamWriter &xml, const ProviderAudit &audit)
{
    startCase(xml, audit, u"provider_readable"_s);
    xml.writeStartElement("error"_L1);
    attribute(xml, "type"_L1, audit.failure->code);
    attribute(xml, "message"_L1, audit.failure->message);
    xml.writeEndElement();
    xml.writeEndElement();
}

void writeSuite(QXmlStreamWriter &xml, const ProviderAudit &audit)
{
    const int errors = audit.failure ? 1 : 0;
    xml.writeStartElement("testsuite"_L1);
    attribute(xml, "name"_L1, audit.issuer);
    counts(xml, audit.findings.size() + errors, audit.count(FindingLevel::Error), errors,
           audit.count(FindingLevel::Skipped));
    if (audit.failure)
        writeFailure(xml, audit);
    for (const Finding &finding : audit.findings)
        writeCase(xml, audit, finding);
    xml.writeEndElement();
}

} // namespace

QString toJunit(const QList<ProviderAudit> &audits)
{
    qsizetype tests = 0;
    int failures = 0;
    int errors = 0;
    int skipped = 0;
    for (const ProviderAudit &audit : audits) {
        tests += audit.findings.size() + (audit.failure ? 1 : 0);
        failures += audit.count(FindingLevel::Error);
        errors += audit.failure ? 1 : 0;
        skipped += audit.count(FindingLevel::Skipped);
    }
    QString text;
    QXmlStreamWriter xml(&text);
    xml.setAutoFormatting(true);
    xml.writeStartDocument();
    xml.writeStartElement("testsuites"_L1);
    attribute(xml, "name"_L1, u"MCP authorization"_s);
    counts(xml, tests, failures, errors, skipped);
    for (const ProviderAudit &audit : audits)
        writeSuite(xml, audit);
    xml.writeEndDocument();
    return text;
}

} // namespace McpAuth::Audit
