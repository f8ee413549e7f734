// The line above the flow: whose server, and run, step, cancel, back to start.
#pragma once

#include <QWidget>

class QComboBox;
class QPushButton;

namespace McpAuth::Ui {

class FlowBar : public QWidget
{
    Q_OBJECT

public:
    enum class State { Idle, Running, Paused };

    /// Servers that are remembered, newest first, under QSettings "flow/history".
    static constexpr int historySize = 30;

    explicit FlowBar(QWidget *parent = nullptr);

    [[nodiscard]] QString url() const; ///< trimmed
    void setUrl(const QString &url);
    void focusUrl();
    /// Offered first, and put in where nothing else was; empty while it does not run.
    void setEmbeddedUrl(const QString &url);
    /// Moves it to the front of the history. Not kept: the embedded server, whose port differs at the next start, and a
    /// URL with a name and password in it.
    void remember(const QString &url);
    void setState(State state, bool hasSteps);

Q_SIGNALS:
    void runRequested();
    void stepRequested();
    void cancelRequested();
    void resetRequested();

private:
    void fill();

    QComboBox *m_url;
    QPushButton *m_run;
    QPushButton *m_step;
    QPushButton *m_cancel;
    QPushButton *m_reset;
    QString m_embedded;
    QStringList m_history;
};

} // namespace McpAuth::Ui
