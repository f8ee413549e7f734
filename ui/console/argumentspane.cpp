#include "ui/console/argumentspane.h"

#include "ui/console/argumentform.h"
#include "ui/theme.h"
#include "ui/widgets/jsonview.h"
#include "ui/widgets/names.h"
#include "ui/widgets/problem.h"

#include <QLabel>
#include <QPlainTextEdit>
#include <QTabWidget>
#include <QVBoxLayout>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

enum Side { FormSide, JsonSide };

/// All that the form does not say of it.
QJsonObject described(const Offer &offer)
{
    QJsonObject description = offer.raw;
    for (const auto shownElsewhere : {"name"_L1, "title"_L1, "description"_L1})
        description.remove(shownElsewhere);
    return description;
}

} // namespace

ArgumentsPane::ArgumentsPane(QWidget *parent)
    : QWidget(parent)
    , m_tabs(named(new QTabWidget, u"consoleArguments"_s, tr("Arguments as a form and as JSON")))
    , m_form(new ArgumentForm(u"console"_s))
    , m_json(new JsonView)
    , m_schema(new JsonView)
    , m_problem(named(new QLabel, u"consoleJsonProblem"_s, tr("What is wrong with the JSON")))
{
    m_json->setNames(u"consoleJson"_s, tr("Arguments as JSON"));
    m_json->setLineWrap(true);
    m_json->editor()->setReadOnly(false);
    m_schema->setNames(u"consoleSchema"_s, tr("Schemas and annotations"));
    m_schema->setLineWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    m_problem->hide();
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_form, tr("F&orm"));
    m_tabs->addTab(m_json, tr("&JSON"));
    m_tabs->addTab(m_schema, tr("&Schema"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(Theme::tight);
    column->addWidget(m_tabs, 1);
    column->addWidget(m_problem);
    connect(m_form, &ArgumentForm::edited, this, &ArgumentsPane::takeForm);
    connect(m_json->editor(), &QPlainTextEdit::textChanged, this, &ArgumentsPane::takeJson);
}

ArgumentsPane::~ArgumentsPane()
{
    // Its colours go before the editor does, and that is a change of its document.
    m_json->editor()->disconnect(this);
    m_form->disconnect(this);
}

void ArgumentsPane::setOffer(const Offer &offer)
{
    m_form->setSchema(offer.description, offer.inputSchema);
    m_schema->setJson(described(offer));
    showJson(m_form->arguments());
}

void ArgumentsPane::setArguments(const QJsonObject &arguments)
{
    m_form->setArguments(arguments);
    showJson(arguments);
}

Result<QJsonObject> ArgumentsPane::arguments()
{
    if (m_tabs->currentIndex() == FormSide && m_isValid) {
        if (const QString problem = m_form->complain(); !problem.isEmpty())
            return fail(u"invalid_arguments"_s, tr("%1 The JSON side sends it anyway.").arg(problem));
        return m_form->arguments();
    }
    auto parsed = parseJsonObject(m_text.toUtf8());
    if (!parsed) {
        m_tabs->setCurrentIndex(JsonSide);
        m_json->editor()->setFocus(Qt::OtherFocusReason);
        return fail(u"invalid_arguments"_s, parsed.error().message);
    }
    return parsed;
}

void ArgumentsPane::takeForm()
{
    showJson(m_form->arguments());
}

void ArgumentsPane::showJson(const QJsonObject &arguments)
{
    const QSignalBlocker quiet(m_json->editor());
    m_json->setJson(arguments);
    m_text = m_json->text();
    setProblem({});
}

/// Colours change the document too, but not its text.
void ArgumentsPane::takeJson()
{
    const QString text = m_json->text();
    if (text == m_text)
        return;
    m_text = text;
    const auto parsed = parseJsonObject(text.toUtf8());
    if (parsed)
        m_form->setArguments(*parsed);
    setProblem(parsed ? QString() : parsed.error().message);
}

void ArgumentsPane::setProblem(const QString &problem)
{
    showProblem(m_problem, problem);
    m_form->setEnabled(problem.isEmpty());
    if (std::exchange(m_isValid, problem.isEmpty()) != m_isValid)
        Q_EMIT validityChanged();
}

} // namespace McpAuth::Ui
