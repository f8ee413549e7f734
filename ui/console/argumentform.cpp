#include "ui/console/argumentform.h"

#include "base/text.h"
#include "ui/theme.h"
#include "ui/widgets/jsontree.h"
#include "ui/widgets/names.h"
#include "ui/widgets/tooltip.h"

#include <QComboBox>
#include <QEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScopedValueRollback>
#include <QVBoxLayout>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int jsonLines = 3;
/// What a tool says of itself above its form; more is not read there.
constexpr qsizetype longestHelp = 2'000;

constexpr qsizetype longestExample = 300;

constexpr auto isProblem = "isProblem";

void paintHelp(QLabel *label)
{
    QPalette colours;
    colours.setColor(QPalette::WindowText,
                     label->property(isProblem).toBool() ? Theme::foreground(Level::Error) : Theme::mutedText());
    label->setPalette(colours);
}

/// Small print: what the tool says, or what is wrong.
QLabel *makeHelp(const QString &text, bool saysProblem = false)
{
    auto *label = new QLabel(text.left(longestHelp));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setProperty(isProblem, saysProblem);
    paintHelp(label);
    return label;
}

/// "Amount (amount) *", with the other's ampersands kept from being mnemonics.
QString labelOf(const FormField &field)
{
    QString text =
        field.title.isEmpty() || field.title == field.name ? field.name : u"%1 (%2)"_s.arg(field.title, field.name);
    text.replace(u'&', u"&&"_s);
    return field.isRequired ? text + u" *"_s : text;
}

QString nameOf(const FormField &field)
{
    return field.isRequired ? ArgumentForm::tr("%1, required").arg(field.name) : field.name;
}

} // namespace

