#include "ui/flow/flowbar.h"

#include <QComboBox>
#include <QPushButton>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using State = FlowControl::State;

FlowBar::FlowBar(QWidget *parent)
    : ServerBar(u"flow/history"_s, u"flowUrl"_s, parent)
    , m_run(addButton(u"play"_s, tr("&Run"), u"flowRun"_s, tr("Run the flow to its end")))
    , m_step(addButton(u"step"_s, tr("&Step"), u"flowStep"_s, tr("Run the next step only")))
    , m_cancel(addButton(u"stop"_s, tr("&Cancel"), u"flowCancel"_s, tr("Cancel the flow")))
    , m_reset(addButton(u"rewind"_s, tr("&Back to start"), u"flowReset"_s, tr("Forget this flow and start again")))
{
    connect(m_run, &QPushButton::clicked, this, &FlowBar::runRequested);
    connect(m_step, &QPushButton::clicked, this, &FlowBar::stepRequested);
    connect(m_cancel, &QPushButton::clicked, this, &FlowBar::cancelRequested);
    connect(m_reset, &QPushButton::clicked, this, &FlowBar::resetRequested);
    connect(this, &ServerBar::returnPressed, this, [this] {
        if (m_run->isEnabled())
            Q_EMIT runRequested();
    });
    setState(State::Idle, false);
}

void FlowBar::setState(State state, bool hasSteps)
{
    urlField()->setEnabled(state == State::Idle);
    urlField()->setToolTip(state == State::Idle ? QString() : tr("Cancel the flow to enter another URL."));
    m_run->setEnabled(state != State::Running);
    m_step->setEnabled(state != State::Running);
    m_cancel->setEnabled(state != State::Idle);
    m_reset->setEnabled(state == State::Idle && hasSteps);
}

} // namespace McpAuth::Ui
