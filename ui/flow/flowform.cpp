#include "ui/flow/flowform.h"

#include "metadata/reference.h"
#include "ui/server/serverconfiguration.h"
#include "ui/theme.h"
#include "ui/widgets/names.h"
#include "ui/widgets/problem.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using OAuth::RegistrationPreference;

FlowForm::FlowForm(QWidget *parent)
    : QScrollArea(parent)
{
    auto *content = new QWidget;
    m_layout = new QFormLayout(content);
    m_layout->setRowWrapPolicy(QFormLayout::WrapAllRows);
    m_layout->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_layout->setVerticalSpacing(Theme::tight);
    m_layout->setContentsMargins(Theme::gap, Theme::gap, Theme::gap, Theme::gap);
    addChoices();
    addClient();
    addRequest();
    addRedirect();
    addKeeping();
    addOverrides();
    setWidget(content);
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    named(this, u"flowForm"_s, tr("How the flow is run"));
    setConfiguration({});
}

void FlowForm::addRow(const QString &label, QWidget *field)
{
    auto *text = new QLabel(label);
    text->setBuddy(field);
    m_layout->addRow(text, field);
}

void FlowForm::addRow(const QString &label, QWidget *field, FlowField problem)
{
    addRow(label, field);
    auto *words = named(new QLabel, u"flowProblem%1"_s.arg(int(problem)), tr("Problem"));
    words->setTextFormat(Qt::PlainText);
    words->setWordWrap(true);
    words->setTextInteractionFlags(Qt::TextSelectableByMouse);
    words->hide();
    m_layout->addRow(words);
    m_fields.insert(problem, field);
    m_problems.insert(problem, words);
}

void FlowForm::addChoices()
{
    m_browser = named(new QComboBox, u"flowBrowser"_s, tr("Who signs in"));
    m_browser->addItem(tr("Sign in for me at the embedded provider"), int(FlowRequest::Browser::SignedIn));
    m_browser->addItem(tr("Open the system's browser"), int(FlowRequest::Browser::System));
    m_browser->setToolTip(tr("The embedded provider takes its first user as signed in, without a browser. Every other "
                             "provider opens in the system's browser."));
    m_browser->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    addRow(tr("Bro&wser"), m_browser);
    m_revision = named(new QComboBox, u"flowRevision"_s, tr("MCP revision"));
    m_revision->addItems(Metadata::specificationRevisions());
    addRow(tr("Rev&ision"), m_revision);
    m_registration = named(new QComboBox, u"flowRegistration"_s, tr("Registration"));
    m_registration->addItem(tr("Automatic"), int(RegistrationPreference::Automatic));
    m_registration->addItem(tr("Client ID Metadata Document"), int(RegistrationPreference::MetadataDocument));
    m_registration->addItem(tr("Dynamic client registration"), int(RegistrationPreference::Dynamic));
    m_registration->addItem(tr("Preregistered"), int(RegistrationPreference::Preregistered));
    m_registration->setToolTip(tr("Automatic takes what is given below, else what the provider offers, in the order of "
                                  "the specification."));
    addRow(tr("Re&gistration"), m_registration);
    for (QComboBox *box : {m_browser, m_revision, m_registration}) {
        connect(box, &QComboBox::currentIndexChanged, this, &FlowForm::updateFields);
        connect(box, &QComboBox::currentIndexChanged, this, &FlowForm::changed);
    }
}

