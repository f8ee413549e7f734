#include "ui/server/publishedpane.h"

#include "ui/theme.h"
#include "ui/widgets/copybutton.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/jsonview.h"
#include "ui/widgets/names.h"

#include <QHBoxLayout>
#include <QListWidget>
#include <QPushButton>
#include <QStackedLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

PublishedPane::PublishedPane(QWidget *parent)
    : QWidget(parent)
    , m_urls(named(new QListWidget, u"serverPublished"_s, tr("URLs that the server publishes")))
    , m_document(new JsonView)
    , m_empty(new EmptyState(u"document"_s, {}, tr("Start the server")))
    , m_stack(new QStackedLayout(this))
{
    m_document->setNames(u"serverDocument"_s, tr("The document at the selected URL"));
    named(m_empty->button(), u"serverStartPublished"_s, tr("Start the server"));
    auto *copy =
        named(new CopyButton([this] { return m_urls->currentItem() ? m_urls->currentItem()->text() : QString(); },
                             tr("Cop&y URL")),
              u"serverCopyPublished"_s, tr("Copy the selected URL"));
    m_urls->setTextElideMode(Qt::ElideMiddle);
    m_urls->setSpacing(Theme::tight / 2);

    auto *full = new QWidget;
    auto *column = new QVBoxLayout(full);
    column->setContentsMargins(Theme::gap, Theme::gap, Theme::gap, Theme::gap);
    column->setSpacing(Theme::gap);
    auto *row = new QHBoxLayout;
    row->addWidget(m_urls, 1);
    row->addWidget(copy, 0, Qt::AlignTop);
    column->addLayout(row);
    column->addWidget(m_document, 1);
    m_stack->addWidget(full);
    m_stack->addWidget(m_empty);

    connect(m_urls, &QListWidget::currentRowChanged, this, &PublishedPane::showDocument);
    connect(m_empty, &EmptyState::triggered, this, &PublishedPane::startRequested);
    setPublished({}, false);
}

void PublishedPane::setPublished(const QList<std::pair<QString, QJsonObject>> &published, bool running)
{
    m_published = published;
    m_urls->clear();
    for (const auto &[url, document] : published)
        m_urls->addItem(url);
    const int rows = std::clamp(m_urls->count(), 1, 4);
    m_urls->setFixedHeight(rows * (m_urls->fontMetrics().height() + Theme::gap) + 2 * m_urls->frameWidth());
    m_urls->setCurrentRow(published.isEmpty() ? -1 : 0);
    m_empty->setSentence(running ? tr("The server publishes nothing.")
                                 : tr("A running server publishes where clients find its issuers (RFC 9728). Start it "
                                      "to see the document."));
    m_empty->button()->setVisible(!running);
    m_stack->setCurrentIndex(published.isEmpty() ? 1 : 0);
}

void PublishedPane::showDocument(int row)
{
    if (row < 0 || row >= m_published.size())
        m_document->clear();
    else
        m_document->setJson(m_published[row].second);
}

} // namespace McpAuth::Ui
