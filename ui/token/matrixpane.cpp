#include "ui/token/matrixpane.h"

#include "ui/theme.h"
#include "ui/token/verdictmodels.h"
#include "ui/widgets/copybutton.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/jsonview.h"
#include "ui/widgets/names.h"
#include "ui/widgets/panehead.h"
#include "ui/widgets/tables.h"

#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

QWidget *pane(QWidget *head, QWidget *body)
{
    auto *box = new QWidget;
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins({});
    column->setSpacing(0);
    column->addWidget(head);
    column->addWidget(body, 1);
    return box;
}

QString answerTitle(const Bearer::Verdict &verdict, const QString &tool)
{
    if (!verdict.accepted)
        return MatrixPane::tr("The server would answer");
    return tool.isEmpty() ? MatrixPane::tr("The server would let it pass")
                          : MatrixPane::tr("The server would let it pass: %1 answers").arg(tool);
}

QList<MatrixRow> rowsOf(const ServerState &server)
{
    if (!server.running)
        return {};
    QList<MatrixRow> rows{{QString(), server.requiredScopes}};
    for (const ToolSummary &tool : server.tools) {
        QStringList scopes = server.requiredScopes + tool.requiredScopes;
        scopes.removeDuplicates();
        rows.append({tool.name, scopes});
    }
    return rows;
}

} // namespace

MatrixPane::MatrixPane(QWidget *parent)
    : QSplitter(Qt::Horizontal, parent)
    , m_matrix(new MatrixModel(this))
{
    named(this, u"tokenLowerSplitter"_s, tr("Tools and answer"));
    addWidget(makeMatrix());
    addWidget(makeAnswer());
    setChildrenCollapsible(false);
    setSizes({480, 500});
    setStretchFactor(0, 4);
    setStretchFactor(1, 4);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &MatrixPane::showSelected);
}

QWidget *MatrixPane::makeMatrix()
{
    m_view = named(new QTableView, u"tokenMatrix"_s, tr("What each tool makes of the token"));
    m_view->setModel(m_matrix);
    prepareTable(m_view);
    QHeaderView *header = m_view->horizontalHeader();
    header->setSectionResizeMode(MatrixModel::Tool, QHeaderView::ResizeToContents);
    header->setSectionResizeMode(MatrixModel::Scopes, QHeaderView::ResizeToContents);
    header->setStretchLastSection(true);
    m_empty = new EmptyState(u"server"_s, tr("Start the server to see what each of its tools makes of the token."),
                             tr("&Start the server"));
    named(m_empty->button(), u"tokenStartServer"_s, tr("Start the server"));
    connect(m_empty, &EmptyState::triggered, this, &MatrixPane::startRequested);
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_view);
    m_stack->addWidget(m_empty);
    m_elsewhere = new EmptyState(u"server"_s, {});
    m_stack->addWidget(m_elsewhere);
    auto *label = new QLabel(tr("T&ools"));
    label->setBuddy(m_view);
    return pane(new PaneHead(label, {}), m_stack);
}

QWidget *MatrixPane::makeAnswer()
{
    m_answer = new JsonView;
    m_answer->setNames(u"tokenAnswer"_s, tr("The HTTP response that the server would send"));
    m_answer->setLineWrap(true);
    m_answerTitle = new QLabel;
    m_answerTitle->setTextFormat(Qt::PlainText);
    m_answerTitle->setWordWrap(true);
    m_answerTitle->setObjectName(u"tokenAnswerTitle"_s);
    auto *copy =
        named(new CopyButton([this] { return m_answer->text(); }), u"tokenCopyAnswer"_s, tr("Copy the response"));
    return pane(new PaneHead(m_answerTitle, {copy}), m_answer);
}

void MatrixPane::setServer(const ServerState &server)
{
    const QString tool = selectedTool();
    m_matrix->setRows(rowsOf(server));
    m_stack->setCurrentIndex(server.running ? 0 : 1);
    const qsizetype row = std::max<qsizetype>(0, tools().indexOf(tool));
    m_view->setCurrentIndex(m_matrix->index(static_cast<int>(row), MatrixModel::Tool));
}

void MatrixPane::setElsewhere(const QString &why, const QStringList &scopes)
{
    m_elsewhere->setSentence(why);
    m_matrix->setRows({{QString(), scopes}});
    m_stack->setCurrentWidget(m_elsewhere);
    m_view->setCurrentIndex(m_matrix->index(0, MatrixModel::Tool));
}

void MatrixPane::setVerdict(const QString &tool, const Bearer::Verdict &verdict)
{
    m_matrix->setVerdict(tool, verdict);
    // The others count in the words about any request.
    if (tool == selectedTool() || selectedTool().isEmpty())
        showSelected();
}

void MatrixPane::clearVerdicts(const QString &why)
{
    m_matrix->clearVerdicts();
    m_answerTitle->setText(tr("The server would answer"));
    m_answer->clear();
    m_answer->setPlaceholderText(why);
}

void MatrixPane::setStarting(bool starting)
{
    m_empty->button()->setEnabled(!starting);
}

QStringList MatrixPane::tools() const
{
    QStringList tools;
    for (const MatrixRow &row : m_matrix->rows())
        tools.append(row.tool);
    return tools;
}

QStringList MatrixPane::refusedTools() const
{
    QStringList refused;
    for (const MatrixRow &row : m_matrix->rows()) {
        if (!row.tool.isEmpty() && row.verdict && !row.verdict->accepted)
            refused.append(row.tool);
    }
    return refused;
}

int MatrixPane::selectedRow() const
{
    const int row = m_view->currentIndex().row();
    return row < m_matrix->rowCount() ? row : -1;
}

QString MatrixPane::selectedTool() const
{
    return selectedRow() < 0 ? QString() : m_matrix->rows()[selectedRow()].tool;
}

const Bearer::Verdict *MatrixPane::selectedVerdict() const
{
    if (selectedRow() < 0 || !m_matrix->rows()[selectedRow()].verdict)
        return nullptr;
    return &*m_matrix->rows()[selectedRow()].verdict;
}

void MatrixPane::showSelected()
{
    const Bearer::Verdict *verdict = selectedVerdict();
    if (!verdict)
        return;
    m_answerTitle->setText(answerTitle(*verdict, selectedTool()));
    if (const QString answer = httpAnswer(*verdict); answer != m_answer->text())
        m_answer->setHttp(answer);
    Q_EMIT selectedVerdictChanged();
}

} // namespace McpAuth::Ui
