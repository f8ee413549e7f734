#include "audit/report.h"
#include "support/result.h"

#include <QXmlStreamReader>

#include <algorithm>

using namespace McpAuth;
using namespace McpAuth::Audit;
using namespace Qt::StringLiterals;
using Metadata::Finding;
using Metadata::FindingLevel;

namespace {

Finding finding(FindingLevel level, const QString &code, const QString &detail = u"Seen."_s)
{
    return {.code = code,
            .level = level,
            .title = u"Title of "_s + code,
            .detail = detail,
            .reference = u"https://www.rfc-editor.org/rfc/rfc8414#section-2"_s,
            .remedy = level == FindingLevel::Pass ? QString() : u"Fix it."_s};
}

Metadata::Probe probe(const QString &url, int status, Metadata::ProbeOutcome outcome)
{
    Metadata::Probe result;
    result.url = url;
    result.status = status;
    result.duration = std::chrono::milliseconds(12);
    result.outcome = outcome;
    return result;
}

/// One of each level.
ProviderAudit mixed(const QString &issuer = u"https://a.example"_s, const QString &detail = u"Seen."_s)
{
    ProviderAudit audit;
    audit.issuer = issuer;
    audit.type = Metadata::ServerType::Oidc;
    audit.revision = u"2026-07-28"_s;
    audit.probes = {probe(issuer + u"/a"_s, 404, Metadata::ProbeOutcome::NotFound),
                    probe(issuer + u"/b"_s, 200, Metadata::ProbeOutcome::Used)};
    audit.findings = {finding(FindingLevel::Pass, u"p"_s), finding(FindingLevel::Warning, u"w"_s, detail),
                      finding(FindingLevel::Error, u"e"_s, detail), finding(FindingLevel::Skipped, u"s"_s, detail)};
    audit.metadata = {{u"issuer"_s, issuer}};
    audit.keys = {Jose::keyFromJwk({{u"kty"_s, u"OKP"_s},
                                    {u"crv"_s, u"Ed25519"_s},
                                    {u"x"_s, u"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"_s},
                                    {u"kid"_s, u"one"_s},
                                    {u"alg"_s, u"EdDSA"_s},
                                    {u"use"_s, u"sig"_s}})
                      .value()};
    return audit;
}

ProviderAudit compatible()
{
    ProviderAudit audit = mixed();
    audit.findings = {finding(FindingLevel::Pass, u"p"_s), finding(FindingLevel::Warning, u"w"_s)};
    return audit;
}

ProviderAudit failed(const QString &message = u"Nobody is there."_s)
{
    ProviderAudit audit;
    audit.issuer = u"https://gone.example"_s;
    audit.revision = u"2026-07-28"_s;
    audit.failure = Error{u"provider_unreachable"_s, message, {}};
    return audit;
}

/// What metadata may hold to break out of any format: markup, terminal control, line breaks, right-to-left override,
/// a zero-width space, a lone surrogate and a noncharacter.
QString hostileText()
{
    QString text =
        u"</td></failure>\"><script>alert(1)</script><!-- ]]> & `code` | [x](javascript:1) ![i](http://i) **b**"_s
        u"\n# heading\r\n\t\x1b]0;title\x07\x1b[2J\x9b"
        u"31m\u202edesrever\u200b\u2028"_s;
    text += QChar(0);
    text += QChar(0xd800);
    text += QChar(0xffff);
    return text;
}

/// Characters that no report but JSON may hold, the line feed aside.
QString forbiddenIn(const QString &report, bool colours = false)
{
    QString found;
    for (const QChar character : report) {
        if (character == u'\n' || (colours && character == u'\x1b'))
            continue;
        if (character.category() == QChar::Other_Control || character.category() == QChar::Other_Format ||
            character.category() == QChar::Separator_Line || character.isSurrogate() || character.isNonCharacter())
            found += QString::number(character.unicode(), 16) + u' ';
    }
    return found;
}

QList<ProviderAudit> hostile()
{
    ProviderAudit audit = mixed(u"https://a.example/"_s + hostileText(), hostileText());
    audit.probes.first().reason = Error{u"x"_s, hostileText(), {}};
    return {audit, failed(hostileText())};
}

} // namespace

