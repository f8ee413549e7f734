#include "ui/exchanges/exchangespanel.h"

#include "ui/exchanges/exchangemodel.h"
#include "ui/exchanges/exchangetext.h"
#include "ui/theme.h"
#include "ui/widgets/jsonview.h"
#include "ui/widgets/names.h"
#include "ui/widgets/tables.h"

#include <QAction>
#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QLineEdit>
#include <QMessageBox>
#include <QSaveFile>
#include <QScrollBar>
#include <QSplitter>
#include <QTabWidget>
#include <QToolButton>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

QToolButton *makeButton(QAction *action, const QString &objectName, bool withText)
{
    auto *button = named(new QToolButton, objectName, action->text());
    button->setDefaultAction(action);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setToolButtonStyle(withText ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
    return button;
}

constexpr std::array columnWidths = {std::pair{ExchangeModel::Time, 98},     std::pair{ExchangeModel::Direction, 28},
                                     std::pair{ExchangeModel::Method, 68},   std::pair{ExchangeModel::Status, 70},
                                     std::pair{ExchangeModel::Duration, 78}, std::pair{ExchangeModel::Purpose, 138}};

} // namespace

ExchangesPanel::ExchangesPanel(Http::ExchangeLog *log, QWidget *parent)
    : QWidget(parent)
    , m_log(log)
    , m_model(new ExchangeModel(log, this))
    , m_proxy(new ExchangeFilter(m_model, this))
{
    setObjectName(u"exchangesPanel"_s);
    makeActions();
    auto *splitter = new QSplitter;
    splitter->addWidget(makeList());
    splitter->addWidget(makeDetail());
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 2);
    splitter->setSizes({720, 440});
    splitter->setChildrenCollapsible(false);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(Theme::margin, 0, Theme::margin, 0);
    column->setSpacing(0);
    column->addWidget(makeBar());
    column->addWidget(splitter, 1);

    connect(m_filter, &QLineEdit::textChanged, m_proxy, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &ExchangesPanel::showCurrent);
    connect(m_proxy, &QAbstractItemModel::modelReset, this, &ExchangesPanel::showCurrent);
    connect(m_proxy, &QAbstractItemModel::rowsInserted, this, &ExchangesPanel::keepBottom);
    showCurrent();
}

void ExchangesPanel::makeActions()
{
    m_clear = new QAction(Theme::icon(u"clear"_s), tr("Clear exchanges"), this);
    m_export = new QAction(Theme::icon(u"export"_s), tr("Export HAR…"), this);
    m_curl = new QAction(Theme::icon(u"terminal"_s), tr("Copy as cURL"), this);
    m_reveal = new QAction(Theme::icon(u"reveal"_s), tr("Reveal secrets"), this);
    m_reveal->setCheckable(true);
    m_reveal->setToolTip(tr("Keep tokens and other secrets readable in exchanges from now on"));
    connect(m_clear, &QAction::triggered, m_log, &Http::ExchangeLog::clear);
    connect(m_export, &QAction::triggered, this, &ExchangesPanel::askForHarFile);
    connect(m_reveal, &QAction::toggled, m_log, &Http::ExchangeLog::setRevealsSecrets);
    connect(m_curl, &QAction::triggered, this, [this] {
        if (const Http::Exchange *exchange = current())
            QGuiApplication::clipboard()->setText(Http::toCurl(*exchange));
    });
}

QWidget *ExchangesPanel::makeBar()
{
    auto *bar = new QWidget;
    m_filter = named(new QLineEdit, u"exchangeFilter"_s, tr("Filter exchanges"));
    m_filter->setPlaceholderText(tr("Filter by URL, method, status or purpose"));
    m_filter->setClearButtonEnabled(true);
    m_filter->addAction(Theme::icon(u"filter"_s), QLineEdit::LeadingPosition);
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins(0, Theme::tight, 0, Theme::tight);
    row->addWidget(m_filter, 1);
    m_directions = makeDirections();
    row->addWidget(m_directions);
    row->addWidget(makeButton(m_reveal, u"exchangeReveal"_s, true));
    row->addWidget(makeButton(m_curl, u"exchangeCurl"_s, true));
    row->addWidget(makeButton(m_export, u"exchangeExport"_s, true));
    row->addWidget(makeButton(m_clear, u"exchangeClear"_s, false));
    return bar;
}

