#include "ui/server/serverform.h"

#include "ui/server/formmodels.h"
#include "ui/theme.h"
#include "ui/widgets/names.h"
#include "ui/widgets/problem.h"
#include "ui/widgets/tables.h"
#include "ui/widgets/words.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QStyledItemDelegate>
#include <QToolButton>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

class IssuerDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QWidget *createEditor(QWidget *parent, const QStyleOptionViewItem &, const QModelIndex &) const override
    {
        auto *field = named(new QLineEdit(parent), u"serverIssuer"_s, ServerForm::tr("URL of the issuer"));
        field->setPlaceholderText(u"https://login.example.com"_s);
        field->setFrame(false);
        return field;
    }
};

class TypeDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QWidget *createEditor(QWidget *parent, const QStyleOptionViewItem &, const QModelIndex &) const override
    {
        auto *box = named(new QComboBox(parent), u"serverIssuerType"_s, ServerForm::tr("Type of the issuer"));
        for (const auto type : {Metadata::ServerType::Oidc, Metadata::ServerType::OAuth})
            box->addItem(typeName(type), static_cast<int>(type));
        return box;
    }

    void setEditorData(QWidget *editor, const QModelIndex &index) const override
    {
        auto *box = static_cast<QComboBox *>(editor);
        box->setCurrentIndex(box->findData(index.data(Qt::EditRole)));
    }

    void setModelData(QWidget *editor, QAbstractItemModel *model, const QModelIndex &index) const override
    {
        model->setData(index, static_cast<QComboBox *>(editor)->currentData());
    }
};

/// As high as so many rows, no more: the form scrolls, not each table in it.
void fitRows(QTableView *view, int rows)
{
    const int row = view->verticalHeader()->defaultSectionSize();
    view->setFixedHeight(view->horizontalHeader()->sizeHint().height() + rows * row + 2 * view->frameWidth());
}

void configureTable(QTableView *view)
{
    prepareTable(view);
    view->setFrameShape(QFrame::StyledPanel); // it is a field among fields
    view->horizontalHeader()->setStretchLastSection(false);
    view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

QToolButton *textButton(const QString &text, const QString &objectName, const QString &accessibleName)
{
    auto *button = named(new QToolButton, objectName, accessibleName);
    button->setText(text);
    button->setToolTip(accessibleName);
    button->setFocusPolicy(Qt::StrongFocus);
    return button;
}

} // namespace

ServerForm::ServerForm(QWidget *parent)
    : QScrollArea(parent)
    , m_issuers(new IssuersModel(this))
    , m_toolScopes(new ToolScopesModel(this))
{
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, Theme::gap, Theme::margin, Theme::gap);
    m_layout = new QFormLayout;
    column->addLayout(m_layout);
    column->addStretch(1); // or a row of the form would take the room that is left
    m_layout->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_layout->setVerticalSpacing(Theme::tight);
    addHeading(tr("Trust"));
    addMode();
    addIssuers();
    addIdentifiers();
    addHeading(tr("Scopes"));
    addScopes();
    addToolScopes();
    addHeading(tr("Listening"));
    addPortAndDetails();
    setWidget(content);
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setMinimumWidth(260);
    setFocusPolicy(Qt::NoFocus);
    named(this, u"serverForm"_s, tr("What the server requires"));
    setConfiguration({});
}

void ServerForm::addHeading(const QString &text)
{
    auto *heading = new QLabel(text);
    QFont bold = heading->font();
    bold.setBold(true);
    heading->setFont(bold);
    if (m_layout->rowCount() > 0)
        heading->setContentsMargins(0, Theme::gap, 0, 0);
    m_layout->addRow(heading);
}

void ServerForm::addRow(const QString &label, QWidget *field, ServerField problem, QWidget *table)
{
    auto *text = new QLabel(label);
    text->setBuddy(table ? table : field);
    if (table) {
        m_layout->addRow(text);
        m_layout->addRow(field);
    } else {
        m_layout->addRow(text, field);
    }
    m_fields.insert(problem, text->buddy());
    auto *words = named(new QLabel, u"serverProblem%1"_s.arg(static_cast<int>(problem)), tr("Problem"));
    words->setTextFormat(Qt::PlainText);
    words->setWordWrap(true);
    words->setTextInteractionFlags(Qt::TextSelectableByMouse);
    words->hide();
    m_layout->addRow(words);
    m_problems.insert(problem, words);
}

