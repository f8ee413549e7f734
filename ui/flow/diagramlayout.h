// Where everything of the sequence diagram stands: from steps to rows, without a widget.
#pragma once

#include "oauth/step.h"
#include "ui/theme.h"

#include <QRectF>

#include <array>
#include <functional>

namespace McpAuth::Ui {

/// How much room there is, and how high words become in it.
struct DiagramSpace
{
    double width = 760; ///< at least minimumDiagramWidth is taken
    double lineHeight = 16;
    std::function<double(const QString &text, double width)> textHeight; ///< of text wrapped to a width
};

inline constexpr double minimumDiagramWidth = 520;

/// One thing that is told, from top to bottom.
struct DiagramRow
{
    enum class Kind {
        Title,   ///< `strong` number, `text` title, `aside` rule
        Request, ///< `strong` method, `text` path and query
        Answer,  ///< `text` status in words, `aside` duration; against the request's direction
        Callout, ///< `text` words beside the client's lifeline: a decision, a remark, a failure; `strong` its code
        Waiting, ///< the step goes on
    };

    Kind kind = Kind::Title;
    int step = 0;     ///< index of the step
    int message = -1; ///< index of the step's message; -1: of the step as a whole
    OAuth::Actor from = OAuth::Actor::Client;
    OAuth::Actor to = OAuth::Actor::Client;
    Level level = Level::Info;
    QString strong = {};
    QString text = {};
    QString aside = {};
    QRectF rect = {};

    bool operator==(const DiagramRow &) const = default;
};

/// The ground on which a step's rows stand.
struct DiagramCard
{
    int step = 0;
    Level level = Level::Skipped;
    QRectF rect;

    bool operator==(const DiagramCard &) const = default;
};

struct DiagramLayout
{
    std::array<double, 4> lifelines{}; ///< x, by Actor
    QList<DiagramCard> cards;
    QList<DiagramRow> rows;
    QSizeF size;
};

/// Steps that wait are left out. One row a title, request, answer, remark, failure; O(messages).
[[nodiscard]] DiagramLayout layOut(const QList<OAuth::Step> &steps, const DiagramSpace &space);

/// Who stands above the lifelines.
struct DiagramHead
{
    QString title;
    QString shortTitle; ///< where there is little room
    QString host;       ///< as the messages name it: "127.0.0.1:49152"; empty while unknown

    bool operator==(const DiagramHead &) const = default;
};

/// By Actor.
[[nodiscard]] std::array<DiagramHead, 4> headsOf(const QList<OAuth::Step> &steps);

/// A step that the user cancelled has not failed: Skipped.
[[nodiscard]] Level levelOf(const OAuth::Step &step);
[[nodiscard]] QString nameOf(OAuth::Actor actor);
/// What a screen reader says of a message: who asked whom for what, and what came of it.
[[nodiscard]] QString messageWords(const OAuth::Message &message);

} // namespace McpAuth::Ui
