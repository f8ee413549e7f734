// "Mint a token": what the local issuer should say, and one button that has it said.
#pragma once

#include "ui/token/mintform.h"

#include <QPointer>
#include <QWidget>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QSpinBox;
class QVBoxLayout;

namespace McpAuth::Ui {

class Engine;
class MintPanel : public QWidget
{
    Q_OBJECT

public:
    explicit MintPanel(Engine *engine, QWidget *parent = nullptr);

    [[nodiscard]] MintForm form() const;
    void setForm(const MintForm &form);

    /// Whether there is an issuer to ask and none is being asked.
    [[nodiscard]] bool canMint() const;
    /// Fills in the form and mints.
    void mintPreset(Preset preset);

public Q_SLOTS:
    void mint();
    /// The scopes on offer, and the audience where it was not changed by hand.
    void followServer();

Q_SIGNALS:
    void minted(const QByteArray &token);
    void failed(const QString &message);
    void canMintChanged();

private:
    struct Order
    {
        Demo::MintRequest request;
        QByteArray algorithm; ///< empty: of the current key
        bool forged = false;
    };
    static QCoro::Task<Result<QByteArray>> carryOut(QPointer<Engine> engine, Order order);
    static QCoro::Task<> run(QPointer<MintPanel> self, QPointer<Engine> engine, Order order);

    void addFields(QFormLayout *layout);
    void addMore(QFormLayout *layout);
    QLabel *makeProblem();
    QPushButton *makeButton();
    void start(bool forged);
    void setAudience(const QStringList &audience);
    void setScopes(const QStringList &offered, const QStringList &chosen);
    [[nodiscard]] QStringList chosenScopes() const;
    void setBusy(bool busy);

    QPointer<Engine> m_engine;
    QLineEdit *m_subject = nullptr;
    QVBoxLayout *m_scopeColumn = nullptr;
    QList<QCheckBox *> m_scopes;
    QLineEdit *m_otherScopes = nullptr;
    QLineEdit *m_audience = nullptr;
    QSpinBox *m_lifetime = nullptr;
    QComboBox *m_algorithm = nullptr;
    QPlainTextEdit *m_claims = nullptr;
    QLabel *m_problem = nullptr;
    QPushButton *m_mint = nullptr;
    QStringList m_serverAudience;
    bool m_busy = false;
};

} // namespace McpAuth::Ui
