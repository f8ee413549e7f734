// The Console's MCP client on the worker's thread: one connection, and the session that keeps its tokens fresh.
#pragma once

#include "ui/engine/connection.h"
#include "ui/engine/httpclients_p.h"

#include <QHash>
#include <QObject>
#include <QPointer>
#include <QPromise>

#include <memory>

namespace McpAuth::Ui {

class Credentials;

/// Used on the worker's thread only; it ends after that thread has, and so no coroutine there outlives it.
class ClientRunner : public QObject
{
    Q_OBJECT

public:
    /// `log` and `credentials` must outlive it.
    ClientRunner(Http::ExchangeLog *log, Credentials *credentials, QObject *parent);
    ~ClientRunner() override;

    static QCoro::Task<Result<ServerIntroduction>> connectTo(ClientRunner *runner, ClientRequest request);
    static QCoro::Task<ClientCall> call(ClientRunner *runner, OfferCall call);
    static QCoro::Task<Result<ServerIntroduction>> listAgain(ClientRunner *runner);
    void answer(quint64 question, const Result<QJsonObject> &answer);
    /// Ends what is under way, then the session at the server.
    static QCoro::Task<Result<>> leave(ClientRunner *runner);
    static QCoro::Task<Result<>> logOut(ClientRunner *runner, ClientRequest request);
    void setAuthorization(const OAuth::Authorization &authorization);
    void cancel();
    /// Nobody waits for anything any more; ends when nothing is under way.
    static QCoro::Task<> end(ClientRunner *runner);
    /// Nothing of the network is left afterwards.
    void close();

Q_SIGNALS:
    void authorizationChanged(const McpAuth::OAuth::Authorization &authorization);
    void authorizationRenewed();
    void notKept(const McpAuth::Error &error);
    void asked(const McpAuth::Ui::ServerQuestion &question);
    void withdrawn(quint64 question);
    void heard(const QString &method, const QJsonObject &params);

private:
    struct Link;
    using LinkPtr = std::shared_ptr<Link>;
    using AnswerPromise = std::shared_ptr<QPromise<Result<QJsonObject>>>;

    static QCoro::Task<Result<QJsonObject>> ask(QPointer<ClientRunner> runner, QString method, QJsonObject params,
                                                std::stop_token stop);
    static QCoro::Task<Result<ServerIntroduction>> listOffers(LinkPtr link);
    static QCoro::Task<> follow(LinkPtr link);
    [[nodiscard]] Mcp::ClientFeatures features();
    [[nodiscard]] Mcp::InputProvider asker(const QString &method);

    static QCoro::Task<Result<>> endSession(LinkPtr link);
    static QCoro::Task<LinkPtr> makeLink(ClientRunner *runner, ClientRequest request);
    /// The one whose session has the tokens for this URL: the present one, or one that is being left; null: none has.
    [[nodiscard]] LinkPtr linkTo(const QString &url) const;
    std::unique_ptr<Mcp::Client> makeClient(const Link &link);
    void followSession(OAuth::Session *session);
    void remember(const LinkPtr &link);
    [[nodiscard]] bool isCurrent(const OAuth::Session *session) const;

    Credentials *m_credentials;
    HttpClients m_callClients;
    HttpClients m_tokenClients;
    LinkPtr m_link; ///< null while nothing is connected
    QList<std::weak_ptr<Link>> m_leaving;
    QHash<quint64, AnswerPromise> m_questions; ///< that wait for the person
    quint64 m_lastQuestion = 0;
    quint64 m_turn = 0; ///< of what makes a link or ends it: the last one counts
};

} // namespace McpAuth::Ui
