// Rows with a little air, where a tree's own are as tight as the font.
#pragma once

#include "ui/theme.h"

#include <QStyledItemDelegate>

namespace McpAuth::Ui {

/// For a delegate that paints by itself: where the focus is not, a selection is grey.
[[nodiscard]] inline QPalette rowPalette(const QStyleOptionViewItem &option)
{
    QPalette palette = option.palette;
    if (option.state.testFlag(QStyle::State_Enabled))
        palette.setCurrentColorGroup(option.state.testFlag(QStyle::State_Active) ? QPalette::Active
                                                                                 : QPalette::Inactive);
    return palette;
}

class RowDelegate final : public QStyledItemDelegate
{
public:
    RowDelegate(int extraHeight, QObject *parent)
        : QStyledItemDelegate(parent)
        , m_extraHeight(extraHeight)
    {
    }

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        return QStyledItemDelegate::sizeHint(option, index).grownBy({0, 0, 0, m_extraHeight});
    }

private:
    int m_extraHeight;
};

} // namespace McpAuth::Ui
