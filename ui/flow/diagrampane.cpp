#include "ui/flow/diagrampane.h"

#include "ui/flow/sequencediagram.h"
#include "ui/theme.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/names.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>

#include <algorithm>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

QToolButton *makeButton(const QString &icon, const QString &objectName, const QString &name)
{
    auto *button = named(new QToolButton, objectName, name);
    button->setIcon(Theme::icon(icon));
    button->setToolTip(name);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::StrongFocus);
    return button;
}

} // namespace

DiagramPane::DiagramPane(QWidget *parent)
    : QWidget(parent)
    , m_diagram(named(new SequenceDiagram, u"flowDiagram"_s, tr("Sequence diagram")))
    , m_stack(new QStackedWidget)
{
    auto *shown = new QWidget;
    auto *column = new QVBoxLayout(shown);
    column->setContentsMargins({});
    column->setSpacing(Theme::tight);
    column->addWidget(makeTools());
    column->addWidget(m_diagram, 1);
    auto *invitation =
        new EmptyState(u"flow"_s,
                       tr("Watch a client get a token: every request, every decision, and the rule behind "
                          "it.\nEnter an MCP server's URL and run the flow, or try it with the server and "
                          "the provider that run in this window."),
                       tr("Try it with the embedded provider"));
    named(invitation->button(), u"flowTryEmbedded"_s, tr("Run the flow against the embedded server and provider"));
    connect(invitation, &EmptyState::triggered, this, &DiagramPane::invitationTaken);
    m_stack->addWidget(invitation);
    m_stack->addWidget(shown);
    auto *whole = new QVBoxLayout(this);
    whole->setContentsMargins({});
    whole->addWidget(m_stack);
}

QWidget *DiagramPane::makeTools()
{
    auto *zoomOut = makeButton(u"zoom-out"_s, u"flowZoomOut"_s, tr("Smaller (Ctrl+minus)"));
    auto *zoomIn = makeButton(u"zoom-in"_s, u"flowZoomIn"_s, tr("Larger (Ctrl+plus)"));
    auto *fit = makeButton(u"fit"_s, u"flowFit"_s, tr("All of it (F)"));
    m_zoom = named(new QToolButton, u"flowZoom"_s, tr("Its own size (1)"));
    m_zoom->setToolTip(m_zoom->accessibleName());
    m_zoom->setAutoRaise(true);
    m_zoom->setFocusPolicy(Qt::StrongFocus);
    m_zoom->setMinimumWidth(m_zoom->fontMetrics().horizontalAdvance(u"400%"_s) + Theme::wide);
    auto *save =
        named(new QPushButton(Theme::icon(u"export"_s), tr("E&xport")), u"flowExport"_s, tr("Export the diagram"));
    save->setMenu(makeExportMenu(save));
    const auto showZoom = [this](double zoom) { m_zoom->setText(u"%1%"_s.arg(qRound(zoom * 100))); };
    showZoom(1);
    connect(m_diagram, &SequenceDiagram::zoomChanged, this, showZoom);
    connect(zoomOut, &QToolButton::clicked, m_diagram, &SequenceDiagram::zoomOut);
    connect(zoomIn, &QToolButton::clicked, m_diagram, &SequenceDiagram::zoomIn);
    connect(m_zoom, &QToolButton::clicked, m_diagram, &SequenceDiagram::resetZoom);
    connect(fit, &QToolButton::clicked, m_diagram, &SequenceDiagram::fit);

    auto *tools = new QWidget;
    auto *row = new QHBoxLayout(tools);
    row->setContentsMargins({});
    row->setSpacing(2);
    auto *title = new QLabel(tr("Sequence diagram"));
    QFont font = title->font();
    font.setBold(true);
    title->setFont(font);
    row->addWidget(title);
    row->addStretch();
    for (QToolButton *button : {zoomOut, m_zoom, zoomIn, fit})
        row->addWidget(button);
    row->addSpacing(Theme::tight);
    row->addWidget(save);
    return tools;
}

QMenu *DiagramPane::makeExportMenu(QWidget *parent)
{
    auto *menu = named(new QMenu(parent), u"flowExportMenu"_s, tr("Export the diagram"));
    menu->addAction(tr("As &SVG…"), this, [this] { askForFile(tr("Export as SVG"), tr("SVG (*.svg)"), u"svg"_s); });
    menu->addAction(tr("As &PNG…"), this, [this] { askForFile(tr("Export as PNG"), tr("PNG (*.png)"), u"png"_s); });
    return menu;
}

void DiagramPane::askForFile(const QString &title, const QString &filter, const QString &suffix)
{
    auto *dialog = new QFileDialog(this, title, {}, filter);
    dialog->setObjectName(u"flowFileDialog"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(suffix);
    dialog->selectFile(u"flow."_s + suffix);
    connect(dialog, &QFileDialog::fileSelected, this, [this, suffix](const QString &path) {
        const Result<> written = suffix == "svg"_L1 ? m_diagram->exportSvg(path) : m_diagram->exportPng(path);
        if (!written)
            Q_EMIT failed(written.error().message);
    });
    dialog->open();
}

void DiagramPane::setSteps(const QList<OAuth::Step> &steps)
{
    const bool begun =
        std::ranges::any_of(steps, [](const OAuth::Step &step) { return step.state != OAuth::StepState::Waiting; });
    m_diagram->setSteps(steps);
    m_stack->setCurrentIndex(begun ? 1 : 0);
}

} // namespace McpAuth::Ui
