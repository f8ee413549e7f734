// A page in its smallest size, and no more of it than a small screen has: with a large font it scrolls.
#pragma once

#include <QEvent>
#include <QLayout>
#include <QScrollArea>
#include <QScrollBar>

namespace McpAuth::Ui {

class ScrolledPage final : public QScrollArea
{
public:
    explicit ScrolledPage(QWidget *page)
    {
        setWidget(page);
        setFrameShape(QFrame::NoFrame);
        setFocusPolicy(Qt::NoFocus);
    }

    /// At most what a window of 1024 by 700 has beside the side bar and above the dock.
    [[nodiscard]] QSize minimumSizeHint() const override
    {
        return widget()->minimumSizeHint().boundedTo(QSize(900, 470));
    }

protected:
    void resizeEvent(QResizeEvent *event) override
    {
        QScrollArea::resizeEvent(event);
        fit();
    }

    bool eventFilter(QObject *object, QEvent *event) override
    {
        if (object == widget() && event->type() == QEvent::LayoutRequest)
            fit();
        return QScrollArea::eventFilter(object, event);
    }

private:
    /// Not widgetResizable: with texts that wrap, that takes the preferred height for the smallest.
    void fit()
    {
        QSize room = maximumViewportSize();
        QSize least = widget()->minimumSizeHint();
        if (const QLayout *layout = widget()->layout(); layout && layout->hasHeightForWidth())
            least.setHeight(layout->totalMinimumHeightForWidth(qMax(room.width(), least.width())));
        if (least.height() > room.height())
            room.rwidth() -= verticalScrollBar()->sizeHint().width();
        widget()->resize(room.expandedTo(least));
    }
};

} // namespace McpAuth::Ui
