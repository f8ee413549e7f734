#include "ui/widgets/words.h"

#include <QCoreApplication>

namespace McpAuth::Ui {

namespace {

struct WordsTexts
{
    Q_DECLARE_TR_FUNCTIONS(McpAuth::Ui::Words)
};

} // namespace

QString typeName(Metadata::ServerType type)
{
    return type == Metadata::ServerType::OAuth ? WordsTexts::tr("OAuth 2.0") : WordsTexts::tr("OpenID Connect");
}

QString orDash(const QString &text)
{
    return text.isEmpty() ? QStringLiteral("–") : text;
}

QString requestTarget(const QString &url)
{
    const auto host = url.indexOf(QLatin1StringView("://"));
    const auto path = url.indexOf(u'/', host < 0 ? 0 : host + 3);
    return path < 0 ? QStringLiteral("/") : url.sliced(path);
}

} // namespace McpAuth::Ui
