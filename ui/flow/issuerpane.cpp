#include "ui/flow/issuerpane.h"

#include "ui/theme.h"
#include "ui/widgets/names.h"
#include "ui/widgets/tooltip.h"

#include <QCheckBox>
#include <QFormLayout>
#include <QLabel>
#include <QListWidget>
#include <QSpinBox>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int longestLifetime = 86'400;
constexpr int faultRole = Qt::UserRole;

} // namespace

IssuerPane::IssuerPane(LocalIssuer *issuer, QWidget *parent)
    : QWidget(parent)
    , m_local(issuer)
    , m_issuer(named(new QLabel, u"flowIssuer"_s, tr("Issuer of the embedded provider")))
    , m_lifetime(named(new QSpinBox, u"flowTokenLifetime"_s, tr("Lifetime of its access tokens")))
    , m_consent(named(new QCheckBox(tr("Consent without asking")), u"flowAutoConsent"_s, tr("Consent without asking")))
    , m_faults(named(new QListWidget, u"flowFaults"_s, tr("Faults of the embedded provider")))
{
    m_issuer->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_issuer->setWordWrap(true);
    m_lifetime->setRange(1, longestLifetime);
    m_lifetime->setSuffix(tr(" s"));
    m_lifetime->setValue(int(issuer->settings().tokenLifetime.count()));
    m_lifetime->setToolTip(tr("A short one shows how a client renews its token."));
    m_consent->setChecked(issuer->settings().autoConsent);
    m_consent->setToolTip(
        tr("Its first user counts as signed in, and no page asks: for browsers and for other clients."));
    addFaults();
    auto *layout = new QFormLayout(this);
    layout->setRowWrapPolicy(QFormLayout::WrapLongRows);
    layout->setContentsMargins(Theme::gap, Theme::gap, Theme::gap, Theme::gap);
    layout->setVerticalSpacing(Theme::tight);
    layout->addRow(m_issuer);
    auto *lifetime = new QLabel(tr("Token l&ifetime"));
    lifetime->setBuddy(m_lifetime);
    layout->addRow(lifetime, m_lifetime);
    layout->addRow(m_consent);
    auto *faults = new QLabel(tr("Faults, to see &what a client does about them"));
    faults->setWordWrap(true);
    faults->setBuddy(m_faults);
    layout->addRow(faults);
    layout->addRow(m_faults);
    connect(m_lifetime, &QSpinBox::valueChanged, this, &IssuerPane::apply);
    connect(m_consent, &QCheckBox::toggled, this, &IssuerPane::apply);
    connect(m_faults, &QListWidget::itemChanged, this, &IssuerPane::apply);
    connect(issuer, &LocalIssuer::changed, this, &IssuerPane::showIssuer);
    showIssuer();
}

void IssuerPane::addFaults()
{
    m_faults->setWordWrap(true);
    m_faults->setSpacing(2);
    m_faults->setMinimumHeight(60);
    m_faults->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_faults->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    for (const Demo::Fault fault : Demo::faults()) {
        auto *item = new QListWidgetItem(Demo::description(fault), m_faults);
        item->setToolTip(plainToolTip(Demo::toString(fault)));
        item->setData(faultRole, int(fault));
        item->setCheckState(m_local->settings().faults.contains(fault) ? Qt::Checked : Qt::Unchecked);
    }
}

int IssuerPane::faultCount() const
{
    return int(m_local->settings().faults.size());
}

void IssuerPane::apply()
{
    IssuerSettings settings;
    settings.tokenLifetime = std::chrono::seconds(m_lifetime->value());
    settings.autoConsent = m_consent->isChecked();
    for (int row = 0; row < m_faults->count(); ++row) {
        const QListWidgetItem *item = m_faults->item(row);
        if (item->checkState() == Qt::Checked)
            settings.faults.insert(Demo::Fault(item->data(faultRole).toInt()));
    }
    m_local->setSettings(settings);
    Q_EMIT faultCountChanged(faultCount());
}

void IssuerPane::showIssuer()
{
    const QString issuer = m_local->url();
    m_issuer->setText(issuer.isEmpty() ? tr("The embedded provider is not running.")
                                       : tr("%1 knows the public client %2.").arg(issuer, embeddedClientId));
}

} // namespace McpAuth::Ui
