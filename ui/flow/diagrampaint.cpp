#include "ui/flow/diagrampaint_p.h"

#include <QCache>
#include <QFile>
#include <QGuiApplication>
#include <QPainter>
#include <QPalette>
#include <QSvgRenderer>

#include <algorithm>
#include <cmath>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace DiagramPaint {

QColor ground()
{
    return QGuiApplication::palette().color(QPalette::Base);
}

QColor text()
{
    return QGuiApplication::palette().color(QPalette::Text);
}

QPen pen(const QColor &colour, double width, Qt::PenStyle style)
{
    QPen result(colour, width, style, Qt::RoundCap, Qt::RoundJoin);
    if (style == Qt::DashLine)
        result.setDashPattern({4, 3.2});
    return result;
}

void drawElided(QPainter *painter, const QRectF &rect, int flags, const QString &text, Qt::TextElideMode mode)
{
    const QString fitting = painter->fontMetrics().elidedText(text, mode, int(rect.width()));
    painter->drawText(rect, flags | Qt::TextSingleLine, fitting);
}

QString breakable(const QString &text)
{
    constexpr QChar zeroWidthSpace(0x200b);
    constexpr int longest = 24;
    QString result;
    int run = 0;
    for (const QChar c : text) {
        result.append(c);
        run = c.isSpace() ? 0 : run + 1;
        if (run >= longest || (run > 1 && u"/?&=,"_s.contains(c))) {
            result.append(zeroWidthSpace);
            run = 0;
        }
    }
    return result;
}

void drawIcon(QPainter *painter, const QString &name, const QColor &colour, const QRectF &rect)
{
    static QCache<QString, QSvgRenderer> renderers(64);
    const QString key = name + colour.name();
    QSvgRenderer *renderer = renderers.object(key);
    if (!renderer) {
        QFile file(u":/icons/%1.svg"_s.arg(name));
        const QByteArray shape = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        renderer = new QSvgRenderer(QByteArray(shape).replace("\"#000\"", '"' + colour.name().toLatin1() + '"'));
        renderers.insert(key, renderer);
    }
    renderer->render(painter, rect);
}

} // namespace DiagramPaint

using namespace DiagramPaint;

namespace {

constexpr std::array actorIcons = {"browser"_L1, "client"_L1, "server"_L1, "provider"_L1};

/// Half of what each head would like to have; less where its neighbours need the room.
std::array<double, 4> halfWidths(const DiagramLook &look, const std::array<DiagramHead, 4> &heads, double width)
{
    std::array<double, 4> wanted{};
    for (std::size_t i = 0; i < heads.size(); ++i) {
        const double title = QFontMetricsF(look.bold).horizontalAdvance(heads[i].title) + iconSize + 10;
        const double host = QFontMetricsF(look.small).horizontalAdvance(heads[i].host);
        wanted[i] = std::ceil(std::max({title, host, 84.0}) / 2) + 9;
    }
    std::array<double, 4> halves = wanted;
    const auto narrow = [&](std::size_t one, std::size_t other) {
        const double gap = std::abs(look.lifelines[one] - look.lifelines[other]);
        halves[one] = std::min(halves[one], std::max(gap / 2, gap - wanted[other]) - 3);
    };
    for (std::size_t i = 1; i < heads.size(); ++i) {
        narrow(i, i - 1);
        narrow(i - 1, i);
    }
    halves.front() = std::min(halves.front(), look.lifelines.front() - 3);
    halves.back() = std::min(halves.back(), width - look.lifelines.back() - 3);
    return halves;
}

void paintHead(QPainter *painter, const DiagramLook &look, const DiagramHead &head, const QString &iconName,
               const QRectF &box)
{
    painter->setPen(pen(Theme::line(), 1));
    painter->setBrush(ground());
    painter->drawRoundedRect(box, cardRadius, cardRadius);
    const bool two = !head.host.isEmpty();
    const QRectF upper = two ? QRectF(box.left(), box.top() + 3, box.width(), box.height() / 2 - 2) : box;
    const auto widthOf = [&](const QString &words) {
        return std::ceil(QFontMetricsF(look.bold).horizontalAdvance(words)) + 2;
    };
    const double room = box.width() - 10;
    const double iconRoom = iconSize + 6;
    const QString &title = widthOf(head.title) + iconRoom > room ? head.shortTitle : head.title;
    const bool hasIcon = widthOf(title) + iconRoom <= room;
    const double content = std::min(widthOf(title) + (hasIcon ? iconRoom : 0), room);
    const double left = upper.center().x() - content / 2;
    if (hasIcon)
        drawIcon(painter, iconName, Theme::foreground(Level::Info),
                 {left, upper.center().y() - iconSize / 2, iconSize, iconSize});
    painter->setFont(look.bold);
    painter->setPen(text());
    const double start = hasIcon ? left + iconRoom : left;
    drawElided(painter, {start, upper.top(), left + content - start, upper.height()}, Qt::AlignVCenter | Qt::AlignLeft,
               title, Qt::ElideRight);
    if (!two)
        return;
    painter->setFont(look.small);
    painter->setPen(Theme::mutedText());
    const QRectF lower(box.left() + 6, box.center().y(), box.width() - 12, box.height() / 2 - 3);
    drawElided(painter, lower, Qt::AlignCenter, head.host, Qt::ElideMiddle);
}

} // namespace

void paintHeads(QPainter *painter, const DiagramLook &look, const std::array<DiagramHead, 4> &heads, double width)
{
    constexpr double top = 5.5;
    const std::array<double, 4> halves = halfWidths(look, heads, width);
    for (std::size_t i = 0; i < heads.size(); ++i) {
        const QRectF box(look.lifelines[i] - halves[i], top, 2 * halves[i], headsHeight - 2 * top);
        paintHead(painter, look, heads[i], actorIcons[i], box);
    }
}

} // namespace McpAuth::Ui
