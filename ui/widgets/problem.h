// The line that says what is wrong with an input.
#pragma once

#include "ui/theme.h"

#include <QLabel>

namespace McpAuth::Ui {

/// In the colour of errors; hidden while there is no problem.
inline void showProblem(QLabel *label, const QString &problem)
{
    QPalette colours;
    colours.setColor(QPalette::WindowText, Theme::foreground(Level::Error));
    label->setPalette(colours);
    label->setText(problem);
    label->setVisible(!problem.isEmpty());
}

} // namespace McpAuth::Ui
