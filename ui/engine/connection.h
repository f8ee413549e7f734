// The Console's connection to an MCP server.
#pragma once

#include "ui/engine/keychain.h"
#include "ui/engine/offers.h"

#include <QCoroTask>
#include <QObject>

namespace McpAuth::Ui {

class Worker;

struct ClientRequest
{
    QString url;
    QString revision;
    std::optional<OAuth::Authorization> authorization; ///< for this URL; nothing: the one that was kept, or none
    bool allowHttp = false;                            ///< plain http beyond loopback
    Keeping keeping = Keeping::Nowhere;
};

/// What a server says of itself, and what it offers.
struct ServerIntroduction
{
    QString url;
    QString serverName; ///< its title or name, and its version; empty where it says neither
    QString revision;   ///< as agreed
    QList<Offer> offers;
    QStringList problems; ///< why some of its lists could not be read
};

/// One request for what a server offers.
struct OfferCall
{
    Offer offer;
    QJsonObject arguments;
    std::chrono::milliseconds timeout{};
};

/// What a server asks while it works on a request.
struct ServerQuestion
{
    quint64 id = 0;
    QString method; ///< "elicitation/create", "sampling/createMessage" or "roots/list"
    QJsonObject params;
};

struct ClientCall
{
    Result<Mcp::CallResult> result;
    double durationMs = 0; ///< of all of it, with what was renewed on the way
};

class Connection : public QObject
{
    Q_OBJECT

public:
    explicit Connection(Worker *worker);

    /// One at a time: a new one ends the one before. Its tokens are renewed before they expire and when they are
    /// refused; nobody is asked for that. Errors: cancelled, those of Mcp::Client with a session that is not
    /// interactive.
    QCoro::Task<Result<ServerIntroduction>> open(ClientRequest request);
    /// Errors: not_connected, cancelled, those of Mcp::Client::request.
    QCoro::Task<ClientCall> call(OfferCall call);
    /// Answers asked(). An error with the code rejected says that the person did not want to.
    void answer(quint64 question, const Result<QJsonObject> &answer);
    /// What there is by now. Errors: not_connected, those of Mcp::Client::listTools.
    QCoro::Task<Result<ServerIntroduction>> listAgain();
    /// Another token for the connection that there is.
    void setAuthorization(const OAuth::Authorization &authorization);
    /// Ends what is under way; what is connected stays so.
    void cancel();
    void close();
    /// Closes; the tokens are revoked where the provider can (RFC 7009), and forgotten in any case. Errors: those of
    /// OAuth::Session::logOut.
    QCoro::Task<Result<>> logOut(ClientRequest request);

Q_SIGNALS:
    /// Its tokens are others now.
    void authorizationChanged(const McpAuth::OAuth::Authorization &authorization);
    /// They were renewed, without anybody's doing.
    void authorizationRenewed();
    void asked(const McpAuth::Ui::ServerQuestion &question);
    /// Nobody waits for the answer any more.
    void withdrawn(quint64 question);
    /// A notification of the server's.
    void heard(const QString &method, const QJsonObject &params);

private:
    Worker *m_worker;
};

} // namespace McpAuth::Ui
