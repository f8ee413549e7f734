// The Console page: an MCP client. Tools, forms for their arguments, results; tokens renewed unseen, 401 and 403 with
// the way on.
#pragma once

#include "ui/console/callhistory.h"
#include "ui/console/consolewords.h"
#include "ui/engine/connection.h"

#include <QElapsedTimer>
#include <QPointer>
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
    ~ConsolePage() override; // the connection ends

    /// Connects with it to the server that it is for, unless the URL is for the user to look at first.
    void setAuthorization(const OAuth::Authorization &authorization, bool mayConnect = true);
    /// This server, and no other, may be reached by plain HTTP beyond this computer; empty: none.
    void allowPlainHttp(const QString &mcpUrl) { m_plainHttpUrl = mcpUrl; }

public Q_SLOTS:
    void connectToServer();
    void disconnectFromServer();
    void call();
    void cancel();
    /// Ends of flows; those that stepUpRequested() did not ask for are left alone.
    void takeStepUp(const McpAuth::OAuth::Authorization &authorization);
    void takeFlowFailure(const McpAuth::Error &error);

Q_SIGNALS:
    /// Where a token is got.
    void tokenRequested(const QString &mcpUrl);
    /// A flow for these scopes is to be run; its end is told to takeStepUp() or takeFlowFailure().
    void stepUpRequested(const QString &mcpUrl, const QStringList &scopes);
    void flowCancelRequested();
    void flowPageRequested();
    void exchangeRequested(quint64 id);

protected:
    void showEvent(QShowEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    enum class State { Idle, Connecting, Connected, Calling, SteppingUp };

    struct Call
    {
        QString tool;
        QJsonObject arguments;
    };

    QWidget *makeTokenLine();
    QWidget *makeBody();
    QWidget *makeArguments();
    QWidget *makeResults();
    void connectAll();
    static QCoro::Task<> runConnect(QPointer<ConsolePage> page, QPointer<Engine> engine, ClientRequest request,
                                    quint64 turn);
    static QCoro::Task<> runCall(QPointer<ConsolePage> page, QPointer<Engine> engine, Call call, quint64 turn);
    void start(const Call &call);
    void repeat(int row);
    void showConnection(const Result<ServerIntroduction> &outcome, const QString &revision);
    void showCall(const Call &call, const ClientCall &outcome);
    void record(const Call &call, const ConsoleVerdict &verdict, double durationMs);
    [[nodiscard]] bool isOfLastCall(const Http::Exchange &exchange) const;
    [[nodiscard]] std::optional<Http::Exchange> lastExchange() const;
    void showTool();
    void showVerdict(const ConsoleVerdict &verdict);
    void followAction();
    void askForScopes();
    void logOut();
    [[nodiscard]] ClientRequest request() const;
    [[nodiscard]] bool isPasted() const;
    static QCoro::Task<> runLogOut(QPointer<ConsolePage> page, QPointer<Engine> engine, ClientRequest request,
                                   quint64 turn);
    void setState(State state);
    void updateState();
    void updateToken();

    Engine *m_engine;
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
    QElapsedTimer m_calling;
    State m_state = State::Idle;
    quint64 m_turn = 0;      ///< what was begun before the last is not waited for
    QDateTime m_begun;       ///< the last call; invalid: it was cancelled
    QJsonObject m_shownTool; ///< as the server describes it
    Call m_last;
    ConsoleAction m_action = ConsoleAction::None;
    QStringList m_missing; ///< scopes that a 403 named
    std::optional<OAuth::Authorization> m_authorization;
    std::optional<QDateTime> m_renewed;
    QString m_plainHttpUrl;
};

} // namespace McpAuth::Ui
