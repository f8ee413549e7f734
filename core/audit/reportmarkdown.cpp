#include "audit/report.h"
#include "audit/reportparts_p.h"

#include <algorithm>

namespace McpAuth::Audit {

using namespace Qt::StringLiterals;
using Metadata::FindingLevel;

namespace {

/// Text that means itself: what CommonMark, tables and raw HTML would read as markup is preceded by a backslash.
QString markdownText(const QString &text)
{
    static const QString markup = u"\\`*_{}[]<>()#+|~&!$@"_s;
    QString result;
    for (const QChar character : visible(text)) {
        if (markup.contains(character))
            result += u'\\';
        result += character;
    }
    return result;
}

QString findingItem(const Metadata::Finding &finding)
{
    QString item = u"- **%1** (%2)"_s.arg(markdownText(finding.title), markdownText(finding.code));
    if (finding.level == FindingLevel::Pass)
        return item + u'\n';
    item += u": %1"_s.arg(markdownText(finding.detail));
    if (!finding.remedy.isEmpty())
        item += u"\n  - What to do: "_s + markdownText(finding.remedy);
    // References are this program's own, so they may be links.
    return item + u"\n  - Reference: <"_s + finding.reference + u">\n"_s;
}

QString markdownProbes(const ProviderAudit &audit)
{
    if (audit.probes.isEmpty())
        return {};
    QString table = u"\n### Probes\n\n| Status | Outcome | Time | Place |\n| --- | --- | ---: | --- |\n"_s;
    for (const Metadata::Probe &probe : audit.probes)
        table += u"| %1 | %2 | %3 ms | %4 |\n"_s.arg(statusOf(probe), markdownText(toString(probe.outcome)),
                                                     QString::number(probe.duration.count()), markdownText(probe.url));
    return table;
}

QString markdownSection(const ProviderAudit &audit)
{
    const QStringList parts = QStringList{verdictOf(audit)} + summaryOf(audit);
    QString text = u"## %1\n\n%2\n"_s.arg(markdownText(audit.issuer), markdownText(parts.join(u" · "_s)));
    if (audit.failure)
        text += u'\n' + markdownText(audit.failure->message) + u'\n';
    for (const LevelWords &words : levelWords()) {
        const auto findings = findingsOf(audit, words.level);
        if (findings.isEmpty())
            continue;
        text += u"\n### %1 %2\n\n"_s.arg(words.sign, words.heading);
        for (const auto &finding : findings)
            text += findingItem(finding);
    }
    return text + markdownProbes(audit);
}

} // namespace

QString toMarkdown(const QList<ProviderAudit> &audits)
{
    QStringList sections{u"# MCP authorization check\n"_s};
    std::ranges::transform(audits, std::back_inserter(sections), markdownSection);
    return sections.join(u'\n');
}

} // namespace McpAuth::Audit
