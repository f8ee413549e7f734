#include "ui/exchanges/exchangespanel.h"

#include "ui/exchanges/exchangemodel.h"
#include "ui/exchanges/exchangetext.h"
#include "ui/theme.h"
#include "ui/widgets/emptystate.h"
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
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMessageBox>
#include <QPushButton>
#include <QSaveFile>
#include <QScrollBar>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QToolBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <functional>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

const QString filterKey = u"exchanges/filter"_s;
const QString inMessagesKey = u"exchanges/inMessages"_s;

void addButton(QToolBar *bar, QAction *action, const QString &objectName, bool withText)
{
    bar->addAction(action);
    auto *button = named(qobject_cast<QToolButton *>(bar->widgetForAction(action)), objectName, action->text());
    button->setFocusPolicy(Qt::StrongFocus);
    button->setToolButtonStyle(withText ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
}

} // namespace

ExchangesPanel::ExchangesPanel(Http::ExchangeLog *log, QWidget *parent)
    : QWidget(parent)
    , m_log(log)
    , m_model(new ExchangeModel(log, this))
    , m_proxy(new ExchangeFilter(m_model, this))
{
    setObjectName(u"exchangesPanel"_s);
    makeActions();
    m_splitter = named(new QSplitter, u"exchangeSplitter"_s, tr("Exchanges and messages"));
    m_splitter->addWidget(makeList());
    m_splitter->addWidget(makeDetail());
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 2);
    m_splitter->setSizes({720, 440});
    m_splitter->setChildrenCollapsible(false);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(Theme::margin, 0, Theme::margin, 0);
    column->setSpacing(0);
    column->addWidget(makeBar());
    column->addWidget(m_splitter, 1);

    connect(m_filter, &QLineEdit::textChanged, this, &ExchangesPanel::applyFilter);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &ExchangesPanel::showCurrent);
    connect(m_proxy, &QAbstractItemModel::modelReset, this, &ExchangesPanel::showCurrent);
    connect(m_model, &ExchangeModel::batchBegins, this, &ExchangesPanel::rememberPlace);
    connect(m_model, &ExchangeModel::batchEnded, this, &ExchangesPanel::restorePlace);
    connect(m_model, &ExchangeModel::countsChanged, this, &ExchangesPanel::showCounts);
    restoreSettings();
    showCurrent();
    showCounts();
}

void ExchangesPanel::makeActions()
{
    m_clear = new QAction(Theme::icon(u"clear"_s), tr("Clear exchanges"), this);
    m_export = new QAction(Theme::icon(u"export"_s), tr("Export HAR…"), this);
    m_curl = new QAction(Theme::icon(u"terminal"_s), tr("Copy as cURL"), this);
    m_reveal = new QAction(Theme::icon(u"reveal"_s), tr("Record secrets"), this);
    m_reveal->setCheckable(true);
    m_reveal->setToolTip(
        tr("Record tokens and other secrets from now on. Those of earlier exchanges were not recorded."));
    m_pause = new QAction(Theme::icon(u"pause"_s), tr("Pause"), this);
    m_pause->setCheckable(true);
    m_pause->setToolTip(tr("Add no more exchanges to the list until it is released"));
    m_inMessages = new QAction(Theme::icon(u"search"_s), tr("Search headers and bodies too"), this);
    m_inMessages->setCheckable(true);
    connect(m_pause, &QAction::toggled, m_model, &ExchangeModel::setPaused);
    connect(m_inMessages, &QAction::toggled, this, &ExchangesPanel::applyFilter);
    connect(m_clear, &QAction::triggered, m_log, &Http::ExchangeLog::clear);
    connect(m_export, &QAction::triggered, this, &ExchangesPanel::askForHarFile);
    connect(m_reveal, &QAction::toggled, m_log, &Http::ExchangeLog::setRevealsSecrets);
    connect(m_curl, &QAction::triggered, this, [this] {
        if (const Http::Exchange *exchange = current())
            QGuiApplication::clipboard()->setText(curlText(*exchange));
    });
}

