#include "ui/token/tokenjudge.h"

#include "ui/engine/checks.h"
#include "ui/engine/embeddedserver.h"
#include "ui/engine/engine.h"

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

void TokenJudge::judgeFor(const QByteArray &token, const JudgeTarget &target)
{
    m_busy = true;
    runFor(this, m_engine, Secret(token), target, ++m_question);
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
        const Bearer::Verdict verdict = co_await engine->server()->judge(token, tool);
        if (!self || self->m_question != question)
            co_return;
        Q_EMIT self->judged(tool, verdict);
        if (!self || self->m_question != question)
            co_return;
    }
    self->m_busy = false;
    Q_EMIT self->finished();
}

QCoro::Task<> TokenJudge::runFor(QPointer<TokenJudge> self, QPointer<Engine> engine, Secret token, JudgeTarget target,
                                 quint64 question)
{
    const Result<Judgement> judgement = co_await engine->checks()->judge(token, target);
    if (!self || self->m_question != question)
        co_return;
    self->m_busy = false;
    if (!judgement) {
        Q_EMIT self->failed(judgement.error());
        co_return;
    }
    Q_EMIT self->judgedFor(*judgement);
    if (!self || self->m_question != question)
        co_return;
    Q_EMIT self->judged(QString(), judgement->verdict);
    if (self && self->m_question == question)
        Q_EMIT self->finished();
}

} // namespace McpAuth::Ui
