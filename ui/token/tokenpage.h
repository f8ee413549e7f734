// The Token page: what a token says, each check of it, what every tool of the server makes of it, and the server's
// answer.
#pragma once

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
class MatrixPane;
class MintPanel;
class TokenJudge;

class TokenPage : public QWidget
{
    Q_OBJECT

public:
    explicit TokenPage(Engine *engine, QWidget *parent = nullptr);

public Q_SLOTS:
    void setToken(const QByteArray &token);
    /// Forgets the token, also for undo.
    void clear();

protected:
    void showEvent(QShowEvent *event) override;

private:
    static QCoro::Task<> runStart(QPointer<TokenPage> self, QPointer<Engine> engine);

    QWidget *makeInput();
    QWidget *makePaste();
    QPushButton *makePresets();
    QWidget *makeClaims();
    void connectAll();
    void serverChanged();
    void mintOnce();
    void startServer();
    void read();
    void judge();
    void tick();
    void showBanner();
    void showProblem(const QString &title, const QString &detail);

    QPointer<Engine> m_engine;
    TokenJudge *m_judge;
    ClaimsModel *m_claims;
    Banner *m_banner;
    MintPanel *m_mint;
    ChecksPane *m_checks;
    MatrixPane *m_matrix;
    QPlainTextEdit *m_text = nullptr;
    QTreeView *m_claimsView = nullptr;
    EmptyState *m_noClaims = nullptr;
    QStackedWidget *m_claimsStack = nullptr;
    QTimer m_debounce;
    QTimer m_ticker;
    QByteArray m_token;
    DecodedToken m_decoded;
    bool m_expired = false;
    bool m_problemShown = false; ///< the banner speaks of something else than the token
    bool m_mintedOnce = false;
};

} // namespace McpAuth::Ui
