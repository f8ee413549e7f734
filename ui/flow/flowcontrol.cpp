#include "ui/flow/flowcontrol.h"

#include "ui/engine/embeddedserver.h"
#include "ui/engine/engine.h"

namespace McpAuth::Ui {

FlowControl::FlowControl(Engine *engine, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
{
    connect(engine->flows(), &Flows::stepChanged, this, [this](const OAuth::Step &step) {
        if (m_state != State::Idle)
            Q_EMIT stepChanged(step);
    });
    connect(engine->flows(), &Flows::paused, this, [this](OAuth::StepKind next) {
        if (m_state == State::Idle)
            return;
        setState(State::Paused);
        Q_EMIT paused(next);
    });
    connect(engine->flows(), &Flows::browserOpened, this, [this](const QString &url) { m_browserUrl = url; });
}

FlowControl::~FlowControl()
{
    if (m_state != State::Idle)
        m_engine->flows()->cancel();
}

void FlowControl::setState(State state)
{
    m_state = state;
    Q_EMIT stateChanged();
}

void FlowControl::start(const FlowConfiguration &configuration, const QString &mcpUrl, bool stepping,
                        const QStringList &previousScopes)
{
    m_allowed = {};
    m_previousScopes = previousScopes;
    begin(configuration, toRequest(configuration, mcpUrl, stepping));
}

void FlowControl::startAgain(FlowConfiguration configuration, const QString &mcpUrl, bool registerAnew)
{
    for (const Override &entry : overrides())
        configuration.overrides.*entry.member |= m_allowed.*entry.member;
    FlowRequest request = toRequest(configuration, mcpUrl, false);
    request.options.registerAnew = registerAnew;
    begin(configuration, std::move(request));
}

void FlowControl::begin(const FlowConfiguration &configuration, FlowRequest request)
{
    m_used = configuration.overrides;
    m_browserUrl.clear();
    request.keeping = keepingFor(configuration, request.options.mcpUrl, m_engine->server()->state());
    request.options.previousScopes = m_previousScopes;
    if (!request.options.scopes.isEmpty())
        request.options.scopes += m_previousScopes; // the user's scopes replace the flow's own choice
    request.options.scopes.removeDuplicates();
    setState(State::Running);
    perform(this, m_engine, std::move(request));
}

QCoro::Task<> FlowControl::perform(QPointer<FlowControl> self, QPointer<Engine> engine, FlowRequest request)
{
    const Result<OAuth::Authorization> outcome = co_await engine->flows()->run(request);
    if (!self)
        co_return;
    self->setState(State::Idle);
    if (outcome)
        Q_EMIT self->authorized(*outcome);
    else
        Q_EMIT self->failed(outcome.error());
}

void FlowControl::proceed(bool toTheEnd)
{
    if (m_state != State::Paused)
        return;
    setState(State::Running);
    m_engine->flows()->proceed(toTheEnd);
}

void FlowControl::cancel()
{
    if (m_state != State::Idle)
        m_engine->flows()->cancel();
}

} // namespace McpAuth::Ui
