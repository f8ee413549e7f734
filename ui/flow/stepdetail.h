// What the selected step and the selected exchange say in full.
#pragma once

#include "base/secret.h"
#include "oauth/step.h"

#include <QTabWidget>

class QTextBrowser;
class QTreeView;

namespace McpAuth::Ui {

class ClaimsModel;
class JsonView;

class StepDetail : public QTabWidget
{
    Q_OBJECT

public:
    explicit StepDetail(QWidget *parent = nullptr);

    /// `message` -1: the step's last. Without a token there is no Token tab; it is that of the flow's last step.
    void showStep(const OAuth::Step &step, int message);
    void setToken(const Secret &token);
    void clear();
    /// Brings the request or the decision to the front, as fits what was selected.
    void showExchange();
    void showDecision();

protected:
    void changeEvent(QEvent *event) override;

private:
    void showWords();

    QTextBrowser *m_words;
    JsonView *m_request;
    JsonView *m_response;
    ClaimsModel *m_claims;
    QTreeView *m_claimsView;
    OAuth::Step m_step;
};

} // namespace McpAuth::Ui
