#include "ui/token/targetbar.h"

#include "ui/theme.h"
#include "ui/widgets/names.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

QStringList wordsOf(const QLineEdit *field)
{
    static const QRegularExpression separators(u"[\\s,]+"_s);
    return field->text().split(separators, Qt::SkipEmptyParts);
}

} // namespace

TargetBar::TargetBar(QWidget *parent)
    : QWidget(parent)
    , m_kind(named(new QComboBox, u"tokenTarget"_s, tr("Judge for")))
    , m_url(makeField(u"tokenTargetUrl"_s, tr("The MCP server's URL"), tr("URL of an MCP server")))
    , m_issuer(makeField(u"tokenTargetIssuer"_s, tr("Expected issuer"), tr("Issuer")))
    , m_keySet(makeField(u"tokenTargetKeySet"_s, tr("URL of the key set"), tr("Key set URL (the issuer's)")))
    , m_audience(makeField(u"tokenTargetAudience"_s, tr("Expected audience"), tr("Audience (any)")))
    , m_scopes(makeField(u"tokenTargetScopes"_s, tr("Required scopes"), tr("Scopes (none)")))
    , m_check(named(new QPushButton(tr("Check")), u"tokenTargetCheck"_s, tr("Judge the token for it")))
    , m_words(named(new QLabel, u"tokenTargetWords"_s, tr("For whom the token was judged")))
{
    m_kind->addItem(tr("The embedded server"));
    m_kind->addItem(tr("The token's own issuer and audience"));
    m_kind->addItem(tr("An MCP server"));
    m_kind->addItem(tr("Values given by hand"));
    m_kind->setItemData(1, tr("Fetches the keys of the issuer that the token names"), Qt::ToolTipRole);
    m_kind->setItemData(2, tr("Reads the server's resource metadata: its issuers and its identifier"), Qt::ToolTipRole);
    m_words->setTextFormat(Qt::PlainText);
    m_words->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_words->setForegroundRole(QPalette::PlaceholderText);
    m_words->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto *label = new QLabel(tr("&Judge for"));
    label->setBuddy(m_kind);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins({});
    row->setSpacing(Theme::gap);
    row->addWidget(label);
    row->addWidget(m_kind);
    for (QLineEdit *field : {m_url, m_issuer, m_keySet, m_audience, m_scopes})
        row->addWidget(field, 2);
    row->addWidget(m_check);
    row->addWidget(m_words, 3);
    connect(m_kind, &QComboBox::currentIndexChanged, this, &TargetBar::showFields);
    connect(m_check, &QPushButton::clicked, this, &TargetBar::targetChanged);
    showFields();
}

QLineEdit *TargetBar::makeField(const QString &objectName, const QString &accessibleName, const QString &placeholder)
{
    auto *field = named(new QLineEdit, objectName, accessibleName);
    field->setPlaceholderText(placeholder);
    field->setToolTip(accessibleName);
    connect(field, &QLineEdit::returnPressed, this, &TargetBar::targetChanged);
    return field;
}

JudgeTarget::Kind TargetBar::kind() const
{
    return static_cast<JudgeTarget::Kind>(m_kind->currentIndex());
}

JudgeTarget TargetBar::target() const
{
    JudgeTarget target{.kind = kind()};
    if (target.kind == JudgeTarget::Kind::McpServer)
        target.mcpUrl = m_url->text().trimmed();
    if (target.kind != JudgeTarget::Kind::ByHand)
        return target;
    target.issuer = m_issuer->text().trimmed();
    target.keySetUrl = m_keySet->text().trimmed();
    target.audience = wordsOf(m_audience);
    target.scopes = wordsOf(m_scopes);
    return target;
}

void TargetBar::setKind(JudgeTarget::Kind kind)
{
    m_kind->setCurrentIndex(static_cast<int>(kind));
}

void TargetBar::setWords(const QString &words)
{
    m_words->setText(words);
    m_words->setToolTip(words);
}

void TargetBar::showFields()
{
    const bool server = kind() == JudgeTarget::Kind::McpServer;
    const bool byHand = kind() == JudgeTarget::Kind::ByHand;
    m_url->setVisible(server);
    for (QLineEdit *field : {m_issuer, m_keySet, m_audience, m_scopes})
        field->setVisible(byHand);
    m_check->setVisible(server || byHand);
    m_words->setVisible(!byHand);
    Q_EMIT targetChanged();
}

} // namespace McpAuth::Ui
