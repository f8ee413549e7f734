#include "ui/console/questionpane.h"

#include "base/text.h"
#include "ui/console/argumentform.h"
#include "ui/console/consolewords.h"
#include "ui/theme.h"
#include "ui/widgets/names.h"
#include "ui/widgets/panehead.h"
#include "ui/widgets/problem.h"

#include <QDesktopServices>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QUrl>
#include <QVBoxLayout>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

/// What a server writes is read to here.
constexpr qsizetype longestMessage = 8'000;

QString messageOf(const ServerQuestion &question)
{
    return shortened(question.params.value("message"_L1).toString(), longestMessage);
}

/// The conversation that a model would go on with.
QString conversation(const QJsonObject &params)
{
    QStringList lines;
    if (const QString system = params.value("systemPrompt"_L1).toString(); !system.isEmpty())
        lines.append(u"system: "_s + system);
    for (const QJsonValue message : params.value("messages"_L1).toArray()) {
        const QJsonValue content = message["content"_L1];
        const QJsonArray blocks = content.isArray() ? content.toArray() : QJsonArray{content};
        lines.append(message["role"_L1].toString() + u": "_s + contentText(blocks));
    }
    return shortened(lines.join(u'\n'), longestMessage);
}

bool isOpenable(const QUrl &url)
{
    return url.isValid() && (url.scheme() == "https"_L1 || url.scheme() == "http"_L1) && !url.host().isEmpty();
}

/// Why a person should look twice at it (2025-11-25 elicitation, Safe URL Handling); empty: for no reason.
QString warningOf(const QUrl &url)
{
    if (!isOpenable(url))
        return QuestionPane::tr("This is no address of a web page: it cannot be opened from here.");
    const QString host = url.host(QUrl::FullyEncoded);
    if (!url.userInfo().isEmpty())
        return QuestionPane::tr("The page is at %1: what stands before the @ is no part of that.").arg(host);
    if (host.contains("xn--"_L1))
        return QuestionPane::tr("The name %1 has characters that may look like others.").arg(host);
    if (url.scheme() == "http"_L1)
        return QuestionPane::tr("The page is not encrypted on its way.");
    return {};
}

/// A URI a line (2025-11-25 roots: they must be file:// URIs).
Result<QJsonObject> rootsIn(const QString &text)
{
    QJsonArray roots;
    for (const QString &line : text.split(u'\n', Qt::SkipEmptyParts)) {
        const QUrl uri(line.trimmed(), QUrl::StrictMode);
        if (!uri.isValid() || uri.scheme() != "file"_L1)
            return fail(u"invalid_arguments"_s,
                        QuestionPane::tr("A root is a file:// URI, not %1.").arg(shortened(line, 80)));
        roots.append(QJsonObject{{u"uri"_s, line.trimmed()}});
    }
    return QJsonObject{{u"roots"_s, roots}};
}

QLabel *makeText(const QString &name, const QString &accessibleName)
{
    auto *label = named(new QLabel, name, accessibleName);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

} // namespace

QuestionPane::QuestionPane(QWidget *parent)
    : QWidget(parent)
    , m_who(makeText(u"consoleQuestionWho"_s, tr("Who asks")))
    , m_message(makeText(u"consoleQuestion"_s, tr("What the server asks")))
    , m_url(makeText(u"consoleQuestionUrl"_s, tr("The page to open")))
    , m_warning(makeText(u"consoleQuestionWarning"_s, tr("What to look at")))
    , m_form(new ArgumentForm(u"question"_s))
    , m_text(named(new QPlainTextEdit, u"consoleAnswer"_s, tr("Your answer")))
    , m_body(new QStackedWidget)
    , m_problem(makeText(u"consoleQuestionProblem"_s, tr("Why it is not sent")))
{
    auto *page = new QWidget;
    auto *pageColumn = new QVBoxLayout(page);
    pageColumn->setContentsMargins(Theme::gap, Theme::gap, Theme::gap, 0);
    m_url->setFont(Theme::monospace());
    pageColumn->addWidget(m_url);
    pageColumn->addWidget(m_warning);
    pageColumn->addStretch(1);
    m_text->setTabChangesFocus(true);
    m_body->addWidget(m_form);
    m_body->addWidget(page);
    m_body->addWidget(m_text);
    makeButtons();
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(Theme::tight);
    column->addWidget(new PaneHead(m_who, {}));
    column->addWidget(m_message);
    column->addWidget(m_body, 1);
    column->addWidget(m_problem);
    auto *row = new QHBoxLayout;
    row->setSpacing(Theme::gap);
    for (QPushButton *button : {m_accept, m_decline, m_cancel})
        row->addWidget(button);
    row->addStretch(1);
    column->addLayout(row);
    m_message->setContentsMargins(Theme::gap, 0, Theme::gap, 0);
    m_problem->setContentsMargins(Theme::gap, 0, Theme::gap, 0);
    connect(m_form, &ArgumentForm::edited, this, [this] { showProblem(m_problem, {}); });
    connect(m_text, &QPlainTextEdit::textChanged, this, [this] { showProblem(m_problem, {}); });
}

void QuestionPane::makeButtons()
{
    m_accept = named(new QPushButton(Theme::icon(u"play"_s), {}), u"consoleAccept"_s, tr("Answer the server"));
    m_decline = named(new QPushButton(tr("Ref&use")), u"consoleDecline"_s, tr("Tell the server no"));
    m_cancel = named(new QPushButton(tr("No ans&wer")), u"consoleNoAnswer"_s, tr("Answer neither yes nor no"));
    connect(m_accept, &QPushButton::clicked, this, &QuestionPane::accept);
    connect(m_decline, &QPushButton::clicked, this, &QuestionPane::decline);
    connect(m_cancel, &QPushButton::clicked, this, [this] { end(QJsonObject{{u"action"_s, u"cancel"_s}}); });
}

