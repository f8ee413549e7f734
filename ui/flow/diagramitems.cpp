#include "ui/flow/diagramitems_p.h"

#include <QApplication>
#include <QCache>
#include <QFile>
#include <QPainter>
#include <QPainterPath>
#include <QPalette>
#include <QSvgRenderer>

#include <cmath>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using namespace DiagramPaint;
using Kind = DiagramRow::Kind;

namespace {

constexpr double arrowHead = 7;
constexpr double labelGap = 12; ///< between a label and the lifelines

constexpr std::array levelIcons = {"level-info"_L1,    "level-busy"_L1,  "level-ok"_L1,
                                   "level-warning"_L1, "level-error"_L1, "level-skipped"_L1};

/// A filled triangle whose tip is at `tip`, coming from the left (direction 1) or from the right (-1).
void drawHead(QPainter *painter, QPointF tip, double direction, const QColor &colour)
{
    const double back = tip.x() - direction * arrowHead;
    QPainterPath path(tip);
    path.lineTo(back, tip.y() - arrowHead * 0.5);
    path.lineTo(back + direction * 1.6, tip.y());
    path.lineTo(back, tip.y() + arrowHead * 0.5);
    path.closeSubpath();
    painter->fillPath(path, colour);
}

void drawArrow(QPainter *painter, double from, double to, double y, const QPen &stroke)
{
    const double direction = to > from ? 1 : -1;
    painter->setPen(stroke);
    painter->drawLine(QPointF(from + direction * 2, y), QPointF(to - direction * arrowHead, y));
    drawHead(painter, {to - direction * 1.5, y}, direction, stroke.color());
}

QPainterPath topRounded(const QRectF &rect, double radius)
{
    QPainterPath path;
    path.moveTo(rect.bottomLeft());
    path.lineTo(rect.left(), rect.top() + radius);
    path.quadTo(rect.topLeft(), {rect.left() + radius, rect.top()});
    path.lineTo(rect.right() - radius, rect.top());
    path.quadTo(rect.topRight(), {rect.right(), rect.top() + radius});
    path.lineTo(rect.bottomRight());
    path.closeSubpath();
    return path;
}

/// Of a request's words: a path may be somewhat longer than its arrow, a query is cut.
double roomFor(const DiagramRow &row, double from, double to)
{
    constexpr double overhang = 46;
    const double arrow = std::abs(to - from);
    if (row.text.contains(u'?'))
        return arrow - 2 * labelGap;
    const double middle = (from + to) / 2;
    const double atEdge = std::min(middle - row.rect.left(), row.rect.right() - middle) - labelGap;
    return std::min(arrow + 2 * overhang, 2 * atEdge);
}

QColor cardLine(Level level)
{
    if (level == Level::Error || level == Level::Busy) {
        QColor colour = Theme::foreground(level);
        colour.setAlphaF(0.65F);
        return colour;
    }
    return Theme::line();
}

} // namespace

CardItem::CardItem(DiagramCard card)
    : m_card(card)
{
    setZValue(0);
}

void CardItem::setCard(const DiagramCard &card)
{
    if (card == m_card)
        return;
    prepareGeometryChange();
    m_card = card;
    update();
}

QRectF CardItem::boundingRect() const
{
    return m_card.rect.adjusted(-1, -1, 1, 1);
}

void CardItem::paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *)
{
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(pen(cardLine(m_card.level), 1));
    painter->setBrush(ground());
    painter->drawRoundedRect(m_card.rect.adjusted(0.5, 0.5, -0.5, -0.5), cardRadius, cardRadius);
}

LifelinesItem::LifelinesItem(const DiagramLook *look)
    : m_look(look)
{
    setZValue(1);
}

void LifelinesItem::changed()
{
    prepareGeometryChange();
    m_rect = {m_look->lifelines.front() - 1, 0, m_look->lifelines.back() - m_look->lifelines.front() + 2,
              m_look->bottom};
    update();
}

QRectF LifelinesItem::boundingRect() const
{
    return m_rect;
}

void LifelinesItem::paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *)
{
    painter->setRenderHint(QPainter::Antialiasing, false);
    painter->setPen(QPen(Theme::line(), 1));
    for (const double x : m_look->lifelines)
        painter->drawLine(QPointF(x, 0), QPointF(x, m_rect.bottom()));
}

RowItem::RowItem(const DiagramLook *look, DiagramRow row)
    : m_look(look)
    , m_row(std::move(row))
{
    setZValue(2);
}

