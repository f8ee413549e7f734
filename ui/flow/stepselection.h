// Which step is shown, in the list, the diagram and the detail alike: the newest, until the user selects another.
#pragma once

#include "oauth/step.h"

#include <QObject>

class QListView;

namespace McpAuth::Ui {

class DiagramPane;
class StepDetail;
class StepModel;

class StepSelection : public QObject
{
    Q_OBJECT

public:
    /// The list shows the model. When it goes it uses none of the four.
    StepSelection(StepModel *steps, QListView *list, DiagramPane *pane, StepDetail *detail, QObject *parent);

    /// No step yet, and the newest is shown again.
    void clear();
    void setStep(const OAuth::Step &step);
    /// As long as the user has not selected another.
    void show(OAuth::StepKind kind);

private:
    void select(int row);
    void selectFromList();
    void selectFromDiagram(int row, int message);

    StepModel *m_steps;
    QListView *m_list;
    DiagramPane *m_pane;
    StepDetail *m_detail;
    bool m_choosing = false; ///< the selection is the program's doing
    bool m_follows = true;   ///< the user has not selected anything since clear()
};

} // namespace McpAuth::Ui
