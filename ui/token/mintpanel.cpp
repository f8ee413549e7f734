#include "ui/token/mintpanel.h"

#include "jose/algorithm.h"
#include "ui/engine/embeddedserver.h"
#include "ui/engine/engine.h"
#include "ui/engine/localissuer.h"
#include "ui/server/serverconfiguration.h"
#include "ui/theme.h"
#include "ui/widgets/names.h"
#include "ui/widgets/problem.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCoroFuture>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPromise>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QThreadPool>
#include <QVBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

/// Making an RSA key takes longer than a screen may stand still.
QCoro::Task<Result<QByteArray>> forgeElsewhere(QByteArray token)
{
    auto promise = std::make_shared<QPromise<Result<QByteArray>>>();
    const QFuture<Result<QByteArray>> future = promise->future();
    promise->start();
    QThreadPool::globalInstance()->start([promise, token] {
        promise->addResult(forge(token));
        promise->finish();
    });
    Result<QByteArray> forged = co_await qCoro(future).result();
    co_return forged;
}

} // namespace

MintPanel::MintPanel(Engine *engine, QWidget *parent)
    : QWidget(parent)
    , m_engine(engine)
{
    auto *fields = new QWidget;
    auto *form = new QFormLayout(fields);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->setRowWrapPolicy(QFormLayout::WrapLongRows);
    form->setContentsMargins(Theme::tight, Theme::gap, Theme::gap, Theme::gap);
    form->setVerticalSpacing(Theme::tight);
    addFields(form);
    addMore(form);
    auto *scroll = named(new QScrollArea, u"mintFields"_s, tr("What the token says"));
    scroll->setWidget(fields);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(Theme::tight);
    column->addWidget(scroll, 1);
    column->addWidget(makeProblem());
    column->addWidget(makeButton());
    named(this, u"mintPanel"_s, tr("Mint a token"));

    connect(engine->server(), &EmbeddedServer::changed, this, &MintPanel::followServer);
    connect(engine->issuer(), &LocalIssuer::changed, this, [this] { setBusy(m_busy); });
    followServer();
    setBusy(false);
}

void MintPanel::addFields(QFormLayout *layout)
{
    const MintForm defaults;
    m_subject = named(new QLineEdit(defaults.subject), u"mintSubject"_s, tr("Subject"));
    layout->addRow(tr("S&ubject"), m_subject);
    auto *scopes = named(new QWidget, u"mintScopes"_s, tr("Scopes that the server requires"));
    m_scopeColumn = new QVBoxLayout(scopes);
    m_scopeColumn->setContentsMargins({});
    m_scopeColumn->setSpacing(Theme::tight);
    layout->addRow(tr("Scopes"), scopes);
    m_otherScopes = named(new QLineEdit, u"mintOtherScopes"_s, tr("Other scopes"));
    m_otherScopes->setPlaceholderText(tr("others, between blanks"));
    layout->addRow(tr("Mo&re scopes"), m_otherScopes);
    m_audience = named(new QLineEdit, u"mintAudience"_s, tr("Audience"));
    m_audience->setPlaceholderText(tr("none"));
    layout->addRow(tr("&Audience"), m_audience);
}

void MintPanel::addMore(QFormLayout *layout)
{
    m_lifetime = named(new QSpinBox, u"mintLifetime"_s, tr("Lifetime in seconds"));
    m_lifetime->setRange(-longestLifetime, longestLifetime);
    m_lifetime->setSingleStep(60);
    m_lifetime->setSuffix(tr(" s"));
    m_lifetime->setValue(MintForm{}.lifetime);
    m_lifetime->setToolTip(tr("Seconds from now; a negative number makes a token that has expired."));
    layout->addRow(tr("&Lifetime"), m_lifetime);
    m_algorithm = named(new QComboBox, u"mintAlgorithm"_s, tr("Algorithm"));
    m_algorithm->addItem(tr("of the current key"), QByteArray());
    for (const QByteArray &name : Jose::asymmetricAlgorithmNames())
        m_algorithm->addItem(QString::fromLatin1(name), name);
    m_algorithm->setToolTip(tr(
        "Another algorithm gives the issuer a new key. The server here asks for it at once; others ask for keys that "
        "they do not know at most once in 30 seconds."));
    layout->addRow(tr("Al&gorithm"), m_algorithm);
    m_claims = named(new QPlainTextEdit, u"mintClaims"_s, tr("Extra claims as JSON"));
    m_claims->setPlaceholderText(uR"({"role": "admin", "nbf": null})"_s);
    m_claims->setToolTip(tr("A JSON object whose members replace those above; null removes a claim."));
    m_claims->setTabChangesFocus(true);
    m_claims->setFont(Theme::monospace());
    m_claims->setFixedHeight(3 * m_claims->fontMetrics().height() + Theme::gap);
    layout->addRow(tr("E&xtra claims"), m_claims);
}

QLabel *MintPanel::makeProblem()
{
    m_problem = named(new QLabel, u"mintProblem"_s, tr("Why no token was minted"));
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    m_problem->hide();
    return m_problem;
}

