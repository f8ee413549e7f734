#include "audit/reportparts_p.h"
#include "base/text.h"

#include <algorithm>
#include <iterator>

namespace McpAuth::Audit {

using namespace Qt::StringLiterals;
using Metadata::FindingLevel;

namespace {

QString counted(int count, QLatin1StringView noun)
{
    return u"%1 %2%3"_s.arg(QString::number(count), noun, count == 1 ? u""_s : u"s"_s);
}

} // namespace

QString visible(const QString &text)
{
    constexpr qsizetype longest = 2'000;
    const QString shown = shortened(text, longest);
    QString line;
    line.reserve(shown.size());
    for (qsizetype at = 0; at < shown.size(); ++at) {
        const bool isPair = shown[at].isHighSurrogate() && at + 1 < shown.size() && shown[at + 1].isLowSurrogate();
        const char32_t character =
            isPair ? QChar::surrogateToUcs4(shown[at], shown[at + 1]) : char32_t(shown[at].unicode());
        if (isTreacherous(character))
            line += u"\\u{%1}"_s.arg(QString::number(uint(character), 16));
        else
            line += QStringView(shown).sliced(at, isPair ? 2 : 1);
        at += isPair ? 1 : 0;
    }
    return line;
}

const QList<LevelWords> &levelWords()
{
    static const QList<LevelWords> words{{FindingLevel::Error, u"Errors"_s, u"✖"_s},
                                         {FindingLevel::Warning, u"Warnings"_s, u"▲"_s},
                                         {FindingLevel::Skipped, u"Skipped"_s, u"–"_s},
                                         {FindingLevel::Pass, u"Passed"_s, u"✔"_s}};
    return words;
}

QList<Metadata::Finding> findingsOf(const ProviderAudit &audit, FindingLevel level)
{
    QList<Metadata::Finding> list;
    std::ranges::copy_if(audit.findings, std::back_inserter(list),
                         [level](const Metadata::Finding &finding) { return finding.level == level; });
    return list;
}

QString verdictOf(const ProviderAudit &audit)
{
    if (audit.failure)
        return u"✖ Could not be read"_s;
    return (audit.isCompatible() ? u"✔ Compatible with MCP %1"_s : u"✖ Not compatible with MCP %1"_s)
        .arg(visible(audit.revision));
}

QStringList summaryOf(const ProviderAudit &audit)
{
    QStringList parts;
    if (audit.type)
        parts.append(toString(*audit.type));
    if (const int errors = audit.count(FindingLevel::Error); errors > 0)
        parts.append(counted(errors, "error"_L1));
    if (const int warnings = audit.count(FindingLevel::Warning); warnings > 0)
        parts.append(counted(warnings, "warning"_L1));
    if (!audit.keys.isEmpty())
        parts.append(counted(static_cast<int>(audit.keys.size()), "key"_L1));
    return parts;
}

QString statusOf(const Metadata::Probe &probe)
{
    return probe.status == 0 ? u"–"_s : QString::number(probe.status);
}

} // namespace McpAuth::Audit
