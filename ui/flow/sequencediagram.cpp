#include "ui/flow/sequencediagram.h"

#include "ui/flow/diagramitems_p.h"

#include <QAccessible>
#include <QGuiApplication>
#include <QPainter>
#include <QScrollBar>
#include <QStyle>

#include <algorithm>
#include <cmath>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Kind = DiagramRow::Kind;

namespace {

constexpr auto pulseInterval = 50ms;
constexpr auto pulsePeriod = 1400ms;
constexpr qsizetype keptHeights = 4'000;

} // namespace

/// Stays where it is while the rows scroll under it.
class SequenceDiagram::Heads final : public QWidget
{
public:
    explicit Heads(SequenceDiagram *diagram)
        : QWidget(diagram)
        , m_diagram(diagram)
    {
        setAttribute(Qt::WA_TransparentForMouseEvents);
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.fillRect(rect(), QGuiApplication::palette().color(QPalette::Window));
        painter.setPen(Theme::line());
        painter.drawLine(0, height() - 1, width(), height() - 1);
        painter.translate(m_diagram->mapFromScene(0, 0).x(), 0);
        painter.scale(m_diagram->zoom(), m_diagram->zoom());
        paintHeads(&painter, *m_diagram->m_look, m_diagram->m_names, m_diagram->m_layout.size.width());
    }

private:
    SequenceDiagram *m_diagram;
};

SequenceDiagram::SequenceDiagram(QWidget *parent)
    : QGraphicsView(parent)
    , m_look(std::make_unique<DiagramLook>())
    , m_names(headsOf({}))
    , m_lifelines(new LifelinesItem(m_look.get()))
    , m_heads(new Heads(this))
{
    setScene(new QGraphicsScene(this));
    scene()->setItemIndexMethod(QGraphicsScene::NoIndex);
    scene()->addItem(m_lifelines);
    setFrameShape(QFrame::NoFrame);
    // Its coming and going would change the width, and so the layout.
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
    setAlignment(Qt::AlignTop | Qt::AlignHCenter);
    setRenderHint(QPainter::Antialiasing);
    setInteractive(false);
    setTransformationAnchor(QGraphicsView::NoAnchor);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(300, 160);
    m_pending.setSingleShot(true);
    m_pending.setInterval(0ms);
    m_pulse.setInterval(pulseInterval);
    connect(&m_pending, &QTimer::timeout, this, &SequenceDiagram::flush);
    connect(&m_pulse, &QTimer::timeout, this, &SequenceDiagram::pulse);
    takeFonts();
    schedule();
}

SequenceDiagram::~SequenceDiagram() = default;

void SequenceDiagram::takeFonts()
{
    m_look->font = font();
    m_look->bold = font();
    m_look->bold.setWeight(QFont::DemiBold);
    m_look->small = font();
    m_look->small.setPointSizeF(font().pointSizeF() * 0.92);
    m_heights.clear();
}

void SequenceDiagram::setSteps(const QList<OAuth::Step> &steps)
{
    m_steps = steps;
    schedule();
}

bool SequenceDiagram::isAtEnd() const
{
    return verticalScrollBar()->value() >= verticalScrollBar()->maximum() - 4;
}

void SequenceDiagram::schedule()
{
    if (!m_pending.isActive())
        m_pending.start();
}

const DiagramLayout &SequenceDiagram::arrangement() const
{
    if (m_pending.isActive())
        const_cast<SequenceDiagram *>(this)->flush();
    return m_layout;
}

