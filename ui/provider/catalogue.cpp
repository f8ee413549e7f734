#include "ui/provider/catalogue.h"

#include <QFile>
#include <QJsonArray>
#include <QRegularExpression>

#include <algorithm>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

const QRegularExpression &placeholderPattern()
{
    static const QRegularExpression pattern(u"\\{[^{}]*\\}"_s);
    return pattern;
}

QList<CatalogueEntry> readCatalogue()
{
    QFile file(u":/catalogue.json"_s);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QJsonArray providers =
        parseJsonObject(file.readAll()).value_or(QJsonObject()).value("providers"_L1).toArray();
    QList<CatalogueEntry> entries;
    for (const QJsonValue &provider : providers)
        entries.append(
            {provider["name"_L1].toString(), provider["issuer"_L1].toString(),
             provider["type"_L1].toString() == "oauth"_L1 ? Metadata::ServerType::OAuth : Metadata::ServerType::Oidc,
             provider["note"_L1].toString()});
    return entries;
}

bool fits(const QString &issuer, const QString &pattern)
{
    QString expression;
    qsizetype at = 0;
    for (auto matches = placeholderPattern().globalMatch(pattern); matches.hasNext();) {
        const QRegularExpressionMatch match = matches.next();
        expression += QRegularExpression::escape(pattern.sliced(at, match.capturedStart() - at)) + "[^/]+"_L1;
        at = match.capturedEnd();
    }
    expression += QRegularExpression::escape(pattern.sliced(at));
    return QRegularExpression(QRegularExpression::anchoredPattern(expression)).match(issuer).hasMatch();
}

} // namespace

const QList<CatalogueEntry> &catalogue()
{
    static const QList<CatalogueEntry> entries = readCatalogue();
    return entries;
}

const CatalogueEntry *entryOfIssuer(const QString &issuer)
{
    const auto &entries = catalogue();
    const auto found =
        std::ranges::find_if(entries, [&](const CatalogueEntry &entry) { return fits(issuer, entry.issuer); });
    return found == entries.end() ? nullptr : &*found;
}

std::optional<Placeholder> placeholderIn(const QString &issuer)
{
    const QRegularExpressionMatch match = placeholderPattern().match(issuer);
    if (!match.hasMatch())
        return {};
    return Placeholder{int(match.capturedStart()), int(match.capturedLength())};
}

} // namespace McpAuth::Ui
