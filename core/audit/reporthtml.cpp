#include "audit/report.h"
#include "audit/reportparts_p.h"

namespace McpAuth::Audit {

using namespace Qt::StringLiterals;

namespace {

/// The page may load nothing and run nothing, whatever a provider managed to put into it.
const QString head = uR"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MCP authorization check</title>
<style>
:root { color-scheme: light dark; --text: #1f2328; --page: #ffffff; --card: #f6f8fa; --line: #d1d9e0; --quiet: #59636e;
  --error: #c4232b; --warning: #8a5a00; --pass: #1a7f37; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --page: #0d1117; --card: #161b22; --line: #30363d;
  --quiet: #9198a1; --error: #ff7b72; --warning: #e3b341; --pass: #56d364; } }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: var(--text); background: var(--page);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
section { border: 1px solid var(--line); border-radius: 8px; padding: 0 1.25rem 1rem; margin: 1.5rem 0; }
.verdict { font-weight: 600; font-size: 1.15rem; }
.finding { background: var(--card); border-left: 4px solid var(--quiet); border-radius: 4px; padding: .5rem .75rem;
  margin: .5rem 0; }
.finding p { margin: .25rem 0; }
.error { border-color: var(--error); } .warning { border-color: var(--warning); } .pass { border-color: var(--pass); }
.good { color: var(--pass); } .bad { color: var(--error); }
code, .quiet { color: var(--quiet); } a { color: inherit; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .25rem .75rem .25rem 0;
  border-bottom: 1px solid var(--line); }
</style>
</head>
<body>
<h1>MCP authorization check</h1>
)"_s;

QString escaped(const QString &text)
{
    return visible(text).toHtmlEscaped();
}

QString element(QLatin1StringView name, const QString &text, QLatin1StringView style = {})
{
    const QString attribute = style.isEmpty() ? QString() : u" class=\"%1\""_s.arg(style);
    return u"<%1%2>%3</%1>\n"_s.arg(name, attribute, escaped(text));
}

QString findingCard(const Metadata::Finding &finding)
{
    QString card = u"<div class=\"finding %1\">\n"_s.arg(toString(finding.level));
    card += u"<p><strong>%1</strong> <code>%2</code></p>\n"_s.arg(escaped(finding.title), escaped(finding.code));
    card += element("p"_L1, finding.detail);
    if (!finding.remedy.isEmpty())
        card += element("p"_L1, u"What to do: "_s + finding.remedy);
    // References are this program's own, so they may be links.
    card += u"<p class=\"quiet\"><a rel=\"noreferrer\" href=\"%1\">%1</a></p>\n"_s.arg(escaped(finding.reference));
    return card + u"</div>\n"_s;
}

QString findingGroups(const ProviderAudit &audit)
{
    QString html;
    for (const LevelWords &words : levelWords()) {
        const auto findings = findingsOf(audit, words.level);
        if (findings.isEmpty())
            continue;
        html += element("h3"_L1, u"%1 %2 (%3)"_s.arg(words.sign, words.heading, QString::number(findings.size())));
        for (const auto &finding : findings)
            html += findingCard(finding);
    }
    return html;
}

QString probeTable(const ProviderAudit &audit)
{
    if (audit.probes.isEmpty())
        return {};
    QString html = u"<h3>Probes</h3>\n<table>\n<tr><th>Status</th><th>Outcome</th><th>Time</th><th>Place</th></tr>\n"_s;
    for (const Metadata::Probe &probe : audit.probes)
        html += u"<tr><td>%1</td><td>%2</td><td>%3 ms</td><td>%4</td></tr>\n"_s.arg(
            statusOf(probe), escaped(toString(probe.outcome)), QString::number(probe.duration.count()),
            escaped(probe.url));
    return html + u"</table>\n"_s;
}

QString section(const ProviderAudit &audit)
{
    QString html = u"<section>\n"_s + element("h2"_L1, audit.issuer);
    html += u"<p class=\"verdict %1\">%2</p>\n"_s.arg(audit.isCompatible() ? u"good"_s : u"bad"_s,
                                                      escaped(verdictOf(audit)));
    html += element("p"_L1, summaryOf(audit).join(u" · "_s), "quiet"_L1);
    if (audit.failure)
        html += element("p"_L1, audit.failure->message);
    return html + findingGroups(audit) + probeTable(audit) + u"</section>\n"_s;
}

} // namespace

QString toHtml(const QList<ProviderAudit> &audits)
{
    QString html = head;
    for (const ProviderAudit &audit : audits)
        html += section(audit);
    return html + u"</body>\n</html>\n"_s;
}

} // namespace McpAuth::Audit
