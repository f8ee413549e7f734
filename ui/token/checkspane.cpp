#include "ui/token/checkspane.h"

#include "ui/token/verdictmodels.h"
#include "ui/token/verdictwords.h"
#include "ui/widgets/jsonview.h"
#include "ui/widgets/names.h"
#include "ui/widgets/tables.h"

#include <QLabel>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

QTableView *makeTable(QAbstractItemModel *model)
{
    auto *view = named(new QTableView, u"tokenChecks"_s, ChecksPane::tr("Checks"));
    view->setModel(model);
    prepareTable(view);
    view->setWordWrap(true);
    view->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    view->horizontalHeader()->setSectionResizeMode(ChecksModel::Name, QHeaderView::ResizeToContents);
    view->horizontalHeader()->setSectionResizeMode(ChecksModel::Detail, QHeaderView::Stretch);
    return view;
}

} // namespace

ChecksPane::ChecksPane(QWidget *parent)
    : QTabWidget(parent)
    , m_checks(new ChecksModel(this))
    , m_keyWords(named(new QLabel, u"tokenKeyWords"_s, tr("The key that verified the token")))
    , m_key(new JsonView)
{
    named(this, u"tokenDetailsTabs"_s, tr("Checks and key"));
    setDocumentMode(true);
    m_keyWords->setTextFormat(Qt::PlainText);
    m_keyWords->setWordWrap(true);
    m_keyWords->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_key->setNames(u"tokenKey"_s, tr("The key that verified the token, as JWK"));
    m_key->setLineWrap(true);
    auto *keyTab = new QWidget;
    auto *column = new QVBoxLayout(keyTab);
    column->setContentsMargins(0, Theme::tight, 0, 0);
    column->addWidget(m_keyWords);
    column->addWidget(m_key, 1);
    addTab(makeTable(m_checks), tr("Chec&ks"));
    addTab(keyTab, tr("Ke&y"));
    clear();
}

void ChecksPane::setVerdict(const Bearer::Verdict &verdict, const QStringList &issuers, const QStringList &audience)
{
    m_checks->setChecks(arrangedChecks(verdict, issuers, audience));
    m_keyWords->setText(verdict.keyJwk.isEmpty() ? tr("No key verified this token.") : keyInWords(verdict));
    m_key->setVisible(!verdict.keyJwk.isEmpty());
    m_key->setJson(verdict.keyJwk);
}

void ChecksPane::clear()
{
    m_checks->setChecks({});
    m_keyWords->setText(tr("No token was checked yet."));
    m_key->hide();
    m_key->clear();
}

} // namespace McpAuth::Ui
