// What the items of the sequence diagram and its heads are drawn with.
#pragma once

#include "ui/flow/diagramlayout.h"

#include <QFont>
#include <QPen>

class QPainter;

namespace McpAuth::Ui {

/// What all items share; the diagram changes it and updates them.
struct DiagramLook
{
    QFont font;
    QFont bold;
    QFont small;
    std::array<double, 4> lifelines{};
    double bottom = 0; ///< of the lifelines
    double phase = 0;  ///< of what pulses, 0 to 1
    int step = -1;     ///< selected
    int message = -1;  ///< selected
    bool focused = false;

    [[nodiscard]] double x(OAuth::Actor actor) const { return lifelines[std::size_t(actor)]; }
};

namespace DiagramPaint {

inline constexpr double cardRadius = 7;
inline constexpr double iconSize = 16;

[[nodiscard]] QColor ground(); ///< of cards and heads
[[nodiscard]] QColor text();
[[nodiscard]] QPen pen(const QColor &colour, double width, Qt::PenStyle style = Qt::SolidLine);
/// One line.
void drawElided(QPainter *painter, const QRectF &rect, int flags, const QString &text, Qt::TextElideMode mode);
/// One of resources/icons as lines, not as pixels.
void drawIcon(QPainter *painter, const QString &name, const QColor &colour, const QRectF &rect);
/// With places to break lines in URLs and other long words.
[[nodiscard]] QString breakable(const QString &text);

} // namespace DiagramPaint

/// Boxes with icon, name and host, centred on the lifelines; `headsHeight` high.
inline constexpr double headsHeight = 50;
void paintHeads(QPainter *painter, const DiagramLook &look, const std::array<DiagramHead, 4> &heads, double width);

} // namespace McpAuth::Ui
