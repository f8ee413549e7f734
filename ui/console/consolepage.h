// The Console page: an MCP client. Tools, forms for their arguments, results; tokens renewed unseen, 401 and 403 with
// the way on.
#pragma once

#include "ui/console/consoleconnection.h"

#include <QTimer>
#include <QWidget>

class QLabel;
class QPushButton;
class QShortcut;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace McpAuth::Ui {

class Engine;
class ArgumentsPane;
class Banner;
class ConsoleBar;
class ResultPane;
class ToolsPane;

class ConsolePage : public QWidget
{
    Q_OBJECT

public:
    /// `engine` must outlive the page.
    explicit ConsolePage(Engine *engine, QWidget *parent = nullptr);
    ~ConsolePage() override;

    /// Connects with it to the server that it is for, unless the URL is for the user to look at first.
    void setAuthorization(const OAuth::Authorization &authorization, bool mayConnect = true);
    [[nodiscard]] ConsoleConnection *connection() const { return m_connection; }

Q_SIGNALS:
    /// Where a token is got.
    void tokenRequested(const QString &mcpUrl);
    void flowPageRequested();
    void exchangeRequested(quint64 id);

protected:
    void showEvent(QShowEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    QWidget *makeTokenLine();
    QWidget *makeBody();
    QWidget *makeArguments();
    QWidget *makeResults();
    void connectAll();
    void connectToServer();
    void call();
    void cancel();
    void repeat(int row);
    void showCall(const ClientCall &outcome);
    void showTool();
    void showVerdict(const ConsoleVerdict &verdict);
    void followAction();
    void logOut();
    void updateState();
    void updateToken();

    Engine *m_engine;
    ConsoleConnection *m_connection;
    ConsoleBar *m_bar;
    Banner *m_banner;
    QLabel *m_tokenIcon = nullptr;
    QLabel *m_token = nullptr;
    QToolButton *m_forget = nullptr;
    ToolsPane *m_tools = nullptr;
    ArgumentsPane *m_arguments = nullptr;
    QLabel *m_toolTitle = nullptr;
    QPushButton *m_call = nullptr;
    QPushButton *m_cancel = nullptr;
    ResultPane *m_result = nullptr;
    CallHistory *m_history;
    QTableView *m_historyView = nullptr;
    QStackedWidget *m_historyStack = nullptr;
    QShortcut *m_escape = nullptr;
    QTimer m_ticker;
    QJsonObject m_shownTool; ///< as the server describes it
    ConsoleAction m_action = ConsoleAction::None;
};

} // namespace McpAuth::Ui