/// What this window asks of itself is there twice: made here and served here.
QComboBox *ExchangesPanel::makeDirections()
{
    auto *box = named(new QComboBox, u"exchangeDirection"_s, tr("Made or served"));
    box->addItem(tr("Made and served"));
    box->addItem(Theme::icon(u"made"_s), tr("Made from here"), int(Http::Exchange::Direction::Made));
    box->addItem(Theme::icon(u"served"_s), tr("Served here"), int(Http::Exchange::Direction::Served));
    connect(box, &QComboBox::currentIndexChanged, this, [this, box] {
        const QVariant direction = box->currentData();
        m_proxy->setDirection(direction.isValid() ? std::optional(Http::Exchange::Direction(direction.toInt()))
                                                  : std::nullopt);
    });
    return box;
}

QWidget *ExchangesPanel::makeList()
{
    m_table = named(new QTableView, u"exchangeTable"_s, tr("Exchanges"));
    m_table->setModel(m_proxy);
    prepareTable(m_table);
    m_table->setAlternatingRowColors(true);
    m_table->setTextElideMode(Qt::ElideLeft);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_table->addAction(m_curl);
    m_table->horizontalHeader()->setSectionResizeMode(ExchangeModel::Url, QHeaderView::Stretch);
    for (const auto &[column, width] : columnWidths)
        m_table->setColumnWidth(column, width);
    return m_table;
}

QWidget *ExchangesPanel::makeDetail()
{
    m_request = new JsonView;
    m_request->setNames(u"exchangeRequest"_s, tr("Request"));
    m_response = new JsonView;
    m_response->setNames(u"exchangeResponse"_s, tr("Response"));
    auto *tabs = named(new QTabWidget, u"exchangeDetail"_s, tr("Messages of the exchange"));
    tabs->setDocumentMode(true);
    tabs->addTab(m_response, tr("Response"));
    tabs->addTab(m_request, tr("Request"));
    tabs->setMinimumWidth(240);
    m_detail = tabs;
    return m_detail;
}

const Http::Exchange *ExchangesPanel::current() const
{
    return m_model->exchange(m_proxy->mapToSource(m_table->currentIndex()));
}

void ExchangesPanel::showCurrent()
{
    const Http::Exchange *exchange = current();
    m_curl->setEnabled(exchange != nullptr);
    m_detail->setVisible(exchange != nullptr);
    m_request->setHttp(exchange ? requestText(*exchange) : QString());
    m_response->setHttp(exchange ? responseText(*exchange) : QString());
}

/// New rows show, unless the user has scrolled up to read.
void ExchangesPanel::keepBottom()
{
    const QScrollBar *bar = m_table->verticalScrollBar();
    if (bar->value() >= bar->maximum() - 1)
        QMetaObject::invokeMethod(m_table, &QTableView::scrollToBottom, Qt::QueuedConnection);
}

void ExchangesPanel::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

QModelIndex ExchangesPanel::indexOf(quint64 id) const
{
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const QModelIndex index = m_model->index(row, 0);
        if (m_model->exchange(index)->id == id)
            return index;
    }
    return {};
}

void ExchangesPanel::select(quint64 id)
{
    const QModelIndex index = indexOf(id);
    if (!index.isValid())
        return;
    if (!m_proxy->mapFromSource(index).isValid()) {
        m_filter->clear();
        m_directions->setCurrentIndex(0);
    }
    m_table->setCurrentIndex(m_proxy->mapFromSource(index));
    m_table->scrollTo(m_table->currentIndex());
    m_table->setFocus(Qt::OtherFocusReason);
}

Result<> ExchangesPanel::writeHar(const QString &path) const
{
    QSaveFile file(path);
    const QByteArray har = QJsonDocument(Http::toHar(m_log->exchanges())).toJson();
    if (!file.open(QIODevice::WriteOnly) || file.write(har) != har.size() || !file.commit())
        return fail(u"file_not_writable"_s, tr("The file could not be written: %1.").arg(file.errorString()));
    return {};
}

void ExchangesPanel::warn(const QString &message)
{
    auto *box = new QMessageBox(QMessageBox::Warning, tr("Export exchanges"), message, QMessageBox::Ok, this);
    box->setObjectName(u"harFailed"_s);
    box->setTextFormat(Qt::PlainText);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

void ExchangesPanel::askForHarFile()
{
    auto *dialog = new QFileDialog(this, tr("Export exchanges"), {}, tr("HTTP archive (*.har)"));
    dialog->setObjectName(u"harFileDialog"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(u"har"_s);
    dialog->selectFile(u"mcp-auth.har"_s);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        if (const auto written = writeHar(path); !written)
            warn(written.error().message);
    });
    dialog->open();
}

} // namespace McpAuth::Ui
