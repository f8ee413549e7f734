// The line above the flow: whose server, and run, step, cancel, back to start.
#pragma once

#include "ui/flow/flowcontrol.h"
#include "ui/widgets/serverbar.h"

namespace McpAuth::Ui {

/// Its history is under QSettings "flow/history".
class FlowBar : public ServerBar
{
    Q_OBJECT

public:
    explicit FlowBar(QWidget *parent = nullptr);

    void setState(FlowControl::State state, bool hasSteps);

Q_SIGNALS:
    void runRequested();
    void stepRequested();
    void cancelRequested();
    void resetRequested();

private:
    QPushButton *m_run;
    QPushButton *m_step;
    QPushButton *m_cancel;
    QPushButton *m_reset;
};

} // namespace McpAuth::Ui
