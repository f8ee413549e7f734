#include "ui/flow/flowbar.h"

#include "ui/theme.h"
#include "ui/widgets/names.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalBlocker>
#include <QUrl>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

const QString historyKey = u"flow/history"_s;

QPushButton *makeButton(const QString &icon, const QString &text, const QString &objectName, const QString &name)
{
    auto *button = named(new QPushButton(Theme::icon(icon), text), objectName, name);
    button->setToolTip(name);
    return button;
}

} // namespace

FlowBar::FlowBar(QWidget *parent)
    : QWidget(parent)
    , m_url(named(new QComboBox, u"flowUrl"_s, tr("URL of the MCP server")))
    , m_run(makeButton(u"play"_s, tr("&Run"), u"flowRun"_s, tr("Run the flow to its end")))
    , m_step(makeButton(u"step"_s, tr("&Step"), u"flowStep"_s, tr("Run the next step only")))
    , m_cancel(makeButton(u"stop"_s, tr("&Cancel"), u"flowCancel"_s, tr("Cancel the flow")))
    , m_reset(makeButton(u"rewind"_s, tr("&Back to start"), u"flowReset"_s, tr("Forget this flow and begin anew")))
    , m_history(QSettings().value(historyKey).toStringList().mid(0, historySize))
{
    m_url->setEditable(true);
    m_url->setInsertPolicy(QComboBox::NoInsert);
    m_url->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_url->setMinimumContentsLength(12);
    m_url->lineEdit()->setPlaceholderText(u"https://mcp.example.com/mcp"_s);
    m_url->lineEdit()->setClearButtonEnabled(true);
    auto *label = new QLabel(tr("&MCP server"));
    label->setBuddy(m_url);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins({});
    row->setSpacing(Theme::gap);
    row->addWidget(label);
    row->addWidget(m_url, 1);
    for (QPushButton *button : {m_run, m_step, m_cancel, m_reset})
        row->addWidget(button);
    connect(m_run, &QPushButton::clicked, this, &FlowBar::runRequested);
    connect(m_step, &QPushButton::clicked, this, &FlowBar::stepRequested);
    connect(m_cancel, &QPushButton::clicked, this, &FlowBar::cancelRequested);
    connect(m_reset, &QPushButton::clicked, this, &FlowBar::resetRequested);
    connect(m_url->lineEdit(), &QLineEdit::returnPressed, this, [this] {
        if (m_run->isEnabled())
            Q_EMIT runRequested();
    });
    fill();
    setState(State::Idle, false);
}

QString FlowBar::url() const
{
    return m_url->currentText().trimmed();
}

void FlowBar::setUrl(const QString &url)
{
    // The row that has this text: else QComboBox takes the text for a new choice when the focus leaves.
    m_url->setCurrentIndex(m_url->findText(url, Qt::MatchExactly | Qt::MatchCaseSensitive));
    m_url->setEditText(url);
}

void FlowBar::focusUrl()
{
    m_url->setFocus(Qt::OtherFocusReason);
    m_url->lineEdit()->selectAll();
}

void FlowBar::fill()
{
    const QString kept = m_url->currentText();
    const QSignalBlocker quiet(m_url);
    m_url->clear();
    if (!m_embedded.isEmpty())
        m_url->addItem(m_embedded);
    m_url->addItems(m_history);
    setUrl(kept);
}

void FlowBar::setEmbeddedUrl(const QString &url)
{
    if (url == m_embedded)
        return;
    const bool follows = this->url().isEmpty() || this->url() == m_embedded;
    m_embedded = url;
    fill();
    if (follows && !url.isEmpty())
        setUrl(url);
}

void FlowBar::remember(const QString &url)
{
    if (url.isEmpty() || url == m_embedded || !QUrl(url).userInfo().isEmpty())
        return;
    m_history.removeAll(url);
    m_history.prepend(url);
    m_history = m_history.mid(0, historySize);
    QSettings().setValue(historyKey, m_history);
    fill();
}

void FlowBar::setState(State state, bool hasSteps)
{
    m_url->setEnabled(state == State::Idle);
    m_run->setEnabled(state != State::Running);
    m_step->setEnabled(state != State::Running);
    m_cancel->setEnabled(state != State::Idle);
    m_reset->setEnabled(state == State::Idle && hasSteps);
}

} // namespace McpAuth::Ui