ArgumentForm::ArgumentForm(const QString &name, QWidget *parent)
    : QScrollArea(parent)
    , m_name(name)
{
    named(this, name + u"Form"_s, tr("What is asked for"));
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

void ArgumentForm::setSchema(const QString &description, const QJsonObject &inputSchema)
{
    m_fields = fieldsOf(inputSchema);
    m_rows.clear();
    auto *page = new QWidget;
    auto *column = new QVBoxLayout(page);
    column->setContentsMargins(Theme::tight, Theme::gap, Theme::gap, Theme::gap);
    column->setSpacing(Theme::tight);
    if (!description.isEmpty())
        column->addWidget(makeHelp(description));
    for (const FormField &field : std::as_const(m_fields))
        addRow(column, field);
    const qsizetype all = inputSchema.value("properties"_L1).toObject().size();
    if (all > m_fields.size())
        column->addWidget(makeHelp(tr("%1 more arguments can be given as JSON.").arg(all - m_fields.size())));
    if (hasOtherForms(inputSchema))
        column->addWidget(
            makeHelp(tr("What it takes has several forms, which only its schema tells: give the arguments as JSON.")));
    else if (m_fields.isEmpty())
        column->addWidget(makeHelp(tr("It takes no arguments.")));
    column->addStretch(1);
    setWidget(page);
    orderTabs();
    setArguments(initialArguments(m_fields));
}

void ArgumentForm::addRow(QVBoxLayout *column, const FormField &field)
{
    Row row = makeEditor(field, m_rows.size());
    named(row.editor, u"%1Field_%2"_s.arg(m_name, field.name), nameOf(field));
    row.editor->setAccessibleDescription(field.description);
    row.editor->setToolTip(plainToolTip(field.description.left(longestHelp)));
    auto *label = new QLabel(labelOf(field));
    label->setTextFormat(Qt::PlainText);
    label->setBuddy(row.editor);
    label->setWordWrap(true);
    QFont bold = label->font();
    bold.setWeight(QFont::DemiBold);
    label->setFont(bold);
    row.problem = makeHelp({}, true);
    row.problem->setObjectName(u"%1Problem_%2"_s.arg(m_name, field.name));
    row.problem->hide();

    auto *head = new QHBoxLayout;
    head->addWidget(label, 1);
    auto *type = makeHelp(typeInWords(field));
    type->setWordWrap(false);
    type->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    type->setAlignment(Qt::AlignRight);
    head->addWidget(type, 2);
    column->addSpacing(Theme::tight);
    column->addLayout(head);
    column->addWidget(row.editor);
    column->addWidget(row.problem);
    if (!field.description.isEmpty())
        column->addWidget(makeHelp(field.description));
    m_rows.append(row);
}

/// What is made late comes last for the Tab key otherwise.
void ArgumentForm::orderTabs()
{
    QWidget *before = this;
    for (const Row &row : std::as_const(m_rows)) {
        setTabOrder(before, row.editor);
        before = row.editor;
    }
}

ArgumentForm::Row ArgumentForm::makeEditor(const FormField &field, qsizetype index)
{
    if (field.kind == FieldKind::Choice)
        return makeChoice(field, index);
    return field.kind == FieldKind::Json ? makeText(field, index) : makeLine(field, index);
}

ArgumentForm::Row ArgumentForm::makeLine(const FormField &field, qsizetype index)
{
    auto *line = new QLineEdit;
    if (!field.isRequired)
        line->setPlaceholderText(tr("left out"));
    connect(line, &QLineEdit::textChanged, this, [this, index] { take(index); });
    return {.editor = line,
            .read = [line] { return line->text(); },
            .write = [line](const QString &text) { line->setText(text); }};
}

ArgumentForm::Row ArgumentForm::makeChoice(const FormField &field, qsizetype index)
{
    auto *box = new QComboBox;
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(8);
    if (!field.isRequired)
        box->addItem(tr("left out"), QString());
    for (const QJsonValue choice : field.choices)
        box->addItem(jsonText(choice), compactJson(choice));
    connect(box, &QComboBox::currentIndexChanged, this, [this, index] { take(index); });
    return {.editor = box,
            .read = [box] { return box->currentData().toString(); },
            .write = [box](const QString &text) { box->setCurrentIndex(box->findData(text)); }};
}

ArgumentForm::Row ArgumentForm::makeText(const FormField &field, qsizetype index)
{
    auto *text = new QPlainTextEdit;
    text->setFont(Theme::monospace());
    text->setTabChangesFocus(true);
    const bool hasExample = field.example.isObject() || field.example.isArray();
    text->setPlaceholderText(
        hasExample ? tr("JSON, such as %1").arg(shortened(compactJson(field.example), longestExample)) : tr("JSON"));
    text->setFixedHeight(jsonLines * text->fontMetrics().lineSpacing() + 2 * Theme::gap);
    connect(text, &QPlainTextEdit::textChanged, this, [this, index] { take(index); });
    return {.editor = text,
            .read = [text] { return text->toPlainText(); },
            .write = [text](const QString &json) { text->setPlainText(json); }};
}

void ArgumentForm::setArguments(const QJsonObject &arguments)
{
    const QScopedValueRollback<bool> filling(m_filling, true);
    m_arguments = arguments;
    for (qsizetype i = 0; i < m_rows.size(); ++i) {
        m_rows[i].write(textOf(m_fields[i], arguments.value(m_fields[i].name)));
        showProblem(i, {});
    }
}

void ArgumentForm::take(qsizetype index)
{
    if (m_filling)
        return;
    const FormField &field = m_fields[index];
    const auto value = valueOf(field, m_rows[index].read());
    m_arguments = withValue(m_arguments, field, value.value_or(QJsonValue(QJsonValue::Undefined)));
    showProblem(index, value ? QString() : value.error().message);
    Q_EMIT edited();
}

QString ArgumentForm::problemOf(qsizetype index) const
{
    const auto value = valueOf(m_fields[index], m_rows[index].read());
    return value ? QString() : value.error().message;
}

void ArgumentForm::showProblem(qsizetype index, const QString &problem)
{
    m_rows[index].problem->setText(problem);
    m_rows[index].problem->setVisible(!problem.isEmpty());
}

void ArgumentForm::changeEvent(QEvent *event)
{
    QScrollArea::changeEvent(event);
    if (event->type() != QEvent::ApplicationPaletteChange || !widget())
        return;
    for (QLabel *label : widget()->findChildren<QLabel *>()) {
        if (label->property(isProblem).isValid())
            paintHelp(label);
    }
}

QString ArgumentForm::complain()
{
    QString first;
    for (qsizetype i = 0; i < m_rows.size(); ++i) {
        const QString problem = problemOf(i);
        showProblem(i, problem);
        if (problem.isEmpty() || !first.isEmpty())
            continue;
        first = u"%1: %2"_s.arg(m_fields[i].name, problem);
        m_rows[i].editor->setFocus(Qt::OtherFocusReason);
        ensureWidgetVisible(m_rows[i].editor);
    }
    return first;
}

} // namespace McpAuth::Ui
