// The Server page: the embedded MCP server, what it requires, what it publishes, who called and what each got.
#pragma once

#include "ui/server/serverconfiguration.h"

#include <QCoroTask>
#include <QPointer>
#include <QWidget>

class QMenu;
class QPushButton;
class QTabWidget;

namespace McpAuth::Http {
class Client;
}

namespace McpAuth::Ui {

class Banner;
class ClientsPane;
class CopyButton;
class Engine;
class PublishedPane;
class RequestPane;
class ServerForm;

class ServerPage : public QWidget
{
    Q_OBJECT

public:
    explicit ServerPage(Engine *engine, QWidget *parent = nullptr);

public Q_SLOTS:
    /// With the form as it stands; a running server is stopped first. Problems are shown beside their fields.
    void start();
    void stop();
    /// A few calls of the running server, each as a client would make it.
    void tryIt();

private:
    static QCoro::Task<> runStart(QPointer<ServerPage> self, QPointer<Engine> engine,
                                  ServerConfiguration configuration);
    static QCoro::Task<> runStop(QPointer<ServerPage> self, QPointer<Engine> engine);
    static QCoro::Task<> runSamples(QPointer<ServerPage> self, QPointer<Engine> engine, QPointer<Http::Client> client);

    QWidget *makeBar();
    QWidget *makeTabs();
    void connectEngine();
    void rebuildClientMenu();
    void showProblems(const QList<FieldProblem> &problems);
    void showState();
    void updateButtons();
    void formChanged();

    QPointer<Engine> m_engine;
    ServerForm *m_form = nullptr;
    Banner *m_banner = nullptr;
    QPushButton *m_start = nullptr;
    QPushButton *m_stop = nullptr;
    CopyButton *m_copyUrl = nullptr;
    QPushButton *m_copyClient = nullptr;
    QMenu *m_clientMenu = nullptr;
    QTabWidget *m_tabs = nullptr;
    RequestPane *m_requests = nullptr;
    PublishedPane *m_published = nullptr;
    ClientsPane *m_clients = nullptr;
    Http::Client *m_sampleClient = nullptr;       ///< made at the first sample call
    std::optional<ServerConfiguration> m_running; ///< what the server was started with from here
    bool m_busy = false;
    bool m_hasProblems = false;
    quint16 m_port = 0;    ///< bound last: clients that were configured find it again
    bool m_trying = false; ///< sample calls are under way
};

} // namespace McpAuth::Ui
