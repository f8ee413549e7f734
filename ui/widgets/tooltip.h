// Tool tips for texts that others wrote: never taken for markup, and wrapped.
#pragma once

#include <QString>
#include <QTextDocument>

namespace McpAuth::Ui {

[[nodiscard]] inline QString plainToolTip(const QString &text)
{
    return text.isEmpty() ? QString() : Qt::convertFromPlainText(text);
}

} // namespace McpAuth::Ui
