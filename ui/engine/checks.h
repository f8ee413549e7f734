// Questions about what others run: a provider's metadata, and what a server elsewhere says to a token.
#pragma once

#include "audit/provideraudit.h"
#include "base/secret.h"
#include "ui/token/judgement.h"

#include <QCoroTask>
#include <QObject>

namespace McpAuth::Ui {

class Worker;

class Checks : public QObject
{
    Q_OBJECT

public:
    explicit Checks(Worker *worker);

    /// What could not be read is a finding.
    QCoro::Task<Audit::ProviderAudit> audit(QString issuer, Audit::AuditOptions options, bool allowHttp);
    /// Errors: cancelled, those of Ui::judgeFor.
    QCoro::Task<Result<Judgement>> judge(Secret token, JudgeTarget target);

private:
    Worker *m_worker;
};

} // namespace McpAuth::Ui