void RowItem::setRow(const DiagramRow &row)
{
    if (row == m_row)
        return;
    prepareGeometryChange();
    m_row = row;
    update();
}

QRectF RowItem::boundingRect() const
{
    return m_row.rect.adjusted(-1, -1, 1, 1);
}

bool RowItem::isSelected() const
{
    return m_row.step == m_look->step && m_row.message == m_look->message;
}

void RowItem::paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *)
{
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setFont(m_look->font);
    switch (m_row.kind) {
    case Kind::Title:
        return paintTitle(painter);
    case Kind::Request:
        return paintRequest(painter);
    case Kind::Answer:
        return paintAnswer(painter);
    case Kind::Callout:
        return paintCallout(painter);
    case Kind::Waiting:
        return paintWaiting(painter);
    }
}

void RowItem::paintTitle(QPainter *painter) const
{
    const QRectF strip = m_row.rect.adjusted(1, 1, -1, 0);
    painter->fillPath(topRounded(strip, cardRadius - 1), Theme::background(m_row.level));
    if (isSelected() && m_look->message < 0)
        painter->strokePath(topRounded(strip.adjusted(1, 1, -1, -1), cardRadius - 2),
                            pen(Theme::foreground(Level::Info), 1.6));
    const double middle = strip.center().y();
    const QRectF icon(strip.left() + 9, middle - iconSize / 2, iconSize, iconSize);
    QColor colour = Theme::foreground(m_row.level);
    if (m_row.level == Level::Busy)
        colour.setAlphaF(float(0.35 + 0.65 * std::abs(std::cos(m_look->phase * M_PI))));
    painter->setOpacity(colour.alphaF());
    drawIcon(painter, levelIcons.at(std::size_t(m_row.level)), Theme::foreground(m_row.level), icon);
    painter->setOpacity(1);

    const QString title = u"%1  %2"_s.arg(m_row.strong, m_row.text);
    const double left = icon.right() + 8;
    const double room = strip.right() - 12 - left;
    painter->setFont(m_look->bold);
    painter->setPen(text());
    const double titleWidth = std::min<double>(painter->fontMetrics().horizontalAdvance(title) + 2, room);
    drawElided(painter, {left, strip.top(), titleWidth, strip.height()}, Qt::AlignVCenter | Qt::AlignLeft, title,
               Qt::ElideRight);
    const QRectF rest(left + titleWidth + 16, strip.top(), room - titleWidth - 16, strip.height());
    if (rest.width() < 40)
        return;
    painter->setFont(m_look->small);
    painter->setPen(Theme::mutedText());
    drawElided(painter, rest, Qt::AlignVCenter | Qt::AlignRight, m_row.aside, Qt::ElideRight);
}

void RowItem::paintSelection(QPainter *painter) const
{
    if (!isSelected())
        return;
    painter->fillRect(m_row.rect.adjusted(1, 0, -1, 0), Theme::background(Level::Info));
    painter->fillRect(QRectF(m_row.rect.left() + 1, m_row.rect.top(), m_look->focused ? 4 : 2, m_row.rect.height()),
                      Theme::foreground(Level::Info));
}

void RowItem::paintRequest(QPainter *painter) const
{
    paintSelection(painter);
    const double from = m_look->x(m_row.from);
    const double to = m_look->x(m_row.to);
    const double y = std::round(m_row.rect.bottom()) - 5.5;
    const double room = roomFor(m_row, from, to);
    painter->setFont(m_look->bold);
    const double strong = painter->fontMetrics().horizontalAdvance(m_row.strong);
    const double space = painter->fontMetrics().horizontalAdvance(u' ') + 2;
    painter->setFont(m_look->font);
    const QString path = painter->fontMetrics().elidedText(
        m_row.text, m_row.text.contains(u'?') ? Qt::ElideRight : Qt::ElideMiddle, int(room - strong - space));
    const double words = strong + space + painter->fontMetrics().horizontalAdvance(path);
    const QRectF label((from + to) / 2 - words / 2, m_row.rect.top() + 2, words, y - m_row.rect.top() - 4);
    painter->fillRect(label.adjusted(-4, 0, 4, 0), isSelected() ? Theme::background(Level::Info) : ground());
    painter->setPen(text());
    painter->drawText(label.adjusted(strong + space, 0, 2, 0), Qt::AlignVCenter | Qt::TextSingleLine, path);
    painter->setFont(m_look->bold);
    painter->setPen(Theme::foreground(Level::Info));
    painter->drawText(label, Qt::AlignVCenter | Qt::TextSingleLine, m_row.strong);
    drawArrow(painter, from, to, y, pen(Theme::foreground(Level::Info), 1.5));
}

