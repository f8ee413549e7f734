// What the server asks of the person while it works on a request: a form, a page to visit, a model's answer, roots.
#pragma once

#include "ui/engine/connection.h"

#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;

namespace McpAuth::Ui {

class ArgumentForm;

class QuestionPane : public QWidget
{
    Q_OBJECT

public:
    explicit QuestionPane(QWidget *parent = nullptr);

    /// One after the other, in the order in which they come.
    void ask(const QString &mcpUrl, const ServerQuestion &question);
    void withdraw(quint64 question);
    void clear();
    [[nodiscard]] bool isAsking() const { return !m_questions.isEmpty(); }

Q_SIGNALS:
    void answered(quint64 question, const McpAuth::Result<QJsonObject> &answer);
    void changed(); ///< isAsking()

private:
    enum class Kind { Form, Url, Sampling, Roots };

    [[nodiscard]] static Kind kindOf(const ServerQuestion &question);
    void makeButtons();
    void show();
    void showUrl(const QString &url);
    void accept();
    void decline();
    void end(const Result<QJsonObject> &answer);
    [[nodiscard]] Result<QJsonObject> accepted();

    QList<ServerQuestion> m_questions; ///< the first one shows
    QString m_mcpUrl;
    QLabel *m_who;
    QLabel *m_message;
    QLabel *m_url;
    QLabel *m_warning;
    ArgumentForm *m_form;
    QPlainTextEdit *m_text;
    QStackedWidget *m_body;
    QLabel *m_problem;
    QPushButton *m_accept = nullptr;
    QPushButton *m_decline = nullptr;
    QPushButton *m_cancel = nullptr;
};

} // namespace McpAuth::Ui
