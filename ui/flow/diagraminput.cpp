// The sequence diagram's keys, mouse and wheel.
#include "ui/flow/diagrampaint_p.h"
#include "ui/flow/sequencediagram.h"
#include "ui/widgets/tooltip.h"

#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace McpAuth::Ui {

using Kind = DiagramRow::Kind;

void SequenceDiagram::moveSelection(int key)
{
    QList<std::pair<int, int>> messages;
    qsizetype current = -1;
    for (const DiagramRow &row : arrangement().rows) {
        if (row.kind != Kind::Request)
            continue;
        // From a step's own row on to its first message.
        if (row.step < m_look->step || (row.step == m_look->step && row.message <= m_look->message))
            current = messages.size();
        messages.append({row.step, row.message});
    }
    if (messages.isEmpty())
        return;
    const bool onMessage = m_look->message >= 0;
    qsizetype next = 0;
    if (key == Qt::Key_End)
        next = messages.size() - 1;
    else if (key == Qt::Key_Down)
        next = current + 1;
    else if (key == Qt::Key_Up)
        next = onMessage ? current - 1 : current;
    const auto &[step, message] = messages[std::clamp<qsizetype>(next, 0, messages.size() - 1)];
    choose(step, message);
}

const DiagramRow *SequenceDiagram::rowAt(QPoint position) const
{
    const QPointF point = mapToScene(position);
    const auto found =
        std::ranges::find_if(arrangement().rows, [point](const DiagramRow &row) { return row.rect.contains(point); });
    return found == m_layout.rows.end() ? nullptr : &*found;
}

bool SequenceDiagram::viewportEvent(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QGraphicsView::viewportEvent(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const DiagramRow *row = rowAt(help->pos());
    if (row && row->message >= 0)
        QToolTip::showText(help->globalPos(), plainToolTip(messageWords(m_steps[row->step].messages[row->message])),
                           this);
    else
        QToolTip::hideText();
    return true;
}

void SequenceDiagram::focusInEvent(QFocusEvent *event)
{
    QGraphicsView::focusInEvent(event);
    m_look->focused = true;
    viewport()->update();
}

void SequenceDiagram::focusOutEvent(QFocusEvent *event)
{
    QGraphicsView::focusOutEvent(event);
    m_look->focused = false;
    viewport()->update();
}

bool SequenceDiagram::zoomByKey(const QKeyEvent *event)
{
    const bool control = event->modifiers().testFlag(Qt::ControlModifier);
    const int key = event->key();
    if (control && (key == Qt::Key_Plus || key == Qt::Key_Equal))
        zoomIn();
    else if (control && key == Qt::Key_Minus)
        zoomOut();
    else if ((control && key == Qt::Key_0) || (!control && key == Qt::Key_F))
        fit();
    else if (!control && key == Qt::Key_1)
        resetZoom();
    else
        return false;
    return true;
}

void SequenceDiagram::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_Home:
    case Qt::Key_End:
        return moveSelection(event->key());
    default:
        if (!zoomByKey(event))
            QGraphicsView::keyPressEvent(event);
    }
}

void SequenceDiagram::mousePressEvent(QMouseEvent *event)
{
    m_pressed = m_last = event->position().toPoint();
    m_dragging = false;
}

void SequenceDiagram::mouseMoveEvent(QMouseEvent *event)
{
    const QPoint position = event->position().toPoint();
    if (event->buttons() == Qt::NoButton)
        return;
    m_dragging = m_dragging || (position - m_pressed).manhattanLength() >= QApplication::startDragDistance();
    if (!m_dragging)
        return;
    viewport()->setCursor(Qt::ClosedHandCursor);
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() - (position - m_last).x());
    verticalScrollBar()->setValue(verticalScrollBar()->value() - (position - m_last).y());
    m_last = position;
}

void SequenceDiagram::mouseReleaseEvent(QMouseEvent *event)
{
    viewport()->unsetCursor();
    if (m_dragging || event->button() != Qt::LeftButton)
        return;
    if (const DiagramRow *row = rowAt(event->position().toPoint()))
        choose(row->step, row->message);
}

void SequenceDiagram::wheelEvent(QWheelEvent *event)
{
    if (!event->modifiers().testFlag(Qt::ControlModifier))
        return QGraphicsView::wheelEvent(event);
    setZoom(m_zoom * std::pow(zoomStep, event->angleDelta().y() / 120.0));
    event->accept();
}

} // namespace McpAuth::Ui
