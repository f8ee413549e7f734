// The line above the Console: whose server, in which revision, connect and disconnect.
#pragma once

#include <QWidget>

class QComboBox;
class QPushButton;

namespace McpAuth::Ui {

class ConsoleBar : public QWidget
{
    Q_OBJECT

public:
    /// Servers that are remembered, newest first, under QSettings "console/history".
    static constexpr int historySize = 30;

    explicit ConsoleBar(QWidget *parent = nullptr);

    [[nodiscard]] QString url() const; ///< trimmed
    void setUrl(const QString &url);
    void focusUrl();
    [[nodiscard]] QString revision() const;
    /// Offered first, and put in where nothing else was; empty while it does not run.
    void setEmbeddedUrl(const QString &url);
    /// Moves it to the front of the history. Not kept: the embedded server, whose port differs at the next start, and a
    /// URL with a name and password in it.
    void remember(const QString &url);
    /// Whether a server can be chosen, or the connection ended.
    void setIdle(bool idle);

Q_SIGNALS:
    void connectRequested();
    void disconnectRequested();

private:
    void fill();

    QComboBox *m_url;
    QComboBox *m_revision;
    QPushButton *m_connect;
    QPushButton *m_disconnect;
    QString m_embedded;
    QStringList m_history;
};

} // namespace McpAuth::Ui