TEST(JsonReport, HasTheMembersOfTheContract)
{
    const QJsonObject json = toJson(mixed());
    EXPECT_EQ(json.keys(), (QStringList{u"compatible"_s, u"findings"_s, u"issuer"_s, u"keys"_s, u"metadata"_s,
                                        u"probes"_s, u"revision"_s, u"summary"_s, u"type"_s}));
    EXPECT_EQ(json.value(u"issuer"_s), u"https://a.example"_s);
    EXPECT_EQ(json.value(u"type"_s), u"oidc"_s);
    EXPECT_EQ(json.value(u"compatible"_s), false);
    EXPECT_EQ(json.value(u"summary"_s).toObject(),
              (QJsonObject{{u"pass"_s, 1}, {u"warning"_s, 1}, {u"error"_s, 1}, {u"skipped"_s, 1}}));
    EXPECT_EQ(json.value(u"probes"_s).toArray().at(0).toObject(), (QJsonObject{{u"url"_s, u"https://a.example/a"_s},
                                                                               {u"status"_s, 404},
                                                                               {u"durationMs"_s, 12},
                                                                               {u"outcome"_s, u"not_found"_s}}));
    EXPECT_EQ(json.value(u"findings"_s).toArray().at(2).toObject(), toJson(mixed().findings.at(2)));
    EXPECT_EQ(json.value(u"metadata"_s).toObject(), mixed().metadata);
    EXPECT_EQ(json.value(u"keys"_s).toArray().at(0).toObject(),
              (QJsonObject{{u"kid"_s, u"one"_s},
                           {u"kty"_s, u"OKP"_s},
                           {u"alg"_s, u"EdDSA"_s},
                           {u"use"_s, u"sig"_s},
                           {u"bits"_s, mixed().keys.first().bits()}}));
}

TEST(JsonReport, OfAFailureSaysWhy)
{
    const QJsonObject json = toJson(failed());
    EXPECT_EQ(json.value(u"compatible"_s), false);
    EXPECT_TRUE(json.value(u"type"_s).isNull());
    EXPECT_EQ(json.value(u"failure"_s).toObject().value(u"code"_s), u"provider_unreachable"_s);
    EXPECT_EQ(toJson(QList{failed(), mixed()}).size(), 2);
}

TEST(JsonReport, KeepsHostileTextAsItIs)
{
    ProviderAudit audit = mixed();
    const QString text = u"\x1b[31m</script>\n"_s;
    audit.findings = {finding(FindingLevel::Error, u"e"_s, text)};
    const QJsonObject read = parseJsonObject(toJsonText(toJson(audit))).value();
    EXPECT_EQ(read.value(u"findings"_s).toArray().at(0).toObject().value(u"detail"_s), text);
}

TEST(TextReport, BeginsWithTheVerdict)
{
    EXPECT_TRUE(toText({compatible()}, false).startsWith(u"✔ Compatible with MCP 2026-07-28 · https://a.example"_s));
    EXPECT_TRUE(toText({mixed()}, false).startsWith(u"✖ Not compatible with MCP 2026-07-28 · https://a.example"_s));
    EXPECT_TRUE(toText({failed()}, false).startsWith(u"✖ Could not be read · https://gone.example\n"_s));
    EXPECT_TRUE(toText({failed()}, false).contains(u"Nobody is there."_s));
}

TEST(TextReport, ShowsTheWorstFirst)
{
    const QString text = toText({mixed()}, false);
    const QList<qsizetype> places{text.indexOf(u"Errors (1)"_s), text.indexOf(u"Warnings (1)"_s),
                                  text.indexOf(u"Skipped (1)"_s), text.indexOf(u"Passed (1)"_s),
                                  text.indexOf(u"Probes"_s)};
    EXPECT_GT(places.first(), 0);
    EXPECT_TRUE(std::ranges::is_sorted(places)) << text.toStdString();
    EXPECT_TRUE(text.contains(u"→ Fix it."_s));
    EXPECT_TRUE(text.contains(u"https://www.rfc-editor.org/rfc/rfc8414#section-2"_s));
    EXPECT_TRUE(text.contains(u"404  not_found"_s));
}

TEST(TextReport, IsColouredOnlyWhenAsked)
{
    EXPECT_FALSE(toText({mixed(), failed()}, false).contains(u'\x1b'));
    EXPECT_TRUE(toText({mixed()}, true).contains(u"\x1b[31m"_s));
    EXPECT_TRUE(toText({compatible()}, true).contains(u"\x1b[32m"_s));
}

TEST(TextReport, LetsNoMetadataDriveTheTerminal)
{
    EXPECT_EQ(forbiddenIn(toText(hostile(), false)), QString());
    EXPECT_EQ(forbiddenIn(toText(hostile(), true), true), QString());
    EXPECT_FALSE(toText(hostile(), true).contains(u"\x1b]0"_s));
    EXPECT_FALSE(toText(hostile(), true).contains(u"\x1b[2J"_s));
    EXPECT_TRUE(toText(hostile(), false).contains(u"\\u{1b}]0;title\\u{7}"_s));
    EXPECT_FALSE(toText(hostile(), false).contains(u"\n# heading"_s));
}

TEST(TextReport, KeepsOtherScripts)
{
    const QString text = u"日本語 עברית 🔑 é"_s;
    EXPECT_TRUE(toText({mixed(u"https://a.example"_s, text)}, false).contains(text));
}

