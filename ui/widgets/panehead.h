// The strip above a pane: what it shows on the left, what can be done with it on the right.
#pragma once

#include "ui/theme.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>

namespace McpAuth::Ui {

class PaneHead final : public QFrame
{
public:
    PaneHead(QLabel *title, const QList<QWidget *> &actions)
    {
        QFont font = title->font();
        font.setBold(true);
        title->setFont(font);
        setMinimumHeight(fontMetrics().height() + 2 * Theme::tight);
        auto *row = new QHBoxLayout(this);
        row->setContentsMargins(Theme::gap, 1, Theme::tight, 1);
        row->setSpacing(Theme::tight);
        row->addWidget(title, 1);
        for (QWidget *action : actions)
            row->addWidget(action);
    }
};

} // namespace McpAuth::Ui