void ServerForm::addMode()
{
    m_mode = named(new QComboBox, u"serverMode"_s, tr("Mode"));
    m_mode->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_mode->addItem(tr("Resource server"));
    m_mode->addItem(tr("Authorization server (deprecated)"));
    m_mode->setItemData(0, tr("Publishes RFC 9728 metadata that names its issuers, as MCP asks since 2025-06-18."),
                        Qt::ToolTipRole);
    m_mode->setItemData(1, tr("Serves the provider's own metadata, as MCP 2025-03-26 had it."), Qt::ToolTipRole);
    connect(m_mode, &QComboBox::currentIndexChanged, this, &ServerForm::changed);
    addRow(tr("&Mode"), m_mode, ServerField::Mode);
}

void ServerForm::addIssuers()
{
    m_issuersView = named(new QTableView, u"serverIssuers"_s, tr("Issuers whose tokens the server takes"));
    m_issuersView->setModel(m_issuers);
    m_issuersView->setItemDelegateForColumn(IssuersModel::Issuer, new IssuerDelegate(m_issuersView));
    m_issuersView->setItemDelegateForColumn(IssuersModel::Type, new TypeDelegate(m_issuersView));
    configureTable(m_issuersView);
    m_issuersView->horizontalHeader()->setSectionResizeMode(IssuersModel::Issuer, QHeaderView::Stretch);
    m_issuersView->horizontalHeader()->setSectionResizeMode(IssuersModel::Type, QHeaderView::ResizeToContents);
    m_issuersView->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed |
                                   QAbstractItemView::AnyKeyPressed);
    fitRows(m_issuersView, 3);

    auto *add = textButton(tr("Add"), u"serverAddIssuer"_s, tr("Add an issuer"));
    m_addLocal = textButton(tr("Add local"), u"serverAddLocalIssuer"_s, tr("Add the local issuer"));
    m_remove = textButton(tr("Remove"), u"serverRemoveIssuer"_s, tr("Remove the selected issuer"));
    auto *buttons = new QHBoxLayout;
    for (QToolButton *button : {add, m_addLocal, m_remove})
        buttons->addWidget(button);
    buttons->addStretch();
    auto *box = new QWidget;
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins({});
    column->setSpacing(Theme::tight);
    column->addWidget(m_issuersView);
    column->addLayout(buttons);
    addRow(tr("&Issuers"), box, ServerField::Issuers, m_issuersView);

    connect(add, &QToolButton::clicked, this, [this] { addIssuer({}); });
    connect(m_addLocal, &QToolButton::clicked, this, [this] { addIssuer({.local = true}); });
    connect(m_remove, &QToolButton::clicked, this, &ServerForm::removeIssuer);
    connect(m_issuersView->selectionModel(), &QItemSelectionModel::currentChanged, this, &ServerForm::updateButtons);
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(m_issuers, signal, this, &ServerForm::updateButtons);
    connect(m_issuers, &QAbstractItemModel::dataChanged, this, &ServerForm::changed);
    connect(m_issuers, &QAbstractItemModel::rowsInserted, this, &ServerForm::changed);
    connect(m_issuers, &QAbstractItemModel::rowsRemoved, this, &ServerForm::changed);
}

void ServerForm::addIdentifiers()
{
    m_resource = named(new QLineEdit, u"serverResource"_s, tr("Resource"));
    m_resource->setToolTip(tr("The identifier of this server (RFC 9728), compared byte for byte. Empty: its own URL."));
    addRow(tr("R&esource"), m_resource, ServerField::Resource);
    m_audience = named(new QLineEdit, u"serverAudience"_s, tr("Audience"));
    m_audience->setPlaceholderText(tr("the resource"));
    m_audience->setToolTip(tr("What a token's aud must name: one of these, between blanks. Empty: the resource."));
    addRow(tr("&Audience"), m_audience, ServerField::None);
    for (QLineEdit *line : {m_resource, m_audience})
        connect(line, &QLineEdit::textChanged, this, &ServerForm::changed);
    setOwnUrl({});
}

void ServerForm::addScopes()
{
    m_scopes = named(new QLineEdit, u"serverScopes"_s, tr("Required scopes"));
    m_scopes->setPlaceholderText(tr("none"));
    m_scopes->setToolTip(tr("What every request needs: all of these, between blanks."));
    addRow(tr("Re&quired"), m_scopes, ServerField::RequiredScopes);
    m_implied = named(new QLineEdit, u"serverImpliedScopes"_s, tr("Scopes that include others"));
    m_implied->setPlaceholderText(tr("none"));
    m_implied->setToolTip(
        tr("wide=narrow, between blanks: a token with the wide scope may do what the narrow one allows."));
    addRow(tr("Implied"), m_implied, ServerField::ImpliedScopes);
    for (QLineEdit *line : {m_scopes, m_implied})
        connect(line, &QLineEdit::textChanged, this, &ServerForm::changed);
}

