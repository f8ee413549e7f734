#include "ui/flow/stepselection.h"

#include "ui/flow/diagrampane.h"
#include "ui/flow/sequencediagram.h"
#include "ui/flow/stepdetail.h"
#include "ui/flow/stepmodel.h"

#include <QListView>
#include <QScopedValueRollback>

namespace McpAuth::Ui {

using OAuth::Step;

StepSelection::StepSelection(StepModel *steps, QListView *list, DiagramPane *pane, StepDetail *detail, QObject *parent)
    : QObject(parent)
    , m_steps(steps)
    , m_list(list)
    , m_pane(pane)
    , m_detail(detail)
{
    connect(pane->diagram(), &SequenceDiagram::selected, this, &StepSelection::selectFromDiagram);
    connect(list->selectionModel(), &QItemSelectionModel::currentChanged, this, &StepSelection::selectFromList);
}

void StepSelection::clear()
{
    m_follows = true;
    m_steps->clear();
    m_pane->diagram()->select(-1);
    m_pane->setSteps(m_steps->steps());
    m_detail->clear();
}

void StepSelection::setStep(const Step &step)
{
    m_steps->setStep(step);
    m_pane->setSteps(m_steps->steps());
    if (m_follows)
        select(int(step.kind));
    else if (m_list->currentIndex().row() == int(step.kind))
        m_detail->showStep(step, m_pane->diagram()->selectedMessage());
}

void StepSelection::show(OAuth::StepKind kind)
{
    if (m_follows)
        select(int(kind));
}

void StepSelection::select(int row)
{
    const QScopedValueRollback<bool> choosing(m_choosing, true);
    m_list->setCurrentIndex(m_steps->index(row));
    // Its height may be new.
    m_list->doItemsLayout();
    m_list->scrollTo(m_steps->index(row));
    m_detail->showStep(m_steps->steps().at(row), -1);
}

void StepSelection::selectFromList()
{
    const int row = m_list->currentIndex().row();
    if (m_choosing || row < 0)
        return;
    const Step &step = m_steps->steps().at(row);
    m_detail->showStep(step, -1);
    m_detail->showDecision();
    // A list that gets the focus chooses its first row by itself, which is no choice of the user's.
    if (step.state == OAuth::StepState::Waiting)
        return;
    m_follows = false;
    m_pane->diagram()->select(row);
}

void StepSelection::selectFromDiagram(int row, int message)
{
    if (row < 0)
        return;
    m_follows = false;
    const QScopedValueRollback<bool> choosing(m_choosing, true);
    m_list->setCurrentIndex(m_steps->index(row));
    m_detail->showStep(m_steps->steps().at(row), message);
    if (message >= 0)
        m_detail->showExchange();
    else
        m_detail->showDecision();
}

} // namespace McpAuth::Ui
