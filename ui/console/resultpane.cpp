#include "ui/console/resultpane.h"

#include "base/text.h"
#include "ui/console/consolewords.h"
#include "ui/console/imagesview.h"
#include "ui/exchanges/exchangetext.h"
#include "ui/theme.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/jsontree.h"
#include "ui/widgets/jsonview.h"
#include "ui/widgets/names.h"

#include <QJsonDocument>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTreeView>
#include <QVBoxLayout>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

enum Tab { ContentTab, ImagesTab, TreeTab, JsonTab, ExchangeTab };

QByteArray shownJson(const QJsonObject &object)
{
    const QString text = QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Indented)).trimmed();
    return shortened(text, maxShownText).toUtf8();
}

} // namespace

ResultPane::ResultPane(QWidget *parent)
    : QWidget(parent)
    , m_tabs(named(new QTabWidget, u"consoleResult"_s, tr("Result of the call")))
    , m_content(new JsonView)
    , m_images(named(new ImagesView, u"consoleImages"_s, tr("Images of the result")))
    , m_tree(new JsonTree)
    , m_json(new JsonView)
    , m_request(new JsonView)
    , m_response(new JsonView)
    , m_stack(new QStackedWidget)
{
    m_content->setNames(u"consoleContent"_s, tr("Content of the result"));
    m_tree->setNames(u"consoleTree"_s, tr("Structured content"));
    m_tree->setPlaceholderText(tr("Filter"));
    m_json->setNames(u"consoleResultJson"_s, tr("Result as JSON"));
    m_request->setNames(u"consoleRequest"_s, tr("Request of the call"));
    m_response->setNames(u"consoleResponse"_s, tr("Response to the call"));
    for (JsonView *view : {m_content, m_json, m_request, m_response})
        view->setLineWrap(true);
    m_content->editor()->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    m_exchange = makeExchange();
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_content, tr("Content"));
    m_tabs->addTab(m_images, tr("Images"));
    m_tabs->addTab(m_tree, tr("Structured"));
    m_tabs->addTab(m_json, tr("Result"));
    m_tabs->addTab(m_exchange, tr("Exchange"));
    m_stack->addWidget(m_tabs);
    m_stack->addWidget(new EmptyState(u"document"_s, tr("What a tool answers appears here.")));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->addWidget(m_stack);
    clear();
}

QWidget *ResultPane::makeExchange()
{
    auto *both = named(new QSplitter(Qt::Vertical), u"consoleExchangeSplitter"_s, tr("Request above, response below"));
    both->addWidget(m_request);
    both->addWidget(m_response);
    both->setChildrenCollapsible(false);
    m_select = named(new QPushButton(Theme::icon(u"exchanges"_s), tr("Show in E&xchanges")), u"consoleShowExchange"_s,
                     tr("Select this exchange in the Exchanges dock"));
    connect(m_select, &QPushButton::clicked, this, [this] { Q_EMIT exchangeRequested(m_id); });
    auto *box = new QWidget;
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(0, Theme::tight, 0, 0);
    column->setSpacing(Theme::tight);
    column->addWidget(both, 1);
    column->addWidget(m_select, 0, Qt::AlignRight);
    return box;
}

void ResultPane::clear()
{
    m_stack->setCurrentIndex(1);
}

void ResultPane::setCall(const ClientCall &call)
{
    if (call.result)
        showResult(*call.result);
    else
        showError(call.result.error());
    m_stack->setCurrentIndex(0);
}

void ResultPane::showResult(const Mcp::CallResult &result)
{
    showContent(contentText(result.content));
    showImages(result.content);
    m_json->setJsonText(shownJson(result.raw));
    const bool isTree = result.structuredContent && toJsonText(*result.structuredContent).size() <= maxShownText;
    m_tree->setValue(isTree ? QJsonValue(*result.structuredContent) : QJsonObject());
    m_tree->view()->expandToDepth(0);
    m_tabs->setTabVisible(TreeTab, isTree);
}

/// Many tools write JSON as text.
void ResultPane::showContent(const QString &text)
{
    const QString shown = shortened(text, maxShownText);
    if (parseJsonObject(shown.toUtf8()))
        m_content->setJsonText(shown.toUtf8());
    else
        m_content->setPlainText(shown);
}

void ResultPane::showImages(const QJsonArray &content)
{
    m_images->setContent(content);
    m_tabs->setTabVisible(ImagesTab, m_images->count() > 0);
}

void ResultPane::showError(const Error &error)
{
    m_content->setPlainText(error.message);
    m_json->setJsonText(shownJson(toJson(error)));
    showImages({});
    m_tree->setValue(QJsonObject());
    m_tabs->setTabVisible(TreeTab, false);
}

void ResultPane::setExchange(const std::optional<Http::Exchange> &exchange)
{
    m_id = exchange ? exchange->id : 0;
    m_tabs->setTabVisible(ExchangeTab, exchange.has_value());
    m_request->setHttp(exchange ? requestText(*exchange) : QString());
    m_response->setHttp(exchange ? responseText(*exchange) : QString());
}

} // namespace McpAuth::Ui
