// A flow as its page controls it: with what it was started, what was allowed on the way, and how far it is. No widget.
#pragma once

#include "oauth/advice.h"
#include "ui/flow/flowconfiguration.h"

#include <QPointer>

namespace McpAuth::Ui {

class Engine;

class FlowControl : public QObject
{
    Q_OBJECT

public:
    enum class State { Idle, Running, Paused };

    /// `engine` must outlive it.
    explicit FlowControl(Engine *engine, QObject *parent = nullptr);
    ~FlowControl() override; // a flow under way is cancelled

    [[nodiscard]] State state() const { return m_state; }
    /// By the last run.
    [[nodiscard]] const OAuth::Overrides &used() const { return m_used; }
    /// Opened in the system's browser by the last run; empty: nothing was.
    [[nodiscard]] const QString &browserUrl() const { return m_browserUrl; }

    /// While idle, with a configuration without problems. What was allowed before is taken back. `previousScopes`: of a
    /// step-up.
    void start(const FlowConfiguration &configuration, const QString &mcpUrl, bool stepping,
               const QStringList &previousScopes = {});
    /// While idle, for the same step-up, with what was allowed since start().
    void startAgain(FlowConfiguration configuration, const QString &mcpUrl, bool registerAnew);
    /// For the runs that follow from one another.
    void allow(OAuth::OverrideMember member) { m_allowed.*member = true; }
    /// From a pause: the next step, or all that follow.
    void proceed(bool toTheEnd);
    void cancel();

Q_SIGNALS:
    void stateChanged();
    void stepChanged(const McpAuth::OAuth::Step &step);
    void paused(McpAuth::OAuth::StepKind next);
    /// A run ends with one of these.
    void authorized(const McpAuth::OAuth::Authorization &authorization);
    void failed(const McpAuth::Error &error);

private:
    static QCoro::Task<> perform(QPointer<FlowControl> self, QPointer<Engine> engine, FlowRequest request);
    void begin(const FlowConfiguration &configuration, FlowRequest request);
    void setState(State state);

    Engine *m_engine;
    State m_state = State::Idle;
    QStringList m_previousScopes; ///< of the step-up that the last run was for
    OAuth::Overrides m_allowed;
    OAuth::Overrides m_used;
    QString m_browserUrl;
};

} // namespace McpAuth::Ui
