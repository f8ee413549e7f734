// Read-only text with colours: JSON, or an HTTP message. Ctrl+F searches.
#pragma once

#include <QJsonValue>
#include <QWidget>

#include <memory>

class QPlainTextEdit;
class QLineEdit;
class QLabel;

namespace McpAuth::Ui {

class JsonView : public QWidget
{
    Q_OBJECT

public:
    enum class Syntax { Plain, Json, Http };

    explicit JsonView(QWidget *parent = nullptr);
    ~JsonView() override;

    /// Object names objectName, objectName + "Editor", "Search", "Next", "Previous", "CloseSearch"; accessible names
    /// alike.
    void setNames(const QString &objectName, const QString &accessibleName);

    void setJson(const QJsonValue &value); ///< indented
    /// Bytes that are JSON are shown as they came, unless they are one long line: then indented.
    void setJsonText(const QByteArray &text);
    /// Status or request line, header fields, an empty line, body (JSON bodies are coloured too).
    void setHttp(const QString &message);
    void setPlainText(const QString &text);
    void clear();

    [[nodiscard]] QString text() const;
    [[nodiscard]] QPlainTextEdit *editor() const { return m_editor; }
    void setPlaceholderText(const QString &text);
    void setLineWrap(bool wrap);

public Q_SLOTS:
    void openSearch();
    void closeSearch();

protected:
    void showEvent(QShowEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    class Highlighter;

    void setContent(const QString &text, Syntax syntax);
    void highlight();
    void find(bool backward);
    QWidget *makeSearchBar();

    QPlainTextEdit *m_editor;
    QWidget *m_searchBar;
    QLineEdit *m_search;
    QLabel *m_noMatch;
    Syntax m_syntax = Syntax::Plain;
    std::unique_ptr<Highlighter> m_highlighter;
};

} // namespace McpAuth::Ui
