#include "ui/provider/providerpage.h"

#include "ui/engine/checks.h"
#include "ui/engine/engine.h"
#include "ui/engine/localissuer.h"
#include "ui/exchanges/exchangetext.h"
#include "ui/provider/findingspane.h"
#include "ui/provider/issuerfield.h"
#include "ui/provider/issuermodel.h"
#include "ui/provider/keysmodel.h"
#include "ui/provider/pastedialog.h"
#include "ui/provider/probesmodel.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/jsontree.h"
#include "ui/widgets/jsonview.h"
#include "ui/widgets/names.h"
#include "ui/widgets/tables.h"
#include "ui/widgets/words.h"

#include <QElapsedTimer>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QPointer>
#include <QPushButton>
#include <QSettings>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QUrl>

#include <algorithm>
#include <ranges>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

const QString lastIssuerKey = u"provider/lastIssuer"_s;

enum ResultPage { NothingYet, Results };
enum Tab { MetadataTab, TextTab, KeysTab, ProbesTab };

QTableView *makeTable(QAbstractItemModel *model, const QString &objectName, const QString &accessibleName,
                      int stretched)
{
    auto *table = named(new QTableView, objectName, accessibleName);
    table->setModel(model);
    prepareTable(table);
    table->setAlternatingRowColors(true);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    table->horizontalHeader()->setSectionResizeMode(stretched, QHeaderView::Stretch);
    return table;
}

QLabel *makeLabel(const QString &text, QWidget *buddy)
{
    auto *label = new QLabel(text);
    label->setBuddy(buddy);
    return label;
}

QString withCount(const QString &title, qsizetype count)
{
    return count == 0 ? title : u"%1 (%2)"_s.arg(title).arg(count);
}

} // namespace

ProviderPage::ProviderPage(Engine *engine, QWidget *parent)
    : QWidget(parent)
    , m_engine(engine)
    , m_issuers(new IssuerModel(this))
    , m_banner(new Banner)
    , m_keys(new KeysModel(this))
    , m_probes(new ProbesModel(this))
{
    setObjectName(u"providerPage"_s);
    m_banner->setObjectName(u"providerBanner"_s);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(Theme::margin, Theme::margin, Theme::margin, Theme::gap);
    column->setSpacing(Theme::gap);
    column->addWidget(makeForm());
    column->addWidget(m_banner);
    column->addWidget(makeResults(), 1);
    connectForm();
}

ProviderPage::~ProviderPage()
{
    m_stop.request_stop();
    // A field that loses the focus as it goes may still speak.
    m_issuer->disconnect(this);
}

QWidget *ProviderPage::makeForm()
{
    m_issuer = named(new IssuerField(m_issuers), u"issuerField"_s, tr("Issuer"));
    m_type = named(new QComboBox, u"typeField"_s, tr("Type of provider"));
    m_type->addItem(tr("Automatic"));
    for (const auto type : {Metadata::ServerType::Oidc, Metadata::ServerType::OAuth})
        m_type->addItem(typeName(type), int(type));
    m_type->setToolTip(tr("Automatic asks every place that the MCP specification names, in its order"));
    m_revision = named(new QComboBox, u"revisionField"_s, tr("MCP revision"));
    m_revision->addItems(Audit::revisions());
    m_check = named(new QPushButton, u"checkButton"_s, tr("Check"));
    m_check->setMinimumWidth(96);
    m_paste =
        named(new QPushButton(Theme::icon(u"paste"_s), tr("Paste metadata…")), u"pasteButton"_s, tr("Paste metadata"));
    m_paste->setToolTip(tr("For a provider without discovery: check its metadata document as text"));
    setChecking(false);
    auto *form = new QWidget;
    auto *row = new QHBoxLayout(form);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(Theme::gap);
    row->addWidget(makeLabel(tr("&Issuer"), m_issuer));
    row->addWidget(m_issuer, 1);
    row->addWidget(makeLabel(tr("&Type"), m_type));
    row->addWidget(m_type);
    row->addWidget(makeLabel(tr("&Revision"), m_revision));
    row->addWidget(m_revision);
    row->addWidget(m_check);
    row->addWidget(m_paste);
    return form;
}

QWidget *ProviderPage::makeResults()
{
    m_findings = new FindingsPane;
    auto *splitter = named(new QSplitter, u"providerSplitter"_s, tr("Findings and metadata"));
    splitter->addWidget(m_findings);
    splitter->addWidget(makeMetadataTabs());
    splitter->setStretchFactor(0, 2);
    splitter->setStretchFactor(1, 3);
    splitter->setSizes({400, 600});
    splitter->setChildrenCollapsible(false);
    auto *empty =
        new EmptyState(u"provider"_s, tr("Enter an issuer, or choose a provider from the list, and check whether it "
                                         "is compatible with MCP."));
    m_results = new QStackedWidget;
    m_results->addWidget(empty);
    m_results->addWidget(splitter);
    return m_results;
}

