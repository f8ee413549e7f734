// "Connect a client": for each MCP client, what to paste where.
#pragma once

#include "ui/server/clientconfig.h"

#include <QWidget>

class QLabel;
class QListWidget;
class QStackedLayout;

namespace McpAuth::Ui {

class CopyButton;
class EmptyState;
class JsonView;

class ClientsPane : public QWidget
{
    Q_OBJECT

public:
    explicit ClientsPane(QWidget *parent = nullptr);

    /// Empty while the server does not run.
    void setConfigs(const QList<ClientConfig> &configs);
    [[nodiscard]] const QList<ClientConfig> &configs() const { return m_configs; }
    void select(int row);

Q_SIGNALS:
    void startRequested();

private:
    void showConfig(int row);

    QList<ClientConfig> m_configs;
    QListWidget *m_clients;
    QLabel *m_where;
    JsonView *m_text;
    EmptyState *m_empty;
    QStackedLayout *m_stack;
};

} // namespace McpAuth::Ui