void FlowForm::addClient()
{
    m_clientId = named(new QLineEdit, u"flowClientId"_s, tr("Client ID"));
    m_clientId->setPlaceholderText(tr("none: the client registers itself"));
    addRow(tr("C&lient ID"), m_clientId, FlowField::ClientId);
    m_clientSecret = named(new QLineEdit, u"flowClientSecret"_s, tr("Client secret"));
    m_clientSecret->setEchoMode(QLineEdit::Password);
    m_clientSecret->setPlaceholderText(tr("none: a public client"));
    m_clientSecret->setToolTip(tr("Kept together with the tokens, where credentials are kept: in the system's keychain "
                                  "or in memory. Never in the settings."));
    addRow(tr("Client secret"), m_clientSecret, FlowField::ClientSecret);
    m_clientIssuer = named(new QLineEdit, u"flowClientIssuer"_s, tr("Issuer of the client ID"));
    m_clientIssuer->setPlaceholderText(u"https://login.example.com"_s);
    m_clientIssuer->setToolTip(
        tr("The authorization server that the client ID and its secret belong to: they go to no other. Left empty for "
           "a client without a secret, it is filled in with the first one that issues it a token."));
    addRow(tr("Client issuer"), m_clientIssuer, FlowField::ClientIssuer);
    connect(m_clientIssuer, &QLineEdit::textEdited, this, [this] { m_isIssuerLearnt = false; });
    for (QLineEdit *line : {m_clientId, m_clientSecret})
        connect(line, &QLineEdit::textEdited, this, &FlowForm::forgetLearntIssuer);
    m_clientAuthMethod = named(new QComboBox, u"flowClientAuthMethod"_s, tr("Client authentication"));
    m_clientAuthMethod->addItem(tr("What the provider lists"), QString());
    for (const auto method : {OAuth::ClientAuthMethod::ClientSecretBasic, OAuth::ClientAuthMethod::ClientSecretPost})
        m_clientAuthMethod->addItem(OAuth::toString(method), OAuth::toString(method));
    m_clientAuthMethod->setToolTip(tr("How the client secret is sent. Some providers do not decode a secret with "
                                      "special characters in client_secret_basic."));
    addRow(tr("Client authentication"), m_clientAuthMethod);
    connect(m_clientAuthMethod, &QComboBox::currentIndexChanged, this, &FlowForm::changed);
    m_metadataUrl = named(new QLineEdit, u"flowMetadataUrl"_s, tr("Client ID Metadata Document"));
    m_metadataUrl->setPlaceholderText(u"https://app.example.com/client.json"_s);
    m_metadataUrl->setToolTip(tr("Where the client's own metadata lies: the URL is its client ID."));
    addRow(tr("Client metadata &URL"), m_metadataUrl, FlowField::ClientMetadataUrl);
    for (QLineEdit *line : {m_clientId, m_clientSecret, m_clientIssuer, m_metadataUrl})
        connect(line, &QLineEdit::textChanged, this, &FlowForm::changed);
}

void FlowForm::addRequest()
{
    m_authorizationServer = named(new QLineEdit, u"flowAuthorizationServer"_s, tr("Authorization server"));
    m_authorizationServer->setPlaceholderText(tr("the first that the server names"));
    m_authorizationServer->setToolTip(
        tr("The issuer to use where the MCP server names several, or none (--authorization-server)."));
    addRow(tr("Authorization server"), m_authorizationServer);
    m_scopes = named(new QLineEdit, u"flowScopes"_s, tr("Scopes"));
    m_scopes->setPlaceholderText(tr("what the server and the provider say"));
    m_scopes->setToolTip(tr("Asked for in place of what the specification would choose, between blanks."));
    addRow(tr("Scopes to &ask for"), m_scopes, FlowField::Scopes);
    m_prompt = named(new QComboBox, u"flowPrompt"_s, tr("Prompt"));
    m_prompt->addItem(tr("Automatic"), QString());
    for (const auto word : {"login"_L1, "consent"_L1, "select_account"_L1, "none"_L1})
        m_prompt->addItem(word, QString(word));
    m_prompt->addItem(tr("Leave it out"), u"omit"_s);
    m_prompt->setToolTip(tr("What the provider asks the user again (OpenID Connect Core 1.0 §3.1.2.1). Automatic asks "
                            "for consent together with offline_access."));
    addRow(tr("Prompt"), m_prompt);
    m_parameters = named(new QLineEdit, u"flowParameters"_s, tr("More authorization parameters"));
    m_parameters->setPlaceholderText(u"audience=https://api.example.com"_s);
    m_parameters->setToolTip(tr("Added to the authorization request: name=value, between blanks."));
    addRow(tr("More authorization parameters"), m_parameters, FlowField::AuthorizationParameters);
    for (QLineEdit *line : {m_authorizationServer, m_scopes, m_parameters})
        connect(line, &QLineEdit::textChanged, this, &FlowForm::changed);
    connect(m_prompt, &QComboBox::currentIndexChanged, this, &FlowForm::changed);
}

