// The window: a side bar of pages, the Exchanges dock, menus, the status bar.
#pragma once

#include <QCoroTask>
#include <QMainWindow>
#include <QPointer>

class QActionGroup;
class QDockWidget;
class QStackedWidget;
class QToolBar;
class QToolButton;

namespace McpAuth::Ui {

class Engine;
class ConsolePage;
class ExchangesPanel;
class FlowPage;
class ProviderPage;
class ServerPage;
class TokenPage;

class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    enum Page { Provider, Flow, Server, Token, Console };
    Q_ENUM(Page)

    /// `engine` must outlive the window. When it first shows, the local issuer is started and checked, then the server.
    explicit MainWindow(Engine *engine, QWidget *parent = nullptr);
    ~MainWindow() override;

    void showPage(Page page);
    [[nodiscard]] Page page() const;

protected:
    void showEvent(QShowEvent *event) override;
    void closeEvent(QCloseEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    static QCoro::Task<> begin(QPointer<MainWindow> window);
    void makePages();
    void connectConsole();
    void makeSideBar();
    void makeDock();
    void makeMenus();
    QMenu *makeThemeMenu();
    void makeStatusBar();
    void updateStatusBar();
    void paintSideBar();
    void restore();

    Engine *m_engine;
    QStackedWidget *m_stack;
    ProviderPage *m_provider;
    FlowPage *m_flow;
    ServerPage *m_server;
    TokenPage *m_token;
    ConsolePage *m_console;
    QToolBar *m_sideBar;
    QActionGroup *m_pages;
    QDockWidget *m_dock;
    ExchangesPanel *m_exchanges;
    QToolButton *m_issuerState;
    QToolButton *m_serverState;
    bool m_begun = false;
};

} // namespace McpAuth::Ui
