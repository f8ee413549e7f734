// What a flow ends in: the token, hidden until it is asked for, and where it may go.
#pragma once

#include "oauth/tokens.h"

#include <QWidget>

class QLineEdit;
class QPushButton;
class QToolButton;

namespace McpAuth::Ui {

class ResultBar : public QWidget
{
    Q_OBJECT

public:
    /// Hidden until there is a token.
    explicit ResultBar(QWidget *parent = nullptr);

    void setToken(const Secret &token); ///< empty: hides the bar
    void setConsoleAvailable(bool available);

Q_SIGNALS:
    void tokenPageRequested();
    void consoleRequested();

private:
    void showToken(bool revealed);

    QLineEdit *m_text;
    QToolButton *m_reveal;
    QPushButton *m_console;
    Secret m_token;
};

} // namespace McpAuth::Ui
