#include "audit/report.h"
#include "audit/reportparts_p.h"

#include <algorithm>

namespace McpAuth::Audit {

using namespace Qt::StringLiterals;
using Metadata::FindingLevel;

namespace {

enum class Ink { Plain, Bold, Dim, Red, Yellow, Green };

/// Paints with ECMA-48 colours, or not at all.
class Pen
{
public:
    explicit Pen(bool colour)
        : m_colour(colour)
    {
    }

    QString operator()(Ink ink, const QString &text) const
    {
        static constexpr int codes[] = {0, 1, 2, 31, 33, 32};
        if (!m_colour || ink == Ink::Plain)
            return text;
        return u"\x1b[%1m"_s.arg(codes[static_cast<int>(ink)]) + text + u"\x1b[0m"_s;
    }

private:
    bool m_colour;
};

Ink inkOf(FindingLevel level)
{
    switch (level) {
    case FindingLevel::Error:
        return Ink::Red;
    case FindingLevel::Warning:
        return Ink::Yellow;
    case FindingLevel::Pass:
        return Ink::Green;
    case FindingLevel::Skipped:
        break;
    }
    return Ink::Dim;
}

/// A pass is one line; what needs attention says why, what to do, and where it is written.
QString findingLines(const Metadata::Finding &finding, const LevelWords &words, qsizetype width, const Pen &pen)
{
    const QString title = visible(finding.title);
    QString lines = u"    "_s + pen(inkOf(finding.level), words.sign) + u' ' + title.leftJustified(width) + u"  "_s +
                    pen(Ink::Dim, visible(finding.code)) + u'\n';
    if (finding.level == FindingLevel::Pass)
        return lines;
    lines += u"      "_s + visible(finding.detail) + u'\n';
    if (!finding.remedy.isEmpty())
        lines += u"      → "_s + visible(finding.remedy) + u'\n';
    return lines + u"      "_s + pen(Ink::Dim, visible(finding.reference)) + u'\n';
}

QString findingGroups(const ProviderAudit &audit, const Pen &pen)
{
    qsizetype width = 0;
    for (const auto &finding : audit.findings)
        width = std::max(width, visible(finding.title).size());
    QString text;
    for (const LevelWords &words : levelWords()) {
        const auto findings = findingsOf(audit, words.level);
        if (findings.isEmpty())
            continue;
        text += u"  %1 (%2)\n"_s.arg(words.heading, QString::number(findings.size()));
        for (const auto &finding : findings)
            text += findingLines(finding, words, width, pen);
    }
    return text;
}

QString probeLines(const ProviderAudit &audit, const Pen &pen)
{
    if (audit.probes.isEmpty())
        return {};
    QString text = u"  Probes\n"_s;
    for (const Metadata::Probe &probe : audit.probes) {
        text += u"    %1  %2  %3 ms  %4\n"_s.arg(
            statusOf(probe).leftJustified(3), toString(probe.outcome).leftJustified(15),
            QString::number(probe.duration.count()).rightJustified(5), visible(probe.url));
        const bool saysMoreThanTheStatus = probe.reason.code != u"fetch_server_config_error";
        if (!probe.reason.message.isEmpty() && saysMoreThanTheStatus)
            text += u"         "_s + pen(Ink::Dim, visible(probe.reason.message)) + u'\n';
    }
    return text;
}

QString section(const ProviderAudit &audit, const Pen &pen)
{
    const QStringList parts = QStringList{visible(audit.issuer)} + summaryOf(audit);
    QString text =
        pen(audit.isCompatible() ? Ink::Green : Ink::Red, verdictOf(audit)) + u" · "_s + parts.join(u" · "_s) + u'\n';
    if (audit.failure)
        text += u"  "_s + visible(audit.failure->message) + u'\n';
    return text + findingGroups(audit, pen) + probeLines(audit, pen);
}

} // namespace

QString toText(const QList<ProviderAudit> &audits, bool colour)
{
    const Pen pen(colour);
    QStringList sections;
    std::ranges::transform(audits, std::back_inserter(sections),
                           [&](const ProviderAudit &audit) { return section(audit, pen); });
    return sections.join(u'\n');
}

} // namespace McpAuth::Audit
