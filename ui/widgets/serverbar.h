// A line that begins with an MCP server's URL, and goes on with what a page can do with it.
#pragma once

#include <QWidget>

class QComboBox;
class QHBoxLayout;
class QPushButton;

namespace McpAuth::Ui {

class ServerBar : public QWidget
{
    Q_OBJECT

public:
    /// Servers that are remembered, newest first.
    static constexpr int historySize = 30;

    [[nodiscard]] QString url() const; ///< trimmed
    void setUrl(const QString &url);
    void focusUrl();
    /// Offered first, and put in where nothing else was; empty while it does not run.
    void setEmbeddedUrl(const QString &url);
    /// Moves it to the front of the history. Not kept: the embedded server, whose port differs at the next start, and a
    /// URL with a name and password in it.
    void remember(const QString &url);

protected:
    /// `historyKey` is where QSettings keeps the history; `objectName` the field's.
    ServerBar(const QString &historyKey, const QString &objectName, QWidget *parent);

    [[nodiscard]] QComboBox *urlField() const { return m_url; }
    [[nodiscard]] QHBoxLayout *row() const { return m_row; }
    /// At the end of the row.
    QPushButton *addButton(const QString &icon, const QString &text, const QString &objectName, const QString &name);

Q_SIGNALS:
    void returnPressed();
    void urlChanged(); ///< by the user or by setUrl()

private:
    void fill();

    QString m_historyKey;
    QComboBox *m_url;
    QHBoxLayout *m_row;
    QString m_embedded;
    QStringList m_history;
};

} // namespace McpAuth::Ui
