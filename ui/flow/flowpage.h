// The Flow page: how a client gets a token for an MCP server, step by step, as it happens.
#pragma once

#include "ui/flow/flowcontrol.h"
#include "ui/flow/flowverdict.h"

#include <QPointer>
#include <QWidget>

class QTabWidget;

namespace McpAuth::Ui {

class Engine;
class Banner;
class DiagramPane;
class FlowBar;
class FlowForm;
class IssuerPane;
class ResultBar;
class StepDetail;
class StepModel;
class StepSelection;

class FlowPage : public QWidget
{
    Q_OBJECT

public:
    /// `engine` must outlive the page.
    explicit FlowPage(Engine *engine, QWidget *parent = nullptr);
    ~FlowPage() override;

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
    void startAgain(bool registerAnew);
    [[nodiscard]] bool isIdle() const;
    bool prepareStart();
    void showStart();
    void changeOptions();
    void changeUrl();
    static QCoro::Task<> findKeychain(QPointer<FlowPage> page, QPointer<Engine> engine);
    static QCoro::Task<> startServer(QPointer<FlowPage> page, QPointer<Engine> engine);
    void showStep(const OAuth::Step &step);
    void showProgress(OAuth::StepKind kind);
    void showPause(OAuth::StepKind next);
    void takeAuthorization(const OAuth::Authorization &authorization);
    void showOutcome(const Result<OAuth::Authorization> &outcome);
    void followAction();
    void updateState();

    Engine *m_engine;
    FlowControl *m_control;
    FlowBar *m_bar;
    Banner *m_banner;
    ResultBar *m_result;
    DiagramPane *m_pane;
    StepModel *m_steps;
    StepSelection *m_selection = nullptr;
    FlowForm *m_form = nullptr;
    IssuerPane *m_issuer = nullptr;
    QTabWidget *m_tabs = nullptr;
    StepDetail *m_detail = nullptr;
    std::optional<OAuth::Authorization> m_authorization;
    FlowAction m_action = FlowAction::None;
    OAuth::OverrideMember m_override = nullptr; ///< for UseOverride
    bool m_askedForKeychain = false;
};

} // namespace McpAuth::Ui