void FlowForm::addRedirect()
{
    m_redirectHost = named(new QComboBox, u"flowRedirectHost"_s, tr("Host of the redirect"));
    m_redirectHost->addItems({u"127.0.0.1"_s, u"[::1]"_s, u"localhost"_s});
    m_redirectHost->setToolTip(tr("Where the browser comes back to (RFC 8252 §7.3). Some providers take only one of "
                                  "them."));
    addRow(tr("Redirect to"), m_redirectHost);
    m_redirectPort = named(new QSpinBox, u"flowRedirectPort"_s, tr("Port of the redirect"));
    m_redirectPort->setRange(0, 65'535);
    m_redirectPort->setSpecialValueText(tr("any free port"));
    m_redirectPort->setToolTip(tr("For providers that compare the port with the registered redirect URI."));
    addRow(tr("Redirect port"), m_redirectPort);
    m_redirectPath = named(new QLineEdit, u"flowRedirectPath"_s, tr("Path of the redirect"));
    addRow(tr("Redirect path"), m_redirectPath, FlowField::RedirectPath);
    connect(m_redirectHost, &QComboBox::currentIndexChanged, this, &FlowForm::changed);
    connect(m_redirectPort, &QSpinBox::valueChanged, this, &FlowForm::changed);
    connect(m_redirectPath, &QLineEdit::textChanged, this, &FlowForm::changed);
}

void FlowForm::addKeeping()
{
    m_keeping = named(new QComboBox, u"flowKeeping"_s, tr("Where credentials are kept"));
    m_keeping->addItem(tr("In the system's keychain"), int(Keeping::Keychain));
    m_keeping->addItem(tr("In memory, until this program ends"), int(Keeping::Memory));
    m_keeping->addItem(tr("Nowhere: register and sign in each time"), int(Keeping::Nowhere));
    m_keeping->setToolTip(
        tr("Registrations and tokens, for the next flow and for the Console. Never in a plain file; of "
           "the embedded server nothing is kept."));
    m_keeping->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    addRow(tr("Keep credentials"), m_keeping);
    connect(m_keeping, &QComboBox::currentIndexChanged, this, &FlowForm::changed);
}

void FlowForm::setKeychainAvailable(bool available)
{
    const int index = m_keeping->findData(int(Keeping::Keychain));
    if (available || index < 0)
        return;
    const QSignalBlocker silence(m_keeping); // the user has chosen nothing
    m_keeping->removeItem(index);
    m_keeping->setToolTip(
        tr("This system has no keychain that can be reached, so registrations and tokens stay in memory "
           "until this program ends; never in a plain file."));
}

void FlowForm::addOverrides()
{
    auto *title = new QLabel(tr("Overrides, for this server only"));
    title->setToolTip(tr("What a strict client refuses. Reset when the URL changes, and not kept for the next start."));
    QFont font = title->font();
    font.setBold(true);
    title->setFont(font);
    m_layout->addRow(title);
    for (const Override &entry : overrides()) {
        const QString text = QCoreApplication::translate("FlowConfiguration", entry.title);
        auto *box = named(new QCheckBox(text), u"flowOverride_"_s + QLatin1StringView(entry.name), text);
        box->setToolTip(QCoreApplication::translate("FlowConfiguration", entry.tip));
        connect(box, &QCheckBox::toggled, this, &FlowForm::changed);
        m_layout->addRow(box);
        m_overrides.append(box);
    }
}

void FlowForm::updateFields()
{
    const auto registration = RegistrationPreference(m_registration->currentData().toInt());
    const bool automatic = registration == RegistrationPreference::Automatic;
    const bool client = automatic || registration == RegistrationPreference::Preregistered;
    m_clientId->setEnabled(client);
    m_clientSecret->setEnabled(client);
    m_clientIssuer->setEnabled(client);
    m_clientAuthMethod->setEnabled(client);
    m_metadataUrl->setEnabled(automatic || registration == RegistrationPreference::MetadataDocument);
}

FlowConfiguration FlowForm::configuration() const
{
    FlowConfiguration configuration;
    configuration.revision = m_revision->currentText();
    configuration.registration = RegistrationPreference(m_registration->currentData().toInt());
    if (m_clientId->isEnabled()) {
        configuration.clientId = m_clientId->text().trimmed();
        configuration.clientSecret = m_clientSecret->text();
        configuration.clientIssuer = m_clientIssuer->text().trimmed();
        configuration.isIssuerLearnt = m_isIssuerLearnt;
        configuration.clientAuthMethod = m_clientAuthMethod->currentData().toString();
    }
    if (m_metadataUrl->isEnabled())
        configuration.clientMetadataUrl = m_metadataUrl->text().trimmed();
    configuration.scopes = wordsOf(m_scopes->text());
    configuration.prompt = m_prompt->currentData().toString();
    configuration.authorizationParameters = wordsOf(m_parameters->text());
    configuration.authorizationServer = m_authorizationServer->text().trimmed();
    configuration.redirectHost = m_redirectHost->currentText();
    configuration.redirectPort = static_cast<quint16>(m_redirectPort->value());
    configuration.redirectPath = m_redirectPath->text().trimmed();
    configuration.browser = FlowRequest::Browser(m_browser->currentData().toInt());
    configuration.keeping = Keeping(m_keeping->currentData().toInt());
    for (qsizetype i = 0; i < m_overrides.size(); ++i)
        configuration.overrides.*overrides()[i].member = m_overrides[i]->isChecked();
    return configuration;
}

void FlowForm::setConfiguration(const FlowConfiguration &configuration)
{
    m_revision->setCurrentText(configuration.revision);
    m_registration->setCurrentIndex(m_registration->findData(int(configuration.registration)));
    m_clientId->setText(configuration.clientId);
    m_clientSecret->setText(configuration.clientSecret);
    m_clientIssuer->setText(configuration.clientIssuer);
    m_isIssuerLearnt = configuration.isIssuerLearnt;
    m_clientAuthMethod->setCurrentIndex(std::max(0, m_clientAuthMethod->findData(configuration.clientAuthMethod)));
    m_metadataUrl->setText(configuration.clientMetadataUrl);
    m_scopes->setText(configuration.scopes.join(u' '));
    m_prompt->setCurrentIndex(std::max(0, m_prompt->findData(configuration.prompt)));
    m_parameters->setText(configuration.authorizationParameters.join(u' '));
    m_authorizationServer->setText(configuration.authorizationServer);
    m_redirectHost->setCurrentText(configuration.redirectHost);
    m_redirectPort->setValue(configuration.redirectPort);
    m_redirectPath->setText(configuration.redirectPath);
    m_browser->setCurrentIndex(m_browser->findData(int(configuration.browser)));
    m_keeping->setCurrentIndex(std::max(0, m_keeping->findData(int(configuration.keeping))));
    for (qsizetype i = 0; i < m_overrides.size(); ++i)
        m_overrides[i]->setChecked(configuration.overrides.*overrides()[i].member);
    updateFields();
}

void FlowForm::clearForServer()
{
    for (QCheckBox *box : std::as_const(m_overrides))
        box->setChecked(false);
    m_clientSecret->clear();
    m_authorizationServer->clear();
}

void FlowForm::learnClientIssuer(const OAuth::ClientInformation &client, const QString &issuer)
{
    if (client.origin == OAuth::ClientInformation::Origin::Preregistered && m_clientIssuer->text().isEmpty() &&
        m_clientId->text().trimmed() == client.clientId) {
        m_isIssuerLearnt = true;
        m_clientIssuer->setText(issuer);
    }
}

/// A client ID or a secret is entered: whose they are nobody has said.
void FlowForm::forgetLearntIssuer()
{
    if (std::exchange(m_isIssuerLearnt, false))
        m_clientIssuer->clear();
}

void FlowForm::focusClientId()
{
    m_clientId->setFocus(Qt::OtherFocusReason);
    ensureWidgetVisible(m_clientId);
}

void FlowForm::showProblems(const QList<FlowProblem> &problems)
{
    for (QLabel *label : std::as_const(m_problems))
        label->hide();
    bool focused = false;
    for (const FlowProblem &problem : problems) {
        QLabel *label = m_problems.value(problem.field);
        if (!label)
            continue;
        showProblem(label, problem.message);
        if (std::exchange(focused, true))
            continue;
        m_fields.value(problem.field)->setFocus();
        widget()->layout()->activate();
        ensureWidgetVisible(label);
    }
}

} // namespace McpAuth::Ui