void RowItem::paintAnswer(QPainter *painter) const
{
    paintSelection(painter);
    const double from = m_look->x(m_row.from);
    const double to = m_look->x(m_row.to);
    const double y = std::floor(m_row.rect.center().y()) + 0.5;
    const QColor colour = Theme::foreground(m_row.level);
    drawArrow(painter, from, to, y, pen(colour, 1.3, Qt::DashLine));

    painter->setFont(m_look->small);
    const QFontMetricsF metrics(m_look->small);
    const auto widthOf = [&](const QString &text) { return std::ceil(metrics.horizontalAdvance(text)) + 2; };
    constexpr double ends = 18;
    constexpr double space = 6;
    const double room = std::abs(to - from) - 2 * labelGap - 2 * arrowHead;
    const double asideWidth = m_row.aside.isEmpty() ? 0 : widthOf(m_row.aside) + space;
    // The number alone where its words do not fit.
    const bool isShort = widthOf(m_row.text) + asideWidth + ends > room;
    const QString words = isShort && m_row.text.front().isDigit() ? m_row.text.section(u' ', 0, 0) : m_row.text;
    const double width = std::min(widthOf(words) + asideWidth + ends, room);
    const QRectF pill((from + to) / 2 - width / 2, y - metrics.height() / 2 - 2.5, width, metrics.height() + 5);
    painter->setPen(Qt::NoPen);
    painter->setBrush(isSelected() ? Theme::background(Level::Info) : ground());
    painter->drawRoundedRect(pill.adjusted(-3, 0, 3, 0), 4, 4);
    painter->setBrush(Theme::background(m_row.level));
    painter->drawRoundedRect(pill, pill.height() / 2, pill.height() / 2);
    const QRectF inner = pill.adjusted(ends / 2, 0, -ends / 2, 0);
    painter->setPen(colour);
    drawElided(painter, inner.adjusted(0, 0, -asideWidth, 0), Qt::AlignVCenter | Qt::AlignLeft, words, Qt::ElideRight);
    painter->setPen(Theme::mutedText());
    painter->drawText(inner, Qt::AlignVCenter | Qt::AlignRight | Qt::TextSingleLine, m_row.aside);
}

void RowItem::paintCallout(QPainter *painter) const
{
    const QColor bar = Theme::foreground(m_row.level);
    const bool plain = m_row.level == Level::Skipped || m_row.level == Level::Info;
    QPainterPath box;
    box.addRoundedRect(m_row.rect, 4, 4);
    painter->fillPath(box, Theme::background(m_row.level));
    painter->fillRect(QRectF(m_row.rect.left() - 1, m_row.rect.top(), 3, m_row.rect.height()), bar);
    QRectF words = m_row.rect.adjusted(12, 5, -12, -5);
    if (!m_row.strong.isEmpty()) {
        painter->setFont(m_look->bold);
        painter->setPen(bar);
        const double line = painter->fontMetrics().height();
        drawElided(painter, {words.left(), words.top(), words.width(), line}, Qt::AlignVCenter | Qt::AlignLeft,
                   m_row.strong, Qt::ElideRight);
        words.setTop(words.top() + line);
    }
    painter->setFont(m_look->font);
    painter->setPen(plain ? text() : bar);
    painter->drawText(words, int(Qt::AlignVCenter | Qt::AlignLeft) | int(Qt::TextWordWrap), breakable(m_row.text));
}

void RowItem::paintWaiting(QPainter *painter) const
{
    painter->setPen(Qt::NoPen);
    const double x = m_look->x(OAuth::Actor::Client) + 14;
    for (int dot = 0; dot < 3; ++dot) {
        QColor colour = Theme::foreground(Level::Busy);
        const double distance = std::abs(std::fmod(m_look->phase * 3 - dot + 4.5, 3.0) - 1.5);
        colour.setAlphaF(float(1.0 - 0.5 * std::min(distance, 1.5)));
        painter->setBrush(colour);
        painter->drawEllipse(QPointF(x + dot * 11, m_row.rect.center().y()), 3.2, 3.2);
    }
}

} // namespace McpAuth::Ui