QWidget *ProviderPage::makeMetadataTabs()
{
    m_tree = new JsonTree;
    m_tree->setNames(u"metadataTree"_s, tr("Metadata as a tree"));
    m_tree->setPlaceholderText(tr("Filter members and values"));
    m_text = new JsonView;
    m_text->setNames(u"metadataText"_s, tr("Metadata as text"));
    m_tabs = named(new QTabWidget, u"providerTabs"_s, tr("What the provider publishes"));
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_tree, tr("Metadata"));
    m_tabs->addTab(m_text, tr("Text"));
    m_tabs->addTab(makeTable(m_keys, u"keysTable"_s, tr("Keys"), KeysModel::Thumbprint), tr("Keys"));
    m_tabs->addTab(makeTable(m_probes, u"probesTable"_s, tr("Probes"), ProbesModel::Reason), tr("Probes"));
    return m_tabs;
}

void ProviderPage::connectForm()
{
    connect(m_issuer, &IssuerField::submitted, this, &ProviderPage::check);
    connect(m_issuer, &IssuerField::chosen, this, &ProviderPage::showCatalogueNote);
    connect(m_check, &QPushButton::clicked, this, [this] { m_checking ? cancel() : check(); });
    connect(m_paste, &QPushButton::clicked, this, &ProviderPage::pasteMetadata);
    connect(m_banner, &Banner::actionTriggered, this, &ProviderPage::followAction);
    connect(m_engine->issuer(), &LocalIssuer::changed, this,
            [this] { m_issuers->setLocalIssuer(m_engine->issuer()->url()); });
    connect(m_engine->exchangeLog(), &Http::ExchangeLog::added, this, &ProviderPage::offerAnswer);
    auto *escape = new QShortcut(Qt::Key_Escape, this);
    escape->setContext(Qt::WidgetWithChildrenShortcut);
    connect(escape, &QShortcut::activated, this, &ProviderPage::cancel);
}

void ProviderPage::setIssuer(const QString &issuer)
{
    m_issuer->setIssuer(issuer);
}

void ProviderPage::begin(const QString &localIssuer)
{
    const QString last = QSettings().value(lastIssuerKey).toString();
    setIssuer(last.isEmpty() ? localIssuer : last);
    if (last.isEmpty())
        check();
}

void ProviderPage::check()
{
    const QString issuer = m_issuer->issuer();
    if (issuer.isEmpty()) {
        m_banner->setVerdict(Level::Info, tr("Enter an issuer first"),
                             tr("Type the provider's URL, or choose a provider from the list."));
        m_issuer->focusIssuer();
        return;
    }
    if (const auto placeholder = placeholderIn(issuer)) {
        m_banner->setVerdict(Level::Warning,
                             tr("Replace %1 first").arg(issuer.mid(placeholder->start, placeholder->length)),
                             tr("The braces stand for a part of the issuer that is your own."));
        forgetResults();
        m_issuer->focusIssuer();
        return;
    }
    startCheck(false);
}

void ProviderPage::startCheck(bool allowHttp)
{
    m_stop.request_stop();
    m_stop = std::stop_source();
    Audit::AuditOptions options;
    if (const QVariant type = m_type->currentData(); type.isValid())
        options.type = Metadata::ServerType(type.toInt());
    options.revision = m_revision->currentText();
    options.stop = m_stop.get_token();
    setChecking(true);
    m_answering.clear();
    m_begun = QDateTime::currentDateTimeUtc();
    m_asked = m_issuer->issuer();
    m_banner->setVerdict(Level::Busy, tr("Checking %1").arg(m_issuer->issuer()),
                         tr("Looking for its metadata and its keys."));
    run(this, m_engine, m_issuer->issuer(), options, allowHttp);
}

QCoro::Task<> ProviderPage::run(QPointer<ProviderPage> page, QPointer<Engine> engine, QString issuer,
                                Audit::AuditOptions options, bool allowHttp)
{
    QElapsedTimer timer;
    timer.start();
    const Audit::ProviderAudit audit = co_await engine->checks()->audit(issuer, options, allowHttp);
    const auto took = timer.durationElapsed();
    // Another check may have begun in the meantime: the banner is the other's then.
    if (!page || !engine || page->m_stop.get_token() != options.stop)
        co_return;
    page->setChecking(false);
    if (!audit.failure) {
        page->m_issuers->remember(issuer);
        const bool keep = issuer != engine->issuer()->url() && QUrl(issuer).userInfo().isEmpty();
        QSettings().setValue(lastIssuerKey, keep ? issuer : QString());
    }
    page->showAudit(audit, std::chrono::duration_cast<std::chrono::milliseconds>(took));
}

void ProviderPage::cancel()
{
    m_stop.request_stop();
}