double SequenceDiagram::textHeight(const QString &text, double width)
{
    if (m_heights.size() > keptHeights)
        m_heights.clear();
    double &height = m_heights[{text, int(width)}];
    if (height == 0)
        height = QFontMetricsF(m_look->font)
                     .boundingRect({0, 0, width, 100'000}, Qt::TextWordWrap, DiagramPaint::breakable(text))
                     .height();
    return height;
}

void SequenceDiagram::flush()
{
    m_pending.stop();
    const bool atEnd = std::exchange(m_keepsEnd, false) || isAtEnd();
    m_layout =
        layOut(m_steps, {.width = double(viewport()->width()),
                         .lineHeight = QFontMetricsF(m_look->font).height(),
                         .textHeight = [this](const QString &text, double width) { return textHeight(text, width); }});
    m_names = headsOf(m_steps);
    const bool isGone = m_look->step >= m_steps.size() || (m_look->step >= 0 && m_look->message >= 0 &&
                                                           m_look->message >= m_steps[m_look->step].messages.size());
    if (isGone)
        select(-1);
    showRows();
    placeHeads();
    updatePulse();
    if (atEnd)
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
}

void SequenceDiagram::showRows()
{
    m_look->lifelines = m_layout.lifelines;
    m_look->bottom = m_layout.size.height();
    m_lifelines->changed();
    const auto fill = [this](auto &items, const auto &values, auto set, auto make) {
        while (items.size() > values.size())
            delete items.takeLast();
        for (qsizetype i = 0; i < items.size(); ++i)
            set(items[i], values[i]);
        while (items.size() < values.size()) {
            items.append(make(values[items.size()]));
            scene()->addItem(items.last());
        }
    };
    fill(
        m_cards, m_layout.cards, [](CardItem *item, const DiagramCard &card) { item->setCard(card); },
        [](const DiagramCard &card) { return new CardItem(card); });
    fill(
        m_rows, m_layout.rows, [](RowItem *item, const DiagramRow &row) { item->setRow(row); },
        [this](const DiagramRow &row) { return new RowItem(m_look.get(), row); });
    setSceneRect(QRectF({0, 0}, m_layout.size));
}

void SequenceDiagram::placeHeads()
{
    const int height = int(std::ceil(headsHeight * m_zoom));
    setViewportMargins(0, height, 0, 0);
    m_heads->setGeometry(0, 0, viewport()->width(), height);
    m_heads->update();
}

void SequenceDiagram::updatePulse()
{
    const bool running =
        std::ranges::any_of(m_steps, [](const OAuth::Step &step) { return step.state == OAuth::StepState::Running; });
    if (running && isVisible())
        m_pulse.start();
    else
        m_pulse.stop();
}

void SequenceDiagram::pulse()
{
    m_look->phase = std::fmod(m_look->phase + double(pulseInterval.count()) / double(pulsePeriod.count()), 1.0);
    for (RowItem *item : std::as_const(m_rows)) {
        if (item->row().level == Level::Busy)
            item->update();
    }
}

void SequenceDiagram::select(int step, int message)
{
    m_look->step = step;
    m_look->message = step < 0 ? -1 : message;
    markSelection();
}

int SequenceDiagram::selectedStep() const
{
    return m_look->step;
}

int SequenceDiagram::selectedMessage() const
{
    return m_look->message;
}

void SequenceDiagram::markSelection()
{
    viewport()->update();
    const int step = m_look->step;
    if (step < 0 || step >= m_steps.size())
        return setAccessibleDescription({});
    QRectF rect;
    for (const DiagramRow &row : arrangement().rows) {
        const bool titled = row.kind == Kind::Title && m_look->message <= 0;
        if (row.step == step && (row.message == m_look->message || titled))
            rect |= row.rect;
    }
    ensureVisible(rect, 0, 12);
    const QList<OAuth::Message> &messages = m_steps[step].messages;
    setAccessibleDescription(m_look->message >= 0 && m_look->message < messages.size()
                                 ? messageWords(messages[m_look->message])
                                 : u"%1: %2"_s.arg(OAuth::title(m_steps[step].kind), m_steps[step].decision));
    QAccessibleEvent event(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&event);
}

void SequenceDiagram::choose(int step, int message)
{
    if (step == m_look->step && message == m_look->message)
        return;
    select(step, message);
    Q_EMIT selected(step, m_look->message);
}

void SequenceDiagram::setZoom(double zoom)
{
    zoom = std::clamp(zoom, minimumZoom, maximumZoom);
    if (qFuzzyCompare(zoom, m_zoom))
        return;
    const QPointF middle = mapToScene(viewport()->rect().center());
    m_zoom = zoom;
    setTransform(QTransform::fromScale(zoom, zoom));
    centerOn(middle);
    placeHeads();
    Q_EMIT zoomChanged(m_zoom);
}

void SequenceDiagram::zoomIn()
{
    setZoom(m_zoom * zoomStep);
}

void SequenceDiagram::zoomOut()
{
    setZoom(m_zoom / zoomStep);
}

void SequenceDiagram::resetZoom()
{
    setZoom(1);
}

void SequenceDiagram::fit()
{
    const QSizeF whole = arrangement().size;
    const double across = double(viewport()->width()) / whole.width();
    const double down = double(viewport()->height() + m_heads->height()) / (whole.height() + headsHeight);
    setZoom(std::min({across, down, 1.0}));
    centerOn(whole.width() / 2, whole.height() / 2);
}

void SequenceDiagram::changeEvent(QEvent *event)
{
    QGraphicsView::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        takeFonts();
        schedule();
    }
    viewport()->update();
    m_heads->update();
}

void SequenceDiagram::drawBackground(QPainter *painter, const QRectF &rect)
{
    painter->fillRect(rect, QGuiApplication::palette().color(QPalette::Window));
}

void SequenceDiagram::hideEvent(QHideEvent *event)
{
    QGraphicsView::hideEvent(event);
    m_pulse.stop();
}

void SequenceDiagram::showEvent(QShowEvent *event)
{
    QGraphicsView::showEvent(event);
    schedule();
}

void SequenceDiagram::resizeEvent(QResizeEvent *event)
{
    m_keepsEnd = m_keepsEnd || isAtEnd();
    QGraphicsView::resizeEvent(event);
    schedule();
}

void SequenceDiagram::scrollContentsBy(int dx, int dy)
{
    QGraphicsView::scrollContentsBy(dx, dy);
    if (dx != 0)
        m_heads->update();
}

} // namespace McpAuth::Ui
