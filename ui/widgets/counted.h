// "1 key", "3 keys": a number with its noun.
#pragma once

#include <QString>

namespace McpAuth::Ui {

/// `many` has %1 for the number: counted(n, tr("1 key"), tr("%1 keys")).
[[nodiscard]] inline QString counted(qint64 number, const QString &one, const QString &many)
{
    return number == 1 ? one : many.arg(number);
}

} // namespace McpAuth::Ui
