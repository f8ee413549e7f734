// How the rows of the sequence diagram are drawn: the same on the screen, in a PNG and in an SVG.
#pragma once

#include "ui/flow/diagrampaint_p.h"

#include <QGraphicsItem>

namespace McpAuth::Ui {

class CardItem final : public QGraphicsItem
{
public:
    explicit CardItem(DiagramCard card);

    void setCard(const DiagramCard &card);
    [[nodiscard]] const DiagramCard &card() const { return m_card; }
    [[nodiscard]] QRectF boundingRect() const override;
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

private:
    DiagramCard m_card;
};

class LifelinesItem final : public QGraphicsItem
{
public:
    explicit LifelinesItem(const DiagramLook *look);

    void changed(); ///< lifelines or bottom of the look are new
    [[nodiscard]] QRectF boundingRect() const override;
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

private:
    const DiagramLook *m_look;
    QRectF m_rect;
};

class RowItem final : public QGraphicsItem
{
public:
    RowItem(const DiagramLook *look, DiagramRow row);

    void setRow(const DiagramRow &row);
    [[nodiscard]] const DiagramRow &row() const { return m_row; }
    [[nodiscard]] QRectF boundingRect() const override;
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

private:
    [[nodiscard]] bool isSelected() const;
    void paintTitle(QPainter *painter) const;
    void paintSelection(QPainter *painter) const;
    void paintRequest(QPainter *painter) const;
    void paintAnswer(QPainter *painter) const;
    void paintCallout(QPainter *painter) const;
    void paintWaiting(QPainter *painter) const;

    const DiagramLook *m_look;
    DiagramRow m_row;
};

} // namespace McpAuth::Ui
