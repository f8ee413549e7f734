// The sequence diagram with what moves and exports it; an invitation while there is nothing to show.
#pragma once

#include "oauth/step.h"

#include <QWidget>

class QMenu;
class QStackedWidget;
class QToolButton;

namespace McpAuth::Ui {

class SequenceDiagram;

class DiagramPane : public QWidget
{
    Q_OBJECT

public:
    explicit DiagramPane(QWidget *parent = nullptr);

    void setSteps(const QList<OAuth::Step> &steps); ///< of which none has begun: the invitation
    [[nodiscard]] SequenceDiagram *diagram() const { return m_diagram; }

Q_SIGNALS:
    void invitationTaken();
    void failed(const QString &message);

private:
    QWidget *makeTools();
    QMenu *makeExportMenu(QWidget *parent);
    void askForFile(const QString &title, const QString &filter, const QString &suffix);

    SequenceDiagram *m_diagram;
    QStackedWidget *m_stack;
    QToolButton *m_zoom = nullptr;
};

} // namespace McpAuth::Ui