TEST(TextReport, CutsWhatIsEndless)
{
    EXPECT_LT(toText({mixed(u"https://a.example"_s, QString(1'000'000, u'x'))}, false).size(), 20'000);
}

TEST(JunitReport, HasASuiteAnIssuerAndACaseAFinding)
{
    QXmlStreamReader xml(toJunit({mixed(), compatible(), failed()}));
    QHash<QString, int> elements;
    QStringList suites;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        ++elements[xml.name().toString()];
        if (xml.name() == u"testsuites") {
            EXPECT_EQ(xml.attributes().value(u"tests"_s), u"7");
            EXPECT_EQ(xml.attributes().value(u"failures"_s), u"1");
            EXPECT_EQ(xml.attributes().value(u"errors"_s), u"1");
            EXPECT_EQ(xml.attributes().value(u"skipped"_s), u"1");
        }
        if (xml.name() == u"testsuite")
            suites.append(xml.attributes().value(u"name"_s).toString());
    }
    EXPECT_FALSE(xml.hasError()) << xml.errorString().toStdString();
    EXPECT_EQ(suites, (QStringList{u"https://a.example"_s, u"https://a.example"_s, u"https://gone.example"_s}));
    EXPECT_EQ(elements.value(u"testcase"_s), 7);
    EXPECT_EQ(elements.value(u"failure"_s), 1);
    EXPECT_EQ(elements.value(u"skipped"_s), 1);
    EXPECT_EQ(elements.value(u"error"_s), 1);
}

TEST(JunitReport, StaysWellFormedWhateverMetadataHolds)
{
    const QString report = toJunit(hostile());
    EXPECT_EQ(forbiddenIn(report), QString());
    QXmlStreamReader xml(report);
    int cases = 0;
    QString failure;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        cases += xml.name() == u"testcase" ? 1 : 0;
        if (xml.name() == u"failure")
            failure = xml.readElementText();
    }
    EXPECT_FALSE(xml.hasError()) << xml.errorString().toStdString();
    EXPECT_EQ(cases, 5);
    EXPECT_TRUE(failure.contains(u"</failure>\"><script>alert(1)</script><!-- ]]> &"_s));
}

TEST(MarkdownReport, GroupsFindingsUnderEachIssuer)
{
    const QString report = toMarkdown({mixed(), failed()});
    EXPECT_TRUE(report.contains(u"## https://a.example\n\n✖ Not compatible with MCP 2026-07-28"_s));
    EXPECT_TRUE(report.contains(u"### ✖ Errors\n\n- **Title of e** (e): Seen.\n  - What to do: Fix it."_s));
    EXPECT_TRUE(report.contains(u"| 404 | not\\_found | 12 ms | https://a.example/a |"_s));
    EXPECT_TRUE(report.contains(u"  - Reference: <https://www.rfc-editor.org/rfc/rfc8414#section-2>\n"_s));
    EXPECT_TRUE(report.contains(u"## https://gone.example"_s));
}

TEST(MarkdownReport, TakesNoMarkupFromMetadata)
{
    const QString report = toMarkdown(hostile());
    EXPECT_EQ(forbiddenIn(report), QString());
    EXPECT_FALSE(report.contains(u"\n# heading"_s));
    const QString markup = u"<>`|[]!*&"_s;
    for (const QString &line : report.split(u'\n')) {
        if (!line.contains(u"alert"_s))
            continue;
        const QString ours = u"*|"_s; // of the list item and of the table row
        for (qsizetype at = 1; at < line.size(); ++at) {
            if (markup.contains(line[at]) && !ours.contains(line[at])) {
                EXPECT_EQ(line[at - 1], u'\\') << line.toStdString();
            }
        }
    }
    EXPECT_TRUE(report.contains(u"\\*\\*b\\*\\*"_s));
    EXPECT_TRUE(report.contains(u"\\`code\\` \\| \\[x\\]\\(javascript:1\\)"_s));
}

TEST(HtmlReport, IsOneSelfContainedPage)
{
    const QString page = toHtml({mixed(), compatible(), failed()});
    EXPECT_TRUE(page.startsWith(u"<!DOCTYPE html>"_s));
    EXPECT_TRUE(page.contains(u"prefers-color-scheme: dark"_s));
    EXPECT_TRUE(page.contains(u"default-src 'none'"_s));
    EXPECT_EQ(page.count(u"<section>"_s), 3);
    EXPECT_EQ(page.count(u"class=\"finding error\""_s), 1);
    for (const QString &loader : {u"src="_s, u"<link"_s, u"<script"_s, u"url("_s, u"@import"_s})
        EXPECT_FALSE(page.contains(loader)) << loader.toStdString();
}

TEST(HtmlReport, TakesNoMarkupFromMetadata)
{
    const QString page = toHtml(hostile());
    EXPECT_EQ(forbiddenIn(page), QString());
    EXPECT_FALSE(page.contains(u"<script"_s));
    EXPECT_FALSE(page.contains(u"<!-- "_s));
    EXPECT_TRUE(page.contains(u"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"_s));
    EXPECT_EQ(page.count(u"<section>"_s), 2);
    EXPECT_EQ(page.count(u"</section>"_s), 2);
}
