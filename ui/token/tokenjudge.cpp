#include "ui/token/tokenjudge.h"

#include "ui/engine.h"

namespace McpAuth::Ui {

TokenJudge::TokenJudge(Engine *engine, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
{
}

void TokenJudge::judge(const QByteArray &token, const QStringList &tools)
{
    m_busy = true;
    run(this, m_engine, Secret(token), tools, ++m_question);
}

void TokenJudge::cancel()
{
    ++m_question;
    m_busy = false;
}

QCoro::Task<> TokenJudge::run(QPointer<TokenJudge> self, QPointer<Engine> engine, Secret token, QStringList tools,
                              quint64 question)
{
    for (const QString &tool : std::as_const(tools)) {
        if (!engine)
            co_return;
        const Bearer::Verdict verdict = co_await engine->judge(token, tool);
        if (!self || self->m_question != question)
            co_return;
        Q_EMIT self->judged(tool, verdict);
        if (!self || self->m_question != question)
            co_return;
    }
    self->m_busy = false;
    Q_EMIT self->finished();
}

} // namespace McpAuth::Ui
