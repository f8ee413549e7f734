// Asks the engine about one token, tool by tool, and keeps only the answers to the newest question.
#pragma once

#include "ui/token/judgement.h"

#include <QCoroTask>
#include <QObject>
#include <QPointer>
#include <QStringList>

namespace McpAuth::Ui {

class Engine;

class TokenJudge : public QObject
{
    Q_OBJECT

public:
    explicit TokenJudge(Engine *engine, QObject *parent = nullptr);

    /// One verdict a tool, in this order ("" for a request that is no tool call), then finished(). What is still under
    /// way for an earlier token is dropped.
    void judge(const QByteArray &token, const QStringList &tools);
    /// For another server than the embedded one: judgedFor(), judged() for "" and finished(), or failed().
    void judgeFor(const QByteArray &token, const JudgeTarget &target);
    void cancel();
    [[nodiscard]] bool isBusy() const { return m_busy; }

Q_SIGNALS:
    void judged(const QString &tool, const McpAuth::Bearer::Verdict &verdict);
    void judgedFor(const McpAuth::Ui::Judgement &judgement);
    void failed(const McpAuth::Error &error);
    void finished();

private:
    static QCoro::Task<> run(QPointer<TokenJudge> self, QPointer<Engine> engine, Secret token, QStringList tools,
                             quint64 question);
    static QCoro::Task<> runFor(QPointer<TokenJudge> self, QPointer<Engine> engine, Secret token, JudgeTarget target,
                                quint64 question);

    QPointer<Engine> m_engine;
    quint64 m_question = 0;
    bool m_busy = false;
};

} // namespace McpAuth::Ui
