#include "ui/provider/findingspane.h"

#include "ui/provider/findingsmodel.h"
#include "ui/theme.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/names.h"
#include "ui/widgets/rowdelegate.h"

#include <QAction>
#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QRegularExpression>
#include <QSplitter>
#include <QStackedWidget>
#include <QTextBrowser>
#include <QTreeView>
#include <QVBoxLayout>

#include <functional>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

QString paragraph(const QString &heading, const QString &html)
{
    if (html.isEmpty())
        return {};
    return u"<p style=\"margin:6px 0 0 0\"><span style=\"color:%1\">%2</span><br>%3</p>"_s.arg(
        Theme::mutedText().name(), heading.toHtmlEscaped(), html);
}

/// Names that stand between backticks, as names.
QString proseHtml(const QString &text)
{
    static const QRegularExpression name(u"`([^`]*)`"_s);
    return text.toHtmlEscaped().replace(name, u"<code>\\1</code>"_s);
}

QString toHtml(const Metadata::Finding &finding)
{
    const QString link = finding.reference.toHtmlEscaped();
    return u"<p style=\"margin:0\"><b>%1</b> <span style=\"color:%2\">%3</span></p>"_s.arg(
               proseHtml(finding.title), Theme::mutedText().name(), finding.code.toHtmlEscaped()) +
           paragraph(FindingsPane::tr("Why"), proseHtml(finding.detail)) +
           paragraph(FindingsPane::tr("What to do"), proseHtml(finding.remedy)) +
           paragraph(FindingsPane::tr("Reference"), link.isEmpty() ? QString() : u"<a href=\"%1\">%1</a>"_s.arg(link));
}

} // namespace

FindingsPane::FindingsPane(QWidget *parent)
    : QWidget(parent)
    , m_model(new FindingsModel(this))
    , m_stack(new QStackedWidget)
    , m_tree(named(new QTreeView, u"findingsTree"_s, tr("Findings")))
    , m_detail(named(new QTextBrowser, u"findingDetail"_s, tr("The selected finding")))
{
    setObjectName(u"findingsPane"_s);
    m_tree->setModel(m_model);
    m_tree->setItemDelegate(new RowDelegate(Theme::tight, m_tree));
    m_tree->setHeaderHidden(true);
    m_tree->setFrameShape(QFrame::NoFrame);
    m_tree->setIndentation(Theme::margin);
    m_detail->setFrameShape(QFrame::NoFrame);
    m_detail->setOpenExternalLinks(true);
    m_detail->document()->setDocumentMargin(Theme::gap);
    auto *splitter = named(new QSplitter(Qt::Vertical), u"findingsSplitter"_s, tr("Findings and detail"));
    splitter->addWidget(m_tree);
    splitter->addWidget(m_detail);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 2);
    splitter->setChildrenCollapsible(false);
    m_stack->addWidget(new EmptyState(u"document"_s, tr("There is nothing to judge: no metadata was read.")));
    m_stack->addWidget(splitter);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_stack);
    addCopyActions();
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this, &FindingsPane::showCurrent);
}

void FindingsPane::addCopyActions()
{
    m_tree->setContextMenuPolicy(Qt::ActionsContextMenu);
    const auto add = [this](const QString &text, std::function<QString(const Metadata::Finding &)> content) {
        auto *action = new QAction(Theme::icon(u"copy"_s), text, m_tree);
        connect(action, &QAction::triggered, this, [this, content = std::move(content)] {
            if (const Metadata::Finding *finding = m_model->finding(m_tree->currentIndex()))
                QGuiApplication::clipboard()->setText(content(*finding));
        });
        m_tree->addAction(action);
    };
    add(tr("Copy finding"), [](const Metadata::Finding &finding) {
        QStringList lines{u"%1 (%2)"_s.arg(finding.title, finding.code), finding.detail, finding.remedy,
                          finding.reference};
        lines.removeAll(QString());
        return lines.join(u'\n');
    });
    add(tr("Copy code"), [](const Metadata::Finding &finding) { return finding.code; });
    add(tr("Copy link to the reference"), [](const Metadata::Finding &finding) { return finding.reference; });
}

void FindingsPane::setFindings(const QList<Metadata::Finding> &findings)
{
    m_model->setFindings(findings);
    m_stack->setCurrentIndex(findings.isEmpty() ? 0 : 1);
    m_tree->expandAll();
    m_tree->setCurrentIndex(m_model->foremost());
    m_tree->scrollToTop();
    showCurrent();
}

void FindingsPane::showCurrent()
{
    const Metadata::Finding *finding = m_model->finding(m_tree->currentIndex());
    m_detail->setHtml(finding ? toHtml(*finding) : QString());
}

void FindingsPane::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        showCurrent();
}

} // namespace McpAuth::Ui