QPushButton *MintPanel::makeButton()
{
    m_mint = named(new QPushButton(Theme::icon(u"mint"_s), tr("M&int and paste")), u"mintButton"_s,
                   tr("Mint this token and paste it"));
    connect(m_mint, &QPushButton::clicked, this, &MintPanel::mint);
    return m_mint;
}

MintForm MintPanel::form() const
{
    return {.subject = m_subject->text().trimmed(),
            .scopes = chosenScopes(),
            .audience = wordsOf(m_audience->text()),
            .lifetime = m_lifetime->value(),
            .extraClaims = m_claims->toPlainText()};
}

void MintPanel::setForm(const MintForm &form)
{
    m_subject->setText(form.subject);
    setScopes(m_engine ? scopesOf(m_engine->server()->state()) : QStringList(), form.scopes);
    setAudience(form.audience);
    m_lifetime->setValue(form.lifetime);
    m_claims->setPlainText(form.extraClaims);
}

bool MintPanel::canMint() const
{
    return !m_busy && m_engine && !m_engine->issuer()->url().isEmpty();
}

void MintPanel::mintPreset(Preset preset)
{
    if (!canMint())
        return;
    setForm(presetForm(preset, m_engine->server()->state()));
    start(preset == Preset::Forged);
}

void MintPanel::mint()
{
    if (canMint())
        start(false);
}

void MintPanel::start(bool forged)
{
    const Result<Demo::MintRequest> request = mintRequest(form());
    showProblem(m_problem, request ? QString() : request.error().message);
    if (!request) {
        m_claims->setFocus();
        return;
    }
    setBusy(true);
    run(this, m_engine, Order{*request, m_algorithm->currentData().toByteArray(), forged});
}

QCoro::Task<Result<QByteArray>> MintPanel::carryOut(QPointer<Engine> engine, Order order)
{
    if (!order.algorithm.isEmpty()) {
        const Result<> rotated = co_await engine->issuer()->rotateKeys(order.algorithm);
        if (!rotated)
            co_return fail(rotated.error());
    }
    if (!engine)
        co_return fail(u"cancelled"_s, tr("The program is closing."));
    Result<QByteArray> token = co_await engine->issuer()->mint(order.request);
    if (!token || !order.forged)
        co_return token;
    const QByteArray good = *token;
    Result<QByteArray> forged = co_await forgeElsewhere(good);
    co_return forged;
}

QCoro::Task<> MintPanel::run(QPointer<MintPanel> self, QPointer<Engine> engine, Order order)
{
    const Result<QByteArray> token = co_await carryOut(engine, order);
    if (!self)
        co_return;
    // The issuer has this key now: the next token needs no other.
    self->m_algorithm->setCurrentIndex(token ? 0 : self->m_algorithm->currentIndex());
    self->setBusy(false);
    showProblem(self->m_problem, token ? QString() : token.error().message);
    if (token)
        Q_EMIT self->minted(*token);
    else
        Q_EMIT self->failed(token.error().message);
}

void MintPanel::followServer()
{
    const ServerState &server = m_engine->server()->state();
    const QStringList audience = audienceOf(server);
    if (wordsOf(m_audience->text()) == m_serverAudience)
        setAudience(audience);
    m_serverAudience = audience;
    const QStringList chosen = m_scopes.isEmpty() ? scopesOf(server) : chosenScopes();
    setScopes(scopesOf(server), chosen);
}

/// Its beginning shows: that is what tells one server from another.
void MintPanel::setAudience(const QStringList &audience)
{
    m_audience->setText(audience.join(u' '));
    m_audience->setCursorPosition(0);
}

void MintPanel::setScopes(const QStringList &offered, const QStringList &chosen)
{
    qDeleteAll(m_scopes);
    m_scopes.clear();
    QWidget *previous = m_subject;
    for (const QString &scope : offered) {
        auto *box = named(new QCheckBox(QString(scope).replace(u'&', u"&&"_s)), u"mintScope:"_s + scope, scope);
        box->setChecked(chosen.contains(scope));
        m_scopeColumn->addWidget(box);
        QWidget::setTabOrder(previous, box);
        previous = box;
        m_scopes.append(box);
    }
    QStringList others = chosen;
    others.removeIf([&](const QString &scope) { return offered.contains(scope); });
    m_otherScopes->setText(others.join(u' '));
    QWidget::setTabOrder(previous, m_otherScopes);
}

QStringList MintPanel::chosenScopes() const
{
    QStringList scopes;
    for (const QCheckBox *box : m_scopes) {
        if (box->isChecked())
            scopes.append(box->accessibleName());
    }
    scopes += wordsOf(m_otherScopes->text());
    scopes.removeDuplicates();
    return scopes;
}

void MintPanel::setBusy(bool busy)
{
    m_busy = busy;
    m_mint->setEnabled(canMint());
    m_mint->setText(busy ? tr("Minting…") : tr("M&int and paste"));
    m_mint->setToolTip(canMint() || busy ? QString() : tr("The local issuer is not running yet."));
    Q_EMIT canMintChanged();
}

} // namespace McpAuth::Ui