/// For the table's context menu.
void ExchangesPanel::makeCopyActions()
{
    m_table->addAction(m_curl);
    const auto add = [this](const QString &text, std::function<QString(const Http::Exchange &)> content) {
        auto *action = new QAction(Theme::icon(u"copy"_s), text, this);
        connect(action, &QAction::triggered, this, [this, content = std::move(content)] {
            if (const Http::Exchange *exchange = current())
                QGuiApplication::clipboard()->setText(content(*exchange));
        });
        m_table->addAction(action);
    };
    add(tr("Copy URL"), [](const Http::Exchange &exchange) { return exchange.url; });
    add(tr("Copy request"), requestText);
    add(tr("Copy response"), responseText);
}

QWidget *ExchangesPanel::makeFilter()
{
    m_filter = named(new QLineEdit, u"exchangeFilter"_s, tr("Filter exchanges"));
    m_filter->setPlaceholderText(tr("Filter: post 401 -jwks status:4xx method:get"));
    m_filter->setToolTip(tr("Words that must all occur in method, status, URL or purpose; a “-” before a word excludes "
                            "it; status:401, status:4xx, status:none and method:post look there only"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setMinimumWidth(24 * m_filter->fontMetrics().averageCharWidth());
    m_filter->addAction(Theme::icon(u"filter"_s), QLineEdit::LeadingPosition);
    m_filter->addAction(m_inMessages, QLineEdit::TrailingPosition);
    return m_filter;
}

QWidget *ExchangesPanel::makeBar()
{
    auto *bar = new QWidget;
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins(0, Theme::tight, 0, Theme::tight);
    row->addWidget(makeFilter(), 1);
    m_directions = makeDirections();
    row->addWidget(m_directions);
    m_counts = named(new QLabel, u"exchangeCounts"_s, tr("How many exchanges are shown"));
    m_counts->setMinimumWidth(40); // rather cut than a window that is too wide
    m_counts->setForegroundRole(QPalette::PlaceholderText);
    row->addWidget(m_counts);
    auto *buttons = named(new QToolBar, u"exchangeBar"_s, tr("What can be done with exchanges"));
    buttons->setIconSize({16, 16});
    addButton(buttons, m_pause, u"exchangePause"_s, false);
    addButton(buttons, m_reveal, u"exchangeReveal"_s, true);
    addButton(buttons, m_curl, u"exchangeCurl"_s, true);
    addButton(buttons, m_export, u"exchangeExport"_s, true);
    addButton(buttons, m_clear, u"exchangeClear"_s, false);
    row->addWidget(buttons);
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
    m_table->setTextElideMode(Qt::ElideMiddle);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    makeCopyActions();
    m_table->horizontalHeader()->setSectionResizeMode(ExchangeModel::Url, QHeaderView::Stretch);
    fitColumn(m_table, ExchangeModel::Time, u"00:00:00.000"_s);
    m_table->setColumnWidth(ExchangeModel::Direction, Theme::wide + Theme::gap);
    fitColumn(m_table, ExchangeModel::Method, u"OPTIONS"_s);
    fitColumn(m_table, ExchangeModel::Status, tr("Status"));
    fitColumn(m_table, ExchangeModel::Duration, u"100.0 ms"_s);
    fitColumn(m_table, ExchangeModel::Purpose, u"authorization server"_s);
    m_empty = new EmptyState(u"exchanges"_s, {}, tr("Clear the filter"));
    m_empty->button()->setObjectName(u"exchangeClearFilter"_s);
    connect(m_empty, &EmptyState::triggered, this, [this] {
        m_filter->clear();
        m_directions->setCurrentIndex(0);
    });
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_empty);
    return m_stack;
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
    m_notRecorded = named(new QLabel(tr("“…(n bytes)” stands for a secret that was not recorded. “Record secrets” "
                                        "keeps those of later exchanges.")),
                          u"exchangeNotRecorded"_s, tr("Secrets were not recorded"));
    m_notRecorded->setWordWrap(true);
    m_notRecorded->setForegroundRole(QPalette::PlaceholderText);
    m_notRecorded->setContentsMargins(Theme::tight, 0, Theme::tight, Theme::tight);
    m_detail = new QWidget;
    m_detail->setMinimumWidth(240);
    auto *column = new QVBoxLayout(m_detail);
    column->setContentsMargins({});
    column->setSpacing(Theme::tight);
    column->addWidget(tabs, 1);
    column->addWidget(m_notRecorded);
    return m_detail;
}

const Http::Exchange *ExchangesPanel::current() const
{
    return m_model->exchange(m_proxy->mapToSource(m_table->currentIndex()));
}

void ExchangesPanel::showCurrent()
{
    const Http::Exchange *exchange = current();
    m_model->keep(exchange ? exchange->id : 0);
    m_notRecorded->setVisible(exchange && hasMaskedSecrets(*exchange));
    m_curl->setEnabled(exchange != nullptr);
    m_detail->setVisible(exchange != nullptr);
    m_request->setHttp(exchange ? requestText(*exchange) : QString());
    m_response->setHttp(exchange ? responseText(*exchange) : QString());
}

void ExchangesPanel::applyFilter()
{
    m_proxy->setQuery(ExchangeQuery(m_filter->text()), m_inMessages->isChecked());
    showCounts();
    showCurrent();
}

/// What the list shows of what there was, and why it may show nothing.
void ExchangesPanel::showCounts()
{
    const int shown = m_proxy->rowCount();
    const int kept = m_model->rowCount();
    const qint64 all = m_model->total() - m_model->waiting();
    const QLocale locale;
    QStringList parts{shown == all ? locale.toString(all)
                                   : tr("%1 of %2").arg(locale.toString(shown), locale.toString(all))};
    if (all > kept)
        parts.append(tr("older ones were dropped"));
    if (m_model->isPaused())
        parts.append(tr("%1 waiting").arg(locale.toString(m_model->waiting())));
    m_counts->setText(parts.join(u", "_s));
    m_stack->setCurrentIndex(shown > 0 ? 0 : 1);
    m_empty->setSentence(kept > 0 ? tr("No exchange matches the filter; %1 are hidden.").arg(locale.toString(kept))
                                  : tr("No HTTP exchange was made or served yet."));
    m_empty->button()->setVisible(kept > 0);
}

void ExchangesPanel::rememberPlace()
{
    const QScrollBar *bar = m_table->verticalScrollBar();
    m_follows = bar->value() >= bar->maximum() - 1;
    const Http::Exchange *top = m_model->exchange(m_proxy->mapToSource(m_table->indexAt({0, 0})));
    m_topId = top ? top->id : 0;
}

/// New rows show, unless the user has scrolled up to read: then what is read stays where it is.
void ExchangesPanel::restorePlace()
{
    const QModelIndex top = m_follows ? QModelIndex() : m_proxy->mapFromSource(indexOf(m_topId));
    if (m_follows)
        m_table->scrollToBottom();
    else if (top.isValid())
        m_table->scrollTo(top, QAbstractItemView::PositionAtTop);
}

void ExchangesPanel::restoreSettings()
{
    const QSettings settings;
    m_inMessages->setChecked(settings.value(inMessagesKey).toBool());
    m_filter->setText(settings.value(filterKey).toString());
}

void ExchangesPanel::saveSettings() const
{
    QSettings settings;
    settings.setValue(inMessagesKey, m_inMessages->isChecked());
    // What is searched for in bodies and headers may be a secret.
    settings.setValue(filterKey, m_inMessages->isChecked() ? QString() : m_filter->text());
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
