// The Flow page: how a client gets a token for an MCP server, step by step, as it happens.
#pragma once

#include "ui/engine/flows.h"
#include "ui/flow/flowverdict.h"

#include <QPointer>
#include <QWidget>

class QListView;
class QTabWidget;

namespace McpAuth::Ui {

class Engine;
class Banner;
class DiagramPane;
class FlowBar;
class FlowForm;
struct FlowConfiguration;
class IssuerPane;
class ResultBar;
class StepDetail;
class StepModel;

class FlowPage : public QWidget
{
    Q_OBJECT

public:
    /// `engine` must outlive the page.
    explicit FlowPage(Engine *engine, QWidget *parent = nullptr);
    ~FlowPage() override; // a flow under way is cancelled

    /// Another server's flow goes from the screen. Ignored while a flow runs.
    void setMcpUrl(const QString &url);
    void setConsoleAvailable(bool available);
    /// Runs a flow for these scopes, those of before among them (2026-07-28, Step-Up Authorization Flow). False: it did
    /// not begin, for another one runs, or the options do not fit.
    bool stepUp(const QString &mcpUrl, const QStringList &scopes);
    [[nodiscard]] const std::optional<OAuth::Authorization> &authorization() const { return m_authorization; }

public Q_SLOTS:
    void run();  ///< to the end, also from where it is paused
    void step(); ///< one step on
    void cancel();
    void reset();
    /// Starts the embedded server where it does not run, and runs the flow at it.
    void tryEmbedded();

Q_SIGNALS:
    void tokenPageRequested(const QByteArray &token);
    void consoleRequested(const McpAuth::OAuth::Authorization &authorization);
    /// Every flow ends with one of these, whoever began it.
    void authorized(const McpAuth::OAuth::Authorization &authorization);
    void failed(const McpAuth::Error &error);
    /// The one server that the options let be reached by plain HTTP beyond this computer; empty: none.
    void plainHttpAllowed(const QString &mcpUrl);

protected:
    void showEvent(QShowEvent *event) override;

private:
    QWidget *makeBody();
    QWidget *makeTabs();
    void connectAll();
    void start(bool stepping, const QStringList &previousScopes = {});
    void start(const FlowConfiguration &configuration, FlowRequest request);
    void startAgain(bool registerAnew);
    void changeOptions();
    void changeUrl();
    static QCoro::Task<> perform(QPointer<FlowPage> page, QPointer<Engine> engine, FlowRequest request);
    static QCoro::Task<> findKeychain(QPointer<FlowPage> page, QPointer<Engine> engine);
    static QCoro::Task<> startServer(QPointer<FlowPage> page, QPointer<Engine> engine);
    void showStep(const OAuth::Step &step);
    void showProgress(OAuth::StepKind kind);
    void showPause(OAuth::StepKind next);
    void showOutcome(const Result<OAuth::Authorization> &outcome);
    void selectFromList();
    void selectFromDiagram(int step, int message);
    void follow(int step);
    void followAction();
    void updateState();

    Engine *m_engine;
    FlowBar *m_bar;
    Banner *m_banner;
    ResultBar *m_result;
    DiagramPane *m_pane;
    StepModel *m_steps;
    QListView *m_list = nullptr;
    FlowForm *m_form = nullptr;
    IssuerPane *m_issuer = nullptr;
    QTabWidget *m_tabs = nullptr;
    StepDetail *m_detail = nullptr;
    std::optional<OAuth::Authorization> m_authorization;
    FlowAction m_action = FlowAction::None;
    OverrideMember m_override = nullptr;
    QStringList m_previousScopes; ///< of the step-up that the last run was for
    OAuth::Overrides m_granted;   ///< on the banner, for the runs that follow from one another
    OAuth::Overrides m_used;      ///< by the last run
    QString m_browserUrl;         ///< opened in the system's browser by this flow; empty: nothing was
    bool m_running = false;
    bool m_paused = false;
    bool m_choosing = false; ///< the selection is the program's doing
    bool m_askedForKeychain = false;
    bool m_follows = true; ///< the user has not selected anything since the start
};

} // namespace McpAuth::Ui