void ProviderPage::setChecking(bool checking)
{
    m_checking = checking;
    if (m_results)
        m_results->setEnabled(!checking); // what is left of the check before is greyed
    m_check->setText(checking ? tr("&Cancel") : tr("&Check"));
    m_check->setAccessibleName(checking ? tr("Cancel the check") : tr("Check the provider"));
    m_check->setIcon(Theme::icon(checking ? u"stop"_s : u"check"_s));
}

void ProviderPage::showAudit(const Audit::ProviderAudit &audit, std::chrono::milliseconds took)
{
    const CatalogueEntry *entry = entryOfIssuer(audit.issuer);
    const bool isLocal = !audit.issuer.isEmpty() && audit.issuer == m_engine->issuer()->url();
    const ProviderVerdict verdict = verdictOf(audit,
                                              isLocal ? tr("Local issuer")
                                              : entry ? entry->name
                                                      : QString(),
                                              took);
    m_action = verdict.action;
    m_banner->setVerdict(verdict.level, verdict.title, verdict.detail, verdict.aside);
    if (m_action != VerdictAction::None)
        m_banner->setAction(m_action == VerdictAction::AllowHttp ? tr("Check over plain HTTP") : tr("Paste metadata…"));
    m_findings->setFindings(audit.findings);
    m_tree->setValue(audit.metadata);
    showText(audit);
    m_keys->setKeys(audit.keys, audit.rejectedKeys);
    m_probes->setProbes(audit.probes);
    m_tabs->setTabText(KeysTab, withCount(tr("Keys"), audit.keys.size() + audit.rejectedKeys.size()));
    m_tabs->setTabText(ProbesTab, withCount(tr("Probes"), audit.probes.size()));
    const bool anything = !audit.findings.isEmpty() || !audit.probes.isEmpty();
    m_results->setCurrentIndex(anything ? Results : NothingYet);
    if (audit.metadata.isEmpty() && anything)
        m_tabs->setCurrentIndex(ProbesTab);
    else if (m_tabs->currentIndex() == ProbesTab)
        m_tabs->setCurrentIndex(MetadataTab);
}

/// The document; where the answer was none, the answer.
void ProviderPage::showText(const Audit::ProviderAudit &audit)
{
    m_text->setJsonText(audit.document);
    m_answering.clear();
    if (!audit.document.isEmpty())
        return;
    std::ranges::transform(audit.probes, std::back_inserter(m_answering), &Metadata::Probe::url);
    for (const Http::Exchange &exchange : m_engine->exchangeLog()->exchanges()) // the log may get the last ones later
        offerAnswer(exchange);
}

void ProviderPage::offerAnswer(const Http::Exchange &exchange)
{
    if (exchange.direction == Http::Exchange::Direction::Made && !exchange.responseBody.isEmpty() &&
        exchange.started >= m_begun && m_answering.contains(exchange.url))
        m_text->setHttp(responseText(exchange));
}

/// What is on the screen is of another issuer than the banner speaks of.
void ProviderPage::forgetResults()
{
    m_results->setCurrentIndex(NothingYet);
}

void ProviderPage::showCatalogueNote(int row)
{
    const CatalogueEntry *entry = m_issuers->entry(row);
    if (!entry || m_checking)
        return;
    m_action = VerdictAction::None;
    forgetResults();
    m_banner->setVerdict(Level::Info, u"%1 · %2"_s.arg(entry->name, typeName(entry->type)), entry->note);
}

void ProviderPage::followAction()
{
    if (m_action == VerdictAction::AllowHttp)
        startCheck(m_issuer->issuer() == m_asked); // for the one that the banner speaks of
    else if (m_action == VerdictAction::PasteMetadata)
        pasteMetadata();
}

void ProviderPage::pasteMetadata()
{
    auto *dialog = new PasteDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &PasteDialog::documentGiven, this, &ProviderPage::showDocument);
    dialog->open();
}

void ProviderPage::openMetadata()
{
    auto *dialog = new QFileDialog(this, tr("Open metadata"), {}, tr("JSON (*.json);;All files (*)"));
    dialog->setObjectName(u"metadataFileDialog"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &ProviderPage::showFile);
    dialog->open();
}

void ProviderPage::showFile(const QString &path)
{
    const auto document = readMetadataFile(path);
    if (document)
        return showDocument(*document);
    m_action = VerdictAction::None;
    m_banner->setVerdict(Level::Error, tr("The file has no metadata"), document.error().message,
                         QFileInfo(path).fileName());
}

void ProviderPage::showDocument(const QJsonObject &document)
{
    cancel();
    m_stop = std::stop_source();
    setChecking(false);
    const Audit::ProviderAudit audit = Audit::auditDocument(document, m_revision->currentText());
    m_issuer->setIssuer(audit.issuer);
    showAudit(audit, std::chrono::milliseconds(-1));
}

} // namespace McpAuth::Ui
