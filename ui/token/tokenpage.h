// The Token page: what a token says, each check of it, what every tool of the server makes of it, and the server's
// answer.
#pragma once

#include "ui/token/judgement.h"
#include "ui/token/mintform.h"
#include "ui/token/pastedtoken.h"

#include <QCoroTask>
#include <QPointer>
#include <QTimer>
#include <QWidget>

class QPlainTextEdit;
class QPushButton;
class QStackedWidget;
class QTreeView;

namespace McpAuth::Ui {

class Banner;
class ChecksPane;
class ClaimsModel;
class EmptyState;
class Engine;
class MatrixPane;
class MintPanel;
class TargetBar;
class TokenHighlighter;
class TokenJudge;

class TokenPage : public QWidget
{
    Q_OBJECT

public:
    explicit TokenPage(Engine *engine, QWidget *parent = nullptr);

    /// Which MCP server the token is for, as far as that is known: the one it is judged for, else the one that its
    /// audience names, else the embedded one; empty when that does not run either.
    [[nodiscard]] QString serverUrl() const;
    /// Whether only the token's own, unverified claims name that server.
    [[nodiscard]] bool isServerUrlClaimed() const;

public Q_SLOTS:
    void setToken(const QByteArray &token);
    /// Forgets the token, also for undo.
    void clear();

Q_SIGNALS:
    /// To call tools with it.
    void tokenForConsole(const QByteArray &token);

protected:
    void showEvent(QShowEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    static QCoro::Task<> runStart(QPointer<TokenPage> self, QPointer<Engine> engine);

    QWidget *makeInput();
    QWidget *makePaste();
    QPushButton *makePresets();
    QPushButton *makeToConsole();
    QWidget *makeClaims();
    void connectAll();
    void serverChanged();
    void mintOnce();
    void startServer();
    void read();
    void judge();
    void judgeElsewhere();
    void showJudgement(const Judgement &judgement);
    void showMeasures();
    [[nodiscard]] bool isElsewhere() const;
    void tick();
    void showBanner();
    [[nodiscard]] QString unjudgedWords() const;
    void showProblem(const QString &title, const QString &detail);

    QPointer<Engine> m_engine;
    TokenJudge *m_judge;
    ClaimsModel *m_claims;
    Banner *m_banner;
    TargetBar *m_target;
    MintPanel *m_mint;
    ChecksPane *m_checks;
    MatrixPane *m_matrix;
    QPlainTextEdit *m_text = nullptr;
    TokenHighlighter *m_highlighter = nullptr;
    QPushButton *m_toConsole = nullptr;
    QTreeView *m_claimsView = nullptr;
    EmptyState *m_noClaims = nullptr;
    QStackedWidget *m_claimsStack = nullptr;
    QTimer m_debounce;
    QTimer m_ticker;
    QByteArray m_token;
    DecodedToken m_decoded;
    Judgement m_measures; ///< what the verdicts on the screen were measured by
    bool m_expired = false;
    bool m_problemShown = false; ///< the banner speaks of something else than the token
    bool m_mintedOnce = false;
};

} // namespace McpAuth::Ui
