// How tables look and behave, the same on every page.
#pragma once

#include "ui/theme.h"

#include <QHeaderView>
#include <QTableView>

namespace McpAuth::Ui {

/// To be read row by row: one whole row is selected, Tab leaves the table, no grid, a quiet header.
inline void prepareTable(QTableView *table)
{
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setTabKeyNavigation(false);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + Theme::gap);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
}

} // namespace McpAuth::Ui
