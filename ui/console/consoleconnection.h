// The Console's connection as the page sees it: its states, its token, its calls. No widget.
#pragma once

#include "http/exchangelog.h"
#include "ui/console/callhistory.h"
#include "ui/console/consolewords.h"
#include "ui/engine/connection.h"

#include <QElapsedTimer>
#include <QPointer>
#include <QTimer>

namespace McpAuth::Ui {

class Engine;

class ConsoleConnection : public QObject
{
    Q_OBJECT

public:
    enum class State { Idle, Connecting, Connected, Calling, SteppingUp };

    /// `engine` must outlive it.
    explicit ConsoleConnection(Engine *engine, QObject *parent = nullptr);
    ~ConsoleConnection() override; // the connection ends

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] bool isBusy() const { return m_state != State::Idle && m_state != State::Connected; }
    [[nodiscard]] const std::optional<OAuth::Authorization> &authorization() const { return m_authorization; }
    /// When the token was renewed by itself; nothing: it was not.
    [[nodiscard]] const std::optional<QDateTime> &renewed() const { return m_renewed; }

    /// For the next open(); what is open ends.
    void setAuthorization(const OAuth::Authorization &authorization);
    /// This server, and no other, may be reached by plain HTTP beyond this computer; empty: none.
    void allowPlainHttp(const QString &mcpUrl) { m_plainHttpUrl = mcpUrl; }

    /// While idle, with the Flow page's options. A token of another server is forgotten.
    void open(const QString &url, const QString &revision);
    void close();
    /// Closes; the token is revoked and forgotten.
    void logOut(const QString &revision);
    /// While connected.
    void call(const OfferCall &call);
    /// What is under way.
    void cancel();
    /// Answers asked(), as Connection::answer() has it.
    void answer(quint64 question, const Result<QJsonObject> &answer);
    /// A flow for the scopes that the last call lacked; then that call again.
    void askForScopes();
    /// Ends of flows; those that stepUpRequested() did not ask for are left alone.
    void takeStepUp(const OAuth::Authorization &authorization);
    void takeFlowFailure(const Error &error);

    [[nodiscard]] bool isOfLastCall(const Http::Exchange &exchange) const;
    /// The one that counted, where it was sent again.
    [[nodiscard]] std::optional<Http::Exchange> lastExchange() const;

Q_SIGNALS:
    void stateChanged();
    void tokenChanged();
    void judged(const McpAuth::Ui::ConsoleVerdict &verdict);
    void opened(const McpAuth::Ui::ServerIntroduction &introduction);
    void closed();
    /// The server has changed what it offers.
    void listed(const McpAuth::Ui::ServerIntroduction &introduction);
    /// While a server is connected.
    void asked(const McpAuth::Ui::ServerQuestion &question);
    void withdrawn(quint64 question);
    void heard(const QString &method, const QJsonObject &params);
    void called(const McpAuth::Ui::ClientCall &outcome);
    /// Of every call, also of one that was cancelled.
    void recorded(const McpAuth::Ui::CallRecord &record);
    /// A flow for these scopes is to be run; its end is told to takeStepUp() or takeFlowFailure().
    void stepUpRequested(const QString &mcpUrl, const QStringList &scopes);
    void flowCancelRequested();

private:
    using Self = QPointer<ConsoleConnection>;

    static QCoro::Task<> runOpen(Self self, QPointer<Engine> engine, ClientRequest request, quint64 turn);
    static QCoro::Task<> runCall(Self self, QPointer<Engine> engine, OfferCall call, quint64 turn);
    static QCoro::Task<> runListAgain(Self self, QPointer<Engine> engine);
    static QCoro::Task<> runLogOut(Self self, QPointer<Engine> engine, ClientRequest request, quint64 turn);
    void takeIntroduction(const Result<ServerIntroduction> &outcome, const QString &revision);
    void takeCall(const OfferCall &call, const ClientCall &outcome);
    void takeNotification(const QString &method, const QJsonObject &params);
    void listAgain();
    void record(const OfferCall &call, const ConsoleVerdict &verdict, double durationMs);
    [[nodiscard]] ClientRequest request(const QString &url, const QString &revision) const;
    [[nodiscard]] bool isPasted() const;
    void setState(State state);

    Engine *m_engine;
    State m_state = State::Idle;
    quint64 m_turn = 0; ///< what was begun before the last is not waited for
    QString m_url;      ///< of the last open()
    OfferCall m_last;
    QTimer m_listAgain; ///< several changes at once are one
    QDateTime m_begun;  ///< the last call; invalid: it was cancelled
    QElapsedTimer m_calling;
    QStringList m_missing; ///< scopes that a 403 named
    std::optional<OAuth::Authorization> m_authorization;
    std::optional<QDateTime> m_renewed;
    QString m_plainHttpUrl;
};

} // namespace McpAuth::Ui
