// Who called the server, what each got and why: the live table with its filter, and the reason of the selected row.
#pragma once

#include "ui/server/requestmodel.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;
class QStackedLayout;
class QTableView;

namespace McpAuth::Ui {

class EmptyState;

class RequestPane : public QWidget
{
    Q_OBJECT

public:
    explicit RequestPane(QWidget *parent = nullptr);

    [[nodiscard]] RequestModel *model() const { return m_model; }
    /// What the pane says while nobody called. `url` is empty when the server does not run.
    void setUrl(const QString &url);

Q_SIGNALS:
    void startRequested();
    /// Sample calls are wanted.
    void tryRequested();

private:
    QWidget *makeTools();
    QTableView *makeTable();
    void showReason();
    void updateStack();
    void follow();

    RequestModel *m_model;
    RequestFilter *m_filter;
    QTableView *m_table = nullptr;
    QLabel *m_reason = nullptr;
    QPushButton *m_clear = nullptr;
    EmptyState *m_stopped = nullptr;
    EmptyState *m_waiting = nullptr;
    QWidget *m_full = nullptr;
    QStackedLayout *m_stack = nullptr;
    QString m_url;
    bool m_tried = false; ///< sample calls were asked for and none has come yet
};

} // namespace McpAuth::Ui
