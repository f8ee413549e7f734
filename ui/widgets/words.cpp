#include "ui/widgets/words.h"

#include <QCoreApplication>

namespace McpAuth::Ui {

namespace {

struct Texts
{
    Q_DECLARE_TR_FUNCTIONS(McpAuth::Ui::Words)
};

} // namespace

QString typeName(Metadata::ServerType type)
{
    return type == Metadata::ServerType::OAuth ? Texts::tr("OAuth 2.0") : Texts::tr("OpenID Connect");
}

QString orDash(const QString &text)
{
    return text.isEmpty() ? QStringLiteral("–") : text;
}

} // namespace McpAuth::Ui
