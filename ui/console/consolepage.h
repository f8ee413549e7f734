// The Console page: an MCP client. Tools, forms for their arguments, results; tokens renewed unseen, 401 and 403 with
// the way on.
#pragma once

#include "ui/console/consoleconnection.h"

#include <QTimer>
#include <QWidget>

class QLabel;
class QPushButton;
class QShortcut;
class QSpinBox;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace McpAuth::Ui {

class ArgumentsPane;
class Banner;
class ConsoleBar;
class Engine;
class MessageModel;
class OffersPane;
class QuestionPane;
class ResultPane;

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
    QWidget *makeHistory();
    QWidget *makeMessages();
    void connectAll();
    void connectToServer();
    void call();
    void send(const QJsonObject &arguments);
    void cancel();
    void repeat(int row);
    void showCall(const ClientCall &outcome);
    void showOffer();
    void showQuestion();
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
    OffersPane *m_offers = nullptr;
    ArgumentsPane *m_arguments = nullptr;
    QLabel *m_offerTitle = nullptr;
    QPushButton *m_call = nullptr;
    QPushButton *m_cancel = nullptr;
    QSpinBox *m_timeout = nullptr;
    ResultPane *m_result = nullptr;
    QuestionPane *m_question = nullptr;
    QStackedWidget *m_resultStack = nullptr; ///< the result, or what the server asks
    CallHistory *m_history;
    QTableView *m_historyView = nullptr;
    QStackedWidget *m_historyStack = nullptr;
    MessageModel *m_messages;
    QStackedWidget *m_messageStack = nullptr;
    QShortcut *m_escape = nullptr;
    QTimer m_ticker;
    std::optional<Offer> m_shown; ///< whose arguments are there
    ConsoleAction m_action = ConsoleAction::None;
};

} // namespace McpAuth::Ui
