// The MCP server that runs inside the program.
#pragma once

#include "base/result.h"
#include "bearer/verdict.h"
#include "demo/demoserver.h"

#include <QCoroTask>
#include <QObject>

namespace McpAuth::Ui {

class Worker;

struct ToolSummary
{
    QString name;
    QString title;
    QString description;
    QStringList requiredScopes;
};

/// A copy of what the embedded server is, for the screen.
struct ServerState
{
    bool running = false;
    QString url;
    QString resource;
    QStringList issuers;
    QStringList audience;
    QStringList requiredScopes;
    QList<std::pair<QString, QJsonObject>> published; ///< URL and document
    QList<ToolSummary> tools;
};

/// What it asks of every request and of any of its tools, each once.
[[nodiscard]] QStringList scopesOf(const ServerState &server);

class EmbeddedServer : public QObject
{
    Q_OBJECT

public:
    explicit EmbeddedServer(Worker *worker);

    /// In place of the one that runs, which goes on when this one does not start, unless it has the same port. The
    /// local issuer's keys come over HTTP like any provider's. Errors: those of Mcp::Server::listen.
    QCoro::Task<Result<>> start(Mcp::ServerOptions options);
    QCoro::Task<> stop();
    [[nodiscard]] const ServerState &state() const { return m_state; }
    /// What it would answer to the token for that tool, or with an empty name for any other request.
    QCoro::Task<Bearer::Verdict> judge(Secret token, QString tool);

Q_SIGNALS:
    void changed();
    /// At most 30 times a second.
    void requestsAnswered(const QList<McpAuth::Mcp::RequestEvent> &events);

private:
    Worker *m_worker;
    ServerState m_state;
};

} // namespace McpAuth::Ui
