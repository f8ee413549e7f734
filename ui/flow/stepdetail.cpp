#include "ui/flow/stepdetail.h"

#include "ui/exchanges/exchangetext.h"
#include "ui/flow/flowverdict.h"
#include "ui/theme.h"
#include "ui/token/claimsmodel.h"
#include "ui/token/pastedtoken.h"
#include "ui/widgets/jsontree.h"
#include "ui/widgets/jsonview.h"
#include "ui/widgets/names.h"

#include <QEvent>
#include <QHeaderView>
#include <QTextBrowser>
#include <QTreeView>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using OAuth::Step;

namespace {

enum Tab { WordsTab, RequestTab, ResponseTab, TokenTab };

QString paragraph(const QString &heading, const QString &html)
{
    if (html.isEmpty())
        return {};
    return u"<p style=\"margin:6px 0 0 0\"><span style=\"color:%1\">%2</span><br>%3</p>"_s.arg(
        Theme::mutedText().name(), heading.toHtmlEscaped(), html);
}

QString notesOf(const Step &step)
{
    QStringList lines;
    for (const QString &note : step.notes)
        lines.append(note.toHtmlEscaped());
    return lines.join("<br>"_L1);
}

QString detailsOf(const Step &step)
{
    QStringList lines;
    for (auto it = step.details.begin(); it != step.details.end(); ++it)
        lines.append(u"%1: %2"_s.arg(it.key(), jsonText(it.value())).toHtmlEscaped());
    return lines.join("<br>"_L1);
}

QString ruleOf(const Step &step)
{
    // Only what a browser may open.
    if (!step.reference.startsWith("https://"_L1))
        return step.rule.toHtmlEscaped();
    return u"<a href=\"%1\">%2</a>"_s.arg(step.reference.toHtmlEscaped(),
                                          (step.rule.isEmpty() ? step.reference : step.rule).toHtmlEscaped());
}

QString toHtml(const Step &step)
{
    const bool failed = step.state == OAuth::StepState::Failed;
    QString html = u"<p style=\"margin:0\"><b>%1</b> <span style=\"color:%2\">%3</span></p>"_s.arg(
        OAuth::title(step.kind).toHtmlEscaped(), Theme::mutedText().name(), step.error.code.toHtmlEscaped());
    if (failed) {
        html += paragraph(StepDetail::tr("Why it ended here"), step.error.message.toHtmlEscaped());
        html += paragraph(StepDetail::tr("What to do"), adviceInWindow(step.error).toHtmlEscaped());
    }
    if (!failed || step.decision != step.error.message)
        html += paragraph(StepDetail::tr("Decision"), step.decision.toHtmlEscaped());
    html += paragraph(StepDetail::tr("Rule"), ruleOf(step));
    html += paragraph(StepDetail::tr("Remarks"), notesOf(step));
    html += paragraph(StepDetail::tr("Values"), detailsOf(step));
    return html;
}

} // namespace

StepDetail::StepDetail(QWidget *parent)
    : QTabWidget(parent)
    , m_words(named(new QTextBrowser, u"flowDecision"_s, tr("Decision and rule of the selected step")))
    , m_request(new JsonView)
    , m_response(new JsonView)
    , m_claims(new ClaimsModel(systemClock(), this))
    , m_claimsView(named(new QTreeView, u"flowToken"_s, tr("Header and claims of the access token")))
{
    named(this, u"flowDetail"_s, tr("The selected step and exchange"));
    setDocumentMode(true);
    m_words->setFrameShape(QFrame::NoFrame);
    m_words->setOpenExternalLinks(true);
    m_words->document()->setDocumentMargin(Theme::gap);
    m_words->setPlaceholderText(tr("What was decided at the selected step, and by which rule."));
    m_request->setNames(u"flowRequest"_s, tr("Request"));
    m_response->setNames(u"flowResponse"_s, tr("Response"));
    m_claimsView->setModel(m_claims);
    m_claimsView->setUniformRowHeights(true);
    m_claimsView->setFrameShape(QFrame::NoFrame);
    m_claimsView->header()->setSectionResizeMode(ClaimsModel::Name, QHeaderView::ResizeToContents);
    addTab(m_words, tr("&Decision"));
    addTab(m_request, tr("Re&quest"));
    addTab(m_response, tr("Respo&nse"));
    addTab(m_claimsView, tr("To&ken"));
    clear();
}

void StepDetail::showStep(const Step &step, int message)
{
    m_step = step;
    showWords();
    if (message < 0)
        message = int(step.messages.size()) - 1;
    const bool hasMessage = message >= 0 && message < step.messages.size();
    setTabEnabled(RequestTab, hasMessage);
    setTabEnabled(ResponseTab, hasMessage);
    if (hasMessage) {
        m_request->setHttp(requestText(step.messages[message].exchange));
        m_response->setHttp(responseText(step.messages[message].exchange));
    } else {
        m_request->clear();
        m_response->clear();
    }
    setTabVisible(TokenTab, step.kind == OAuth::StepKind::Token && m_claims->rowCount() > 0);
}

void StepDetail::setToken(const Secret &token)
{
    m_claims->setToken(decodeToken(token.reveal()));
    m_claimsView->expandAll();
}

void StepDetail::clear()
{
    setToken({});
    m_step = {};
    m_words->clear();
    m_request->clear();
    m_response->clear();
    setTabEnabled(RequestTab, false);
    setTabEnabled(ResponseTab, false);
    setTabVisible(TokenTab, false);
    setCurrentIndex(WordsTab);
}

void StepDetail::showExchange()
{
    if (currentIndex() == WordsTab || currentIndex() == TokenTab)
        setCurrentIndex(RequestTab);
}

void StepDetail::showDecision()
{
    setCurrentIndex(WordsTab);
}

void StepDetail::showWords()
{
    m_words->setHtml(toHtml(m_step));
}

void StepDetail::changeEvent(QEvent *event)
{
    QTabWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && !m_words->document()->isEmpty())
        showWords();
}

} // namespace McpAuth::Ui
