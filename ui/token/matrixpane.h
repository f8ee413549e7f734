// What every tool of the running server makes of the token, and the HTTP response for the selected one.
#pragma once

#include "ui/engine/embeddedserver.h"

#include <QSplitter>

class QLabel;
class QStackedWidget;
class QTableView;

namespace McpAuth::Ui {

class EmptyState;
class JsonView;
class MatrixModel;

class MatrixPane : public QSplitter
{
    Q_OBJECT

public:
    explicit MatrixPane(QWidget *parent = nullptr);

    /// One row for requests that are no tool call and one a tool; the selected tool stays selected.
    void setServer(const ServerState &server);
    /// Another server than the embedded one: its tools are not known, `why` is said in their place; one row remains.
    void setElsewhere(const QString &why, const QStringList &scopes);
    void setVerdict(const QString &tool, const Bearer::Verdict &verdict);
    /// Nothing is known: `why` is said where the response would be.
    void clearVerdicts(const QString &why);
    void setStarting(bool starting);

    /// In the order of the rows.
    [[nodiscard]] QStringList tools() const;
    /// Those that refuse the token, of the tools that were judged.
    [[nodiscard]] QStringList refusedTools() const;
    [[nodiscard]] QString selectedTool() const;
    /// Null while it is not known.
    [[nodiscard]] const Bearer::Verdict *selectedVerdict() const;

Q_SIGNALS:
    void startRequested();
    /// Another tool, or another verdict for it.
    void selectedVerdictChanged();

private:
    QWidget *makeMatrix();
    QWidget *makeAnswer();
    [[nodiscard]] int selectedRow() const;
    void showSelected();

    MatrixModel *m_matrix;
    QTableView *m_view = nullptr;
    QStackedWidget *m_stack = nullptr;
    EmptyState *m_empty = nullptr;
    EmptyState *m_elsewhere = nullptr;
    QLabel *m_answerTitle = nullptr;
    JsonView *m_answer = nullptr;
};

} // namespace McpAuth::Ui
