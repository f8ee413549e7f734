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
    table->setFrameShape(QFrame::NoFrame);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + Theme::gap);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
}

/// As wide as the longest text that a column is expected to show.
inline void fitColumn(QTableView *table, int column, const QString &longest)
{
    table->setColumnWidth(column, table->fontMetrics().horizontalAdvance(longest) + Theme::margin);
}

} // namespace McpAuth::Ui