QuestionPane::Kind QuestionPane::kindOf(const ServerQuestion &question)
{
    if (question.method == "sampling/createMessage"_L1)
        return Kind::Sampling;
    if (question.method == "roots/list"_L1)
        return Kind::Roots;
    return question.params.value("mode"_L1) == "url"_L1 ? Kind::Url : Kind::Form;
}

void QuestionPane::ask(const QString &mcpUrl, const ServerQuestion &question)
{
    m_mcpUrl = mcpUrl;
    m_questions.append(question);
    if (m_questions.size() == 1)
        show();
}

void QuestionPane::withdraw(quint64 question)
{
    const bool wasShown = isAsking() && m_questions.first().id == question;
    m_questions.removeIf([question](const ServerQuestion &one) { return one.id == question; });
    if (wasShown)
        show();
}

void QuestionPane::clear()
{
    m_questions.clear();
    show();
}

void QuestionPane::show()
{
    Q_EMIT changed();
    if (!isAsking())
        return;
    const ServerQuestion &question = m_questions.first();
    const Kind kind = kindOf(question);
    m_who->setText(tr("%1 asks").arg(shortened(QUrl(m_mcpUrl).authority(), 80)));
    m_text->clear();
    showProblem(m_problem, {});
    m_decline->setVisible(true);
    m_cancel->setVisible(kind == Kind::Form || kind == Kind::Url);
    m_accept->setEnabled(true);
    m_accept->setText(tr("Se&nd"));
    switch (kind) {
    case Kind::Form:
        m_message->setText(messageOf(question));
        m_form->setSchema({}, question.params.value("requestedSchema"_L1).toObject());
        m_body->setCurrentIndex(0);
        m_form->setFocus(Qt::OtherFocusReason);
        return;
    case Kind::Url:
        m_message->setText(messageOf(question));
        showUrl(question.params.value("url"_L1).toString());
        m_decline->setFocus(Qt::OtherFocusReason); // Return must not open what nobody has read
        return;
    case Kind::Sampling:
        m_message->setText(tr("It wants a model's answer; write it yourself:") + u'\n' + conversation(question.params));
        m_text->setPlaceholderText(tr("The model's answer"));
        break;
    case Kind::Roots:
        m_message->setText(tr("It wants to know which folders it may work in."));
        m_text->setPlaceholderText(tr("One file:// URI a line; none: no folder"));
        break;
    }
    m_body->setCurrentIndex(2);
    m_text->setFocus(Qt::OtherFocusReason);
}

void QuestionPane::showUrl(const QString &url)
{
    const QUrl parsed = QUrl(url, QUrl::StrictMode);
    // Encoded, what would turn the text around is seen as what it is.
    m_url->setText(parsed.isValid() ? QString::fromLatin1(parsed.toEncoded(QUrl::FullyEncoded))
                                    : url.left(longestMessage));
    m_accept->setText(tr("Open in the &Browser"));
    m_accept->setEnabled(isOpenable(parsed) && url.size() <= longestMessage);
    const QString warning = warningOf(parsed);
    QPalette colours;
    if (!warning.isEmpty())
        colours.setColor(QPalette::WindowText, Theme::foreground(Level::Warning));
    m_warning->setPalette(colours);
    m_warning->setText(
        warning.isEmpty()
            ? tr("The page is at %1. What you do there the tester does not see.").arg(parsed.host(QUrl::FullyEncoded))
            : warning);
    m_body->setCurrentIndex(1);
}

Result<QJsonObject> QuestionPane::accepted()
{
    const ServerQuestion &question = m_questions.first();
    switch (kindOf(question)) {
    case Kind::Form:
        if (const QString problem = m_form->complain(); !problem.isEmpty())
            return fail(u"invalid_arguments"_s, problem);
        return QJsonObject{{u"action"_s, u"accept"_s}, {u"content"_s, m_form->arguments()}};
    case Kind::Url:
        if (!QDesktopServices::openUrl(QUrl(question.params.value("url"_L1).toString(), QUrl::StrictMode)))
            return fail(u"invalid_arguments"_s, tr("No browser could be opened."));
        return QJsonObject{{u"action"_s, u"accept"_s}};
    case Kind::Sampling:
        return QJsonObject{{u"role"_s, u"assistant"_s},
                           {u"content"_s, QJsonObject{{u"type"_s, u"text"_s}, {u"text"_s, m_text->toPlainText()}}},
                           {u"model"_s, u"a person"_s},
                           {u"stopReason"_s, u"endTurn"_s}};
    case Kind::Roots:
        break;
    }
    return rootsIn(m_text->toPlainText());
}

void QuestionPane::accept()
{
    if (!isAsking())
        return;
    const Result<QJsonObject> answer = accepted();
    if (answer)
        end(answer);
    else
        showProblem(m_problem, answer.error().message);
}

void QuestionPane::decline()
{
    if (!isAsking())
        return;
    const Kind kind = kindOf(m_questions.first());
    if (kind == Kind::Form || kind == Kind::Url)
        end(QJsonObject{{u"action"_s, u"decline"_s}});
    else
        end(fail(u"rejected"_s, tr("The user did not want to answer.")));
}

void QuestionPane::end(const Result<QJsonObject> &answer)
{
    if (!isAsking())
        return;
    const quint64 id = m_questions.takeFirst().id;
    Q_EMIT answered(id, answer);
    show();
}

} // namespace McpAuth::Ui