void ServerForm::addToolScopes()
{
    auto *view = named(new QTableView, u"serverToolScopes"_s, tr("Scopes that each tool needs"));
    view->setModel(m_toolScopes);
    configureTable(view);
    view->horizontalHeader()->setSectionResizeMode(ToolScopesModel::Tool, QHeaderView::ResizeToContents);
    view->horizontalHeader()->setSectionResizeMode(ToolScopesModel::Scopes, QHeaderView::Stretch);
    view->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed |
                          QAbstractItemView::AnyKeyPressed);
    fitRows(view, m_toolScopes->rowCount());
    connect(m_toolScopes, &QAbstractItemModel::dataChanged, this, &ServerForm::changed);
    addRow(tr("&Tools and what they need"), view, ServerField::ToolScopes, view);
}

void ServerForm::addPortAndDetails()
{
    m_port = named(new QSpinBox, u"serverPort"_s, tr("Port"));
    m_port->setRange(0, 65535);
    m_port->setSpecialValueText(tr("0: any free port"));
    connect(m_port, &QSpinBox::valueChanged, this, &ServerForm::changed);
    addRow(tr("&Port"), m_port, ServerField::Port);
    m_details = named(new QCheckBox(tr("Show error &details to callers")), u"serverDetails"_s,
                      tr("Show error details to callers"));
    m_details->setToolTip(
        tr("Puts the cause into the body of refusals. For testing: it tells an attacker what to change."));
    connect(m_details, &QCheckBox::toggled, this, &ServerForm::changed);
    m_layout->addRow(m_details);
}

ServerConfiguration ServerForm::configuration() const
{
    return {.authorizationServerMode = m_mode->currentIndex() == 1,
            .issuers = m_issuers->issuers(),
            .resource = m_resource->text().trimmed(),
            .audience = wordsOf(m_audience->text()),
            .requiredScopes = wordsOf(m_scopes->text()),
            .impliedScopes = wordsOf(m_implied->text()),
            .toolScopes = m_toolScopes->toolScopes(),
            .port = static_cast<quint16>(m_port->value()),
            .showErrorDetails = m_details->isChecked()};
}

void ServerForm::setConfiguration(const ServerConfiguration &configuration)
{
    m_mode->setCurrentIndex(configuration.authorizationServerMode ? 1 : 0);
    m_issuers->setIssuers(configuration.issuers);
    m_resource->setText(configuration.resource);
    m_audience->setText(configuration.audience.join(u' '));
    m_scopes->setText(configuration.requiredScopes.join(u' '));
    m_implied->setText(configuration.impliedScopes.join(u' '));
    m_toolScopes->setToolScopes(configuration.toolScopes);
    m_port->setValue(configuration.port);
    m_details->setChecked(configuration.showErrorDetails);
    updateButtons();
}

void ServerForm::setLocalIssuer(const QString &url)
{
    m_issuers->setLocalIssuer(url);
}

void ServerForm::setOwnUrl(const QString &url)
{
    m_resource->setPlaceholderText(url.isEmpty() ? tr("the server's own URL") : url);
}

void ServerForm::showProblems(const QList<FieldProblem> &problems)
{
    for (QLabel *label : std::as_const(m_problems))
        label->hide();
    bool focused = false;
    for (const FieldProblem &problem : problems) {
        QLabel *label = problem.field == ServerField::None ? nullptr : m_problems.value(problem.field);
        if (!label)
            continue;
        showProblem(label, label->isHidden() ? problem.message : label->text() + u'\n' + problem.message);
        if (!focused) {
            m_fields.value(problem.field)->setFocus();
            widget()->layout()->activate();
            ensureWidgetVisible(label);
            focused = true;
        }
    }
}

void ServerForm::addIssuer(const IssuerEntry &entry)
{
    const QModelIndex index = m_issuers->index(m_issuers->add(entry), IssuersModel::Issuer);
    m_issuersView->setCurrentIndex(index);
    m_issuersView->setFocus();
    if (!entry.local)
        m_issuersView->edit(index);
}

void ServerForm::removeIssuer()
{
    if (const QModelIndex current = m_issuersView->currentIndex(); current.isValid())
        m_issuers->removeRows(current.row(), 1);
}

void ServerForm::updateButtons()
{
    m_addLocal->setEnabled(!m_issuers->hasLocal());
    m_remove->setEnabled(m_issuersView->currentIndex().isValid());
}

} // namespace McpAuth::Ui
