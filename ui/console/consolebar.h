// The line above the Console: whose server, in which revision, connect and disconnect.
#pragma once

#include "ui/widgets/serverbar.h"

namespace McpAuth::Ui {

/// Its history is under QSettings "console/history".
class ConsoleBar : public ServerBar
{
    Q_OBJECT

public:
    explicit ConsoleBar(QWidget *parent = nullptr);

    [[nodiscard]] QString revision() const;
    /// Whether a server can be chosen, or the connection ended.
    void setIdle(bool idle);

Q_SIGNALS:
    void connectRequested();
    void disconnectRequested();

private:
    QComboBox *addRevision();

    QComboBox *m_revision;
    QPushButton *m_connect;
    QPushButton *m_disconnect;
};

} // namespace McpAuth::Ui
