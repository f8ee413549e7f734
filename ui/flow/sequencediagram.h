// The sequence diagram of a flow: browser, client, MCP server and authorization server, and what they say to each
// other.
#pragma once

#include "base/result.h"
#include "ui/flow/diagramlayout.h"

#include <QGraphicsView>
#include <QTimer>

#include <memory>

namespace McpAuth::Ui {

class CardItem;
class LifelinesItem;
class RowItem;
struct DiagramLook;

/// Keys: Up, Down, Home, End select a message; Left, Right and Page Up, Page Down move the picture; Ctrl+wheel, Ctrl
/// and plus or minus zoom; Ctrl+0 or F fits all of it in, 1 shows it in its own size. Dragging moves it, a click
/// selects.
class SequenceDiagram : public QGraphicsView
{
    Q_OBJECT

public:
    static constexpr double minimumZoom = 0.2;
    static constexpr double maximumZoom = 4;
    static constexpr double zoomStep = 1.2;

    explicit SequenceDiagram(QWidget *parent = nullptr);
    ~SequenceDiagram() override;

    /// Laid out once the event loop is reached, however often it is called before; what did not change is kept.
    void setSteps(const QList<OAuth::Step> &steps);
    [[nodiscard]] const QList<OAuth::Step> &steps() const { return m_steps; }
    [[nodiscard]] const DiagramLayout &arrangement() const; ///< up to date

    /// `message` -1: the step itself; `step` -1: nothing.
    void select(int step, int message = -1);
    [[nodiscard]] int selectedStep() const;
    [[nodiscard]] int selectedMessage() const;

    [[nodiscard]] double zoom() const { return m_zoom; }
    void setZoom(double zoom); ///< bounded by minimumZoom and maximumZoom

    /// The whole picture with its heads, in the colours of the scheme. Errors: file_not_writable.
    [[nodiscard]] Result<> exportSvg(const QString &path) const;
    [[nodiscard]] Result<> exportPng(const QString &path) const; ///< two pixels a point
    [[nodiscard]] QImage picture(double pixelRatio) const;

public Q_SLOTS:
    void zoomIn();
    void zoomOut();
    void resetZoom();
    void fit();

Q_SIGNALS:
    /// By the user.
    void selected(int step, int message);
    void zoomChanged(double zoom);

protected:
    bool viewportEvent(QEvent *event) override;
    void changeEvent(QEvent *event) override;
    void drawBackground(QPainter *painter, const QRectF &rect) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;
    void showEvent(QShowEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;

private:
    class Heads;

    [[nodiscard]] bool isAtEnd() const;
    void schedule();
    void flush();
    void takeFonts();
    void showRows();
    void placeHeads();
    void pulse();
    void updatePulse();
    void markSelection();
    void choose(int step, int message);
    void moveSelection(int key);
    bool zoomByKey(const QKeyEvent *event);
    [[nodiscard]] const DiagramRow *rowAt(QPoint position) const;
    [[nodiscard]] double textHeight(const QString &text, double width);
    void paintPicture(QPainter *painter) const;
    [[nodiscard]] QSize pictureSize() const;

    std::unique_ptr<DiagramLook> m_look;
    QList<OAuth::Step> m_steps;
    DiagramLayout m_layout;
    std::array<DiagramHead, 4> m_names;
    QList<CardItem *> m_cards; ///< the scene's
    QList<RowItem *> m_rows;   ///< the scene's
    LifelinesItem *m_lifelines;
    Heads *m_heads;
    QHash<std::pair<QString, int>, double> m_heights;
    QTimer m_pending;
    QTimer m_pulse;
    QPoint m_pressed;
    QPoint m_last;
    double m_zoom = 1;
    bool m_dragging = false;
    bool m_keepsEnd = false; ///< the end was in sight before the size changed
};

} // namespace McpAuth::Ui
