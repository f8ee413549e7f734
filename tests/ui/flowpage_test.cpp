#include "flowsteps.h"
#include "support.h"
#include "ui/flow/flowconfiguration.h"
#include "ui/flow/flowform.h"
#include "ui/flow/flowpage.h"
#include "ui/flow/flowverdict.h"
#include "ui/flow/sequencediagram.h"
#include "ui/flow/stepmodel.h"
#include "ui/widgets/banner.h"

#include <QCheckBox>
#include <QClipboard>
#include <QFileDialog>
#include <QLabel>
#include <QListView>
#include <QListWidget>
#include <QMenu>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QTabWidget>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTextBrowser>
#include <QThread>
#include <QToolButton>
#include <QTranslator>
#include <QTreeView>

#include <gmock/gmock.h>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

using OAuth::StepKind;
using OAuth::StepState;
using Test::Answering;
using Test::click;
using Test::failedFlow;
using Test::find;
using Test::namelessInputs;
using Test::wait;
using Test::waitFor;
using testing::ElementsAre;
using testing::IsEmpty;

/// The page on an engine whose provider and server run.
class FlowPageTest : public testing::Test
{
protected:
    void SetUp() override
    {
        QSettings().clear();
        engine = std::make_unique<Engine>();
        ASSERT_TRUE(wait(engine->issuer()->start()));
        Mcp::ServerOptions options;
        options.authServers = {{.issuer = engine->issuer()->url(), .type = Metadata::ServerType::OAuth}};
        ASSERT_TRUE(wait(engine->server()->start(options)));
        page = std::make_unique<FlowPage>(engine.get());
        page->resize(1100, 640);
        page->show();
    }

    void TearDown() override
    {
        page.reset();
        engine.reset();
    }

    [[nodiscard]] Banner *banner() const { return find<Banner>(page.get(), "flowBanner"); }
    [[nodiscard]] bool ended() const { return !find<QPushButton>(page.get(), "flowCancel")->isEnabled(); }
    [[nodiscard]] bool paused() const { return !ended() && find<QPushButton>(page.get(), "flowStep")->isEnabled(); }

    [[nodiscard]] const QList<OAuth::Step> &steps() const { return page->findChild<StepModel *>()->steps(); }

    [[nodiscard]] QList<StepState> states() const
    {
        QList<StepState> states;
        for (const OAuth::Step &step : steps())
            states.append(step.state);
        return states;
    }

    /// Runs to the end; false when it does not come.
    bool runThrough()
    {
        click(page.get(), "flowRun");
        return waitFor([&] { return ended(); });
    }

    void setFaults(const QSet<Demo::Fault> &faults) { engine->issuer()->setSettings({.faults = faults}); }

    [[nodiscard]] std::string said() const { return (banner()->title() + u" / "_s + banner()->detail()).toStdString(); }

    std::unique_ptr<Engine> engine;
    std::unique_ptr<FlowPage> page;
};

/// What a browser does with a page that asks nothing.
void visit(QNetworkAccessManager *browser, const QUrl &url)
{
    QNetworkRequest request(url);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::NoLessSafeRedirectPolicy);
    QNetworkReply *reply = browser->get(request);
    QObject::connect(reply, &QNetworkReply::finished, reply, &QObject::deleteLater);
}

int unusedPort()
{
    QTcpServer server;
    server.listen(QHostAddress::LocalHost);
    return server.serverPort();
}

} // namespace

TEST(FlowConfiguration, NeedsAServersUrl)
{
    EXPECT_THAT(problemsOf({}, u"https://mcp.example.com/mcp"_s), IsEmpty());
    for (const QString &url : {u""_s, u"mcp.example.com"_s, u"ftp://mcp.example.com"_s, u"https://"_s}) {
        const auto problems = problemsOf({}, url);
        ASSERT_EQ(problems.size(), 1) << url.toStdString();
        EXPECT_EQ(problems.first().field, FlowField::McpUrl);
    }
}

TEST(FlowConfiguration, NeedsWhatTheForcedRegistrationNeeds)
{
    const QString url = u"https://mcp.example.com/mcp"_s;
    const auto preregistered = problemsOf({.registration = OAuth::RegistrationPreference::Preregistered}, url);
    ASSERT_EQ(preregistered.size(), 1);
    EXPECT_EQ(preregistered.first().field, FlowField::ClientId);
    const auto document = problemsOf({.registration = OAuth::RegistrationPreference::MetadataDocument}, url);
    ASSERT_EQ(document.size(), 1);
    EXPECT_EQ(document.first().field, FlowField::ClientMetadataUrl);
    const auto scopes = problemsOf({.scopes = {u"read"_s, u"wr\"ite"_s}}, url); // RFC 6749 §3.3
    ASSERT_EQ(scopes.size(), 1);
    EXPECT_EQ(scopes.first().field, FlowField::Scopes);
}

void expectSameRequest(const FlowConfiguration &actual, const FlowConfiguration &expected)
{
    EXPECT_EQ(actual.prompt, expected.prompt);
    EXPECT_EQ(actual.authorizationParameters, expected.authorizationParameters);
    EXPECT_EQ(actual.authorizationServer, expected.authorizationServer);
    EXPECT_EQ(actual.redirectHost, expected.redirectHost);
    EXPECT_EQ(actual.redirectPort, expected.redirectPort);
    EXPECT_EQ(actual.redirectPath, expected.redirectPath);
}

TEST(FlowConfiguration, IsKeptWithoutTheSecretAndTheOverrides)
{
    QSettings settings;
    settings.clear();
    FlowConfiguration configuration{.revision = u"2025-06-18"_s,
                                    .registration = OAuth::RegistrationPreference::Dynamic,
                                    .clientId = u"me"_s,
                                    .clientSecret = u"hush-hush"_s,
                                    .clientIssuer = u"https://login.example.com"_s,
                                    .clientAuthMethod = u"client_secret_post"_s,
                                    .scopes = {u"read"_s},
                                    .prompt = u"login"_s,
                                    .authorizationParameters = {u"audience=a"_s},
                                    .redirectHost = u"localhost"_s,
                                    .redirectPort = 4711,
                                    .redirectPath = u"/cb"_s,
                                    .browser = FlowRequest::Browser::System,
                                    .keeping = Keeping::Memory};
    configuration.overrides.omitResource = true;
    saveFlowConfiguration(configuration, settings);
    const FlowConfiguration loaded = loadFlowConfiguration(settings);
    EXPECT_EQ(loaded.revision, configuration.revision);
    EXPECT_EQ(loaded.registration, configuration.registration);
    EXPECT_EQ(loaded.clientId, configuration.clientId);
    EXPECT_EQ(loaded.clientIssuer, configuration.clientIssuer);
    EXPECT_EQ(loaded.clientAuthMethod, configuration.clientAuthMethod);
    EXPECT_EQ(loaded.scopes, configuration.scopes);
    expectSameRequest(loaded, configuration);
    EXPECT_EQ(loaded.browser, configuration.browser);
    EXPECT_EQ(loaded.keeping, configuration.keeping);
    EXPECT_FALSE(loaded.overrides.omitResource); // for one server, not for every later one
    EXPECT_TRUE(loaded.clientSecret.isEmpty());
    for (const QString &key : settings.allKeys())
        EXPECT_FALSE(settings.value(key).toString().contains(u"hush"_s)) << key.toStdString();
}

TEST(FlowConfiguration, KeepsCredentialsInTheKeychainButForTheEmbeddedServers)
{
    ServerState embedded;
    embedded.url = u"http://127.0.0.1:3001/mcp"_s;
    EXPECT_EQ(keepingFor({}, u"https://mcp.example.com/mcp"_s, embedded), Keeping::Keychain);
    EXPECT_EQ(keepingFor({}, embedded.url, embedded), Keeping::Nowhere);
}

TEST(FlowConfiguration, ASecretNeedsTheIssuerThatItBelongsTo)
{
    const QString url = u"https://mcp.example.com/mcp"_s;
    FlowConfiguration configuration{.clientId = u"me"_s, .clientSecret = u"hush"_s};
    const auto problems = problemsOf(configuration, url);
    ASSERT_EQ(problems.size(), 1);
    EXPECT_EQ(problems.first().field, FlowField::ClientIssuer);
    EXPECT_EQ(problemsOf({.clientId = u"me"_s, .clientAuthMethod = u"client_secret_post"_s}, url).first().field,
              FlowField::ClientSecret);
    configuration.clientIssuer = u"https://login.example.com"_s;
    EXPECT_THAT(problemsOf(configuration, url), IsEmpty());
    EXPECT_EQ(toRequest(configuration, url, false).options.preregistered->issuer, configuration.clientIssuer);
    EXPECT_EQ(toRequest(configuration, url, false).options.preregistered->registeredMethod, std::nullopt);
    configuration.clientAuthMethod = u"client_secret_post"_s;
    EXPECT_EQ(toRequest(configuration, url, false).options.preregistered->registeredMethod,
              OAuth::ClientAuthMethod::ClientSecretPost);
}

TEST(FlowForm, SaysWhatTheRequestAsksFor)
{
    const FlowConfiguration configuration{.prompt = u"select_account"_s,
                                          .authorizationParameters = {u"audience=a=b"_s, u"x=1"_s},
                                          .authorizationServer = u"https://as.example.com"_s,
                                          .redirectHost = u"localhost"_s,
                                          .redirectPort = 4711,
                                          .redirectPath = u"/cb"_s};
    FlowForm form;
    form.setConfiguration(configuration);
    expectSameRequest(form.configuration(), configuration);
    const FlowRequest request = toRequest(form.configuration(), u"https://m.example/mcp"_s, false);
    const OAuth::FlowOptions &options = request.options;
    EXPECT_EQ(options.prompt, u"select_account"_s);
    EXPECT_EQ(options.authorizationParameters, (Http::Form{{u"audience"_s, u"a=b"_s}, {u"x"_s, u"1"_s}}));
    EXPECT_EQ(options.authorizationServer, configuration.authorizationServer);
    EXPECT_EQ(request.redirect.port, 4711);
    EXPECT_EQ(request.redirect.path, u"/cb"_s);
    EXPECT_FALSE(toRequest({}, u"https://m.example/mcp"_s, false).options.prompt);
    EXPECT_EQ(toRequest({.prompt = u"omit"_s}, u"https://m.example/mcp"_s, false).options.prompt, QString());
}

TEST(FlowConfiguration, RefusesParametersWithoutAValueAndAPathWithoutASlash)
{
    const auto problems =
        problemsOf({.authorizationParameters = {u"audience"_s}, .redirectPath = u"cb"_s}, u"https://m.example/mcp"_s);
    ASSERT_EQ(problems.size(), 2);
    EXPECT_EQ(problems.first().field, FlowField::AuthorizationParameters);
    EXPECT_EQ(problems.last().field, FlowField::RedirectPath);
}

TEST(FlowForm, OffersMemoryWhereThereIsNoKeychain)
{
    FlowForm form;
    EXPECT_EQ(form.configuration().keeping, Keeping::Keychain);
    form.setKeychainAvailable(false);
    EXPECT_EQ(form.configuration().keeping, Keeping::Memory);
    EXPECT_EQ(find<QComboBox>(&form, "flowKeeping")->findData(int(Keeping::Keychain)), -1);
    EXPECT_TRUE(find<QComboBox>(&form, "flowKeeping")->toolTip().contains(u"no keychain"));
}

TEST(FlowConfiguration, TakesNothingThatItDoesNotKnow)
{
    QSettings settings;
    settings.clear();
    settings.setValue(u"flow/revision"_s, u"1999-01-01"_s);
    settings.setValue(u"flow/registration"_s, 77);
    settings.setValue(u"flow/redirectHost"_s, u"evil.example"_s);
    const FlowConfiguration loaded = loadFlowConfiguration(settings);
    EXPECT_EQ(loaded.revision, FlowConfiguration().revision);
    EXPECT_EQ(loaded.registration, FlowConfiguration().registration);
    EXPECT_EQ(loaded.redirectHost, u"127.0.0.1"_s);
}

TEST(FlowForm, GivesOnlyWhatTheRegistrationUses)
{
    FlowForm form;
    form.setConfiguration({.registration = OAuth::RegistrationPreference::Dynamic, .clientId = u"me"_s});
    EXPECT_TRUE(form.configuration().clientId.isEmpty());
    EXPECT_FALSE(find<QLineEdit>(&form, "flowClientId")->isEnabled());
    form.setConfiguration({.registration = OAuth::RegistrationPreference::Preregistered, .clientId = u"me"_s});
    EXPECT_EQ(form.configuration().clientId, u"me"_s);
    EXPECT_EQ(find<QLineEdit>(&form, "flowClientSecret")->echoMode(), QLineEdit::Password);
}

TEST(FlowVerdict, SaysWhatTheTokenIsGoodFor)
{
    const TimePoint now{std::chrono::seconds(1'700'000'000)};
    OAuth::Authorization authorization;
    authorization.mcpUrl = u"https://mcp.example.com/mcp"_s;
    authorization.client.clientId = u"client_7f3a"_s;
    authorization.tokens.scopes = {u"read"_s, u"write"_s};
    authorization.tokens.expiresAt = now + std::chrono::minutes(15);
    const FlowVerdict verdict = verdictOf(authorization, {}, now);
    EXPECT_EQ(verdict.level, Level::Ok);
    EXPECT_EQ(verdict.title, u"Authorized: the server accepts the token"_s);
    EXPECT_EQ(verdict.detail, u"read write · for 15 minutes · no refresh token"_s);
    authorization.callError = Error{u"fresh_token_refused"_s, u"No."_s};
    const FlowVerdict refused = verdictOf(authorization, {}, now);
    authorization.callError = Error{u"mcp_unreachable"_s, u"No."_s};
    EXPECT_EQ(verdictOf(authorization, {}, now).level, Level::Warning); // which is not the token's fault
    EXPECT_EQ(refused.level, Level::Error);
    EXPECT_TRUE(refused.detail.startsWith(u"No.")) << refused.detail.toStdString();
}

TEST(FlowVerdict, NamesTheStepThatFailedAndWhatCanBeDone)
{
    const QList<OAuth::Step> steps = failedFlow();
    const FlowVerdict verdict = verdictOf(fail(steps[2].error), steps, systemClock()());
    EXPECT_EQ(verdict.title, u"Step 3 failed: Provider metadata"_s);
    EXPECT_EQ(verdict.action, FlowAction::UseOverride);
    const FlowVerdict closed = verdictOf(fail(u"registration_not_supported"_s, u"No."_s), steps, systemClock()());
    EXPECT_EQ(closed.action, FlowAction::EnterClientId);
    const Error forgotten{u"timeout"_s, u"Nothing."_s, {{u"stored_client"_s, u"c"_s}}};
    EXPECT_EQ(verdictOf(std::unexpected(forgotten), steps, systemClock()()).action, FlowAction::RegisterAnew);
    const FlowVerdict early = verdictOf(fail(u"invalid_options"_s, u"No."_s), {}, systemClock()());
    EXPECT_EQ(early.title, u"The flow failed"_s);
}

TEST(FlowVerdict, TakesWhatTheUserEndedForNoFailure)
{
    EXPECT_EQ(verdictOf(fail(u"cancelled"_s, u"Cancelled."_s), failedFlow(), systemClock()()).level, Level::Skipped);
}

TEST(StepModel, ListsEveryStepBeforeAnyBegins)
{
    StepModel model;
    EXPECT_EQ(model.rowCount(), OAuth::stepKinds().size());
    model.setStep(failedFlow().at(2));
    EXPECT_EQ(model.index(2).data(StepModel::DecisionRole).toString(), failedFlow().at(2).error.message);
    EXPECT_TRUE(model.index(2).data(Qt::AccessibleTextRole).toString().contains(u"failed"_s));
    model.clear();
    EXPECT_TRUE(model.index(2).data(StepModel::DecisionRole).toString().isEmpty());
}

TEST_F(FlowPageTest, InvitesToTryItAndDoesByOneClick)
{
    click(page.get(), "flowTryEmbedded");
    ASSERT_TRUE(waitFor([&] { return ended(); }));
    ASSERT_TRUE(page->authorization()) << said();
    EXPECT_THAT(states(), testing::Each(StepState::Done));
    ASSERT_TRUE(page->authorization());
    const Secret token = page->authorization()->tokens.accessToken;
    EXPECT_TRUE(wait(engine->server()->judge(token, {})).accepted);
    EXPECT_EQ(find<QComboBox>(page.get(), "flowUrl")->currentText(), engine->server()->state().url);
    EXPECT_TRUE(find<SequenceDiagram>(page.get(), "flowDiagram")->isVisible());
}

TEST_F(FlowPageTest, StartsTheServerForThat)
{
    wait(engine->server()->stop());
    click(page.get(), "flowTryEmbedded");
    ASSERT_TRUE(waitFor([&] { return page->authorization().has_value(); })) << said();
    EXPECT_TRUE(engine->server()->state().running);
}

TEST_F(FlowPageTest, ShowsTheTokenOnlyWhenAsked)
{
    auto *text = find<QLineEdit>(page.get(), "flowAccessToken");
    EXPECT_FALSE(text->isVisible());
    ASSERT_TRUE(runThrough());
    ASSERT_TRUE(page->authorization()) << said();
    const QString token = QString::fromLatin1(page->authorization()->tokens.accessToken.reveal());
    EXPECT_TRUE(text->isVisible());
    EXPECT_FALSE(text->text().contains(token));
    click(page.get(), "flowReveal");
    EXPECT_EQ(text->text(), token);
    click(page.get(), "flowReveal");
    EXPECT_FALSE(text->text().contains(token));
    click(page.get(), "flowCopyToken");
    EXPECT_EQ(QGuiApplication::clipboard()->text(), token);
    EXPECT_FALSE(find<QWidget>(page.get(), "flowToConsole")->isVisible());
}

TEST_F(FlowPageTest, HandsTheTokenOnAsItIs)
{
    page->setConsoleAvailable(true);
    ASSERT_TRUE(runThrough());
    ASSERT_TRUE(page->authorization()) << said();
    QByteArray token;
    QString client;
    QObject::connect(page.get(), &FlowPage::tokenPageRequested, page.get(), [&](const QByteArray &t) { token = t; });
    QObject::connect(page.get(), &FlowPage::consoleRequested, page.get(),
                     [&](const OAuth::Authorization &authorization) { client = authorization.client.clientId; });
    click(page.get(), "flowToToken");
    click(page.get(), "flowToConsole");
    EXPECT_EQ(token, page->authorization()->tokens.accessToken.reveal());
    EXPECT_EQ(client, page->authorization()->client.clientId);
    EXPECT_FALSE(client.isEmpty());
}

TEST_F(FlowPageTest, StepsByHandAndThenRunsOn)
{
    click(page.get(), "flowStep");
    ASSERT_TRUE(waitFor([&] { return paused(); })) << said();
    EXPECT_EQ(states().first(), StepState::Done);
    EXPECT_EQ(states().at(1), StepState::Waiting);
    click(page.get(), "flowStep");
    ASSERT_TRUE(waitFor([&] { return paused(); })) << said();
    EXPECT_EQ(states().at(1), StepState::Done);
    EXPECT_EQ(states().at(2), StepState::Waiting);
    click(page.get(), "flowRun");
    ASSERT_TRUE(waitFor([&] { return ended(); }));
    EXPECT_TRUE(page->authorization()) << said();
}

TEST_F(FlowPageTest, StepsToTheEnd)
{
    int presses = 0;
    click(page.get(), "flowStep");
    while (waitFor([&] { return paused() || ended(); }) && !ended()) {
        click(page.get(), "flowStep");
        ++presses;
    }
    EXPECT_EQ(presses, OAuth::stepKinds().size() - 1);
    EXPECT_TRUE(page->authorization()) << said();
}

TEST_F(FlowPageTest, CancelsByKeyWhereItIsPaused)
{
    click(page.get(), "flowStep");
    ASSERT_TRUE(waitFor([&] { return paused(); }));
    ASSERT_TRUE(QTest::qWaitForWindowActive(page.get()));
    QTest::keyClick(page.get(), Qt::Key_Escape);
    ASSERT_TRUE(waitFor([&] { return ended(); }));
    EXPECT_EQ(banner()->title(), u"Cancelled"_s);
    EXPECT_EQ(banner()->level(), Level::Skipped);
    EXPECT_TRUE(find<QPushButton>(page.get(), "flowReset")->isEnabled());
}

TEST_F(FlowPageTest, GoesBackToTheStart)
{
    ASSERT_TRUE(runThrough());
    click(page.get(), "flowReset");
    EXPECT_THAT(states(), testing::Each(StepState::Waiting));
    EXPECT_FALSE(page->authorization());
    EXPECT_FALSE(banner()->isVisible());
    EXPECT_TRUE(find<QPushButton>(page.get(), "flowTryEmbedded")->isVisible());
    EXPECT_FALSE(find<QLineEdit>(page.get(), "flowAccessToken")->isVisible());
}

TEST_F(FlowPageTest, RunsByEnterInTheField)
{
    auto *field = find<QComboBox>(page.get(), "flowUrl");
    EXPECT_EQ(field->currentText(), engine->server()->state().url);
    field->setFocus();
    QTest::keyClick(field->lineEdit(), Qt::Key_Return);
    ASSERT_TRUE(waitFor([&] { return page->authorization().has_value(); })) << said();
}

TEST_F(FlowPageTest, ShowsTheExchangeOfTheSelectedMessage)
{
    ASSERT_TRUE(runThrough());
    auto *diagram = find<SequenceDiagram>(page.get(), "flowDiagram");
    diagram->setFocus();
    QTest::keyClick(diagram, Qt::Key_Home);
    EXPECT_EQ(find<QListView>(page.get(), "flowSteps")->currentIndex().row(), 0);
    EXPECT_TRUE(find<QPlainTextEdit>(page.get(), "flowRequestEditor")->toPlainText().startsWith(u"POST /mcp"_s));
    EXPECT_TRUE(find<QPlainTextEdit>(page.get(), "flowResponseEditor")->toPlainText().contains(u"resource_metadata"_s));
}

TEST_F(FlowPageTest, ShowsWhyAStepDecidedAsItDid)
{
    ASSERT_TRUE(runThrough());
    auto *list = find<QListView>(page.get(), "flowSteps");
    list->setCurrentIndex(list->model()->index(1, 0));
    EXPECT_EQ(find<SequenceDiagram>(page.get(), "flowDiagram")->selectedStep(), 1);
    const QString words = find<QTextBrowser>(page.get(), "flowDecision")->toPlainText();
    EXPECT_TRUE(words.contains(steps().at(1).decision)) << words.toStdString();
    EXPECT_TRUE(words.contains(steps().at(1).rule));
}

TEST_F(FlowPageTest, ReadsTheTokenOfTheLastStep)
{
    ASSERT_TRUE(runThrough());
    auto *list = find<QListView>(page.get(), "flowSteps");
    list->setCurrentIndex(list->model()->index(6, 0));
    auto *claims = find<QTreeView>(page.get(), "flowToken");
    EXPECT_EQ(claims->model()->rowCount(), 2);
    auto *tabs = find<QTabWidget>(page.get(), "flowDetail");
    EXPECT_TRUE(tabs->isTabVisible(tabs->indexOf(claims)));
    list->setCurrentIndex(list->model()->index(5, 0));
    EXPECT_FALSE(tabs->isTabVisible(tabs->indexOf(claims)));
}

TEST_F(FlowPageTest, ExportsTheDiagramThroughItsMenu)
{
    ASSERT_TRUE(runThrough());
    const QTemporaryDir folder;
    const auto actions = find<QMenu>(page.get(), "flowExportMenu")->actions();
    ASSERT_EQ(actions.size(), 2);
    for (const auto &[action, name] : {std::pair(actions[0], u"flow.svg"_s), std::pair(actions[1], u"flow.png"_s)}) {
        action->trigger();
        auto *dialog = find<QFileDialog>(page.get(), "flowFileDialog");
        Q_EMIT dialog->fileSelected(folder.filePath(name));
        EXPECT_GT(QFileInfo(folder.filePath(name)).size(), 1000) << name.toStdString();
        Q_EMIT dialog->fileSelected(u"/nowhere/"_s + name);
        EXPECT_EQ(banner()->level(), Level::Error);
        delete dialog;
    }
}

TEST_F(FlowPageTest, ShowsTheLastStepUnlessTheUserChoseAnother)
{
    auto *list = find<QListView>(page.get(), "flowSteps");
    ASSERT_TRUE(runThrough());
    EXPECT_EQ(list->currentIndex().row(), 6);
    list->setCurrentIndex(list->model()->index(2, 0));
    find<QTabWidget>(page.get(), "flowTabs")->setCurrentIndex(1);
    ASSERT_TRUE(runThrough());
    EXPECT_EQ(list->currentIndex().row(), 6) << "a new flow";
    click(page.get(), "flowStep");
    ASSERT_TRUE(waitFor([&] { return paused(); }));
    click(page.get(), "flowStep");
    ASSERT_TRUE(waitFor([&] { return paused(); }));
    list->setCurrentIndex(list->model()->index(0, 0));
    ASSERT_TRUE(runThrough());
    EXPECT_EQ(list->currentIndex().row(), 0);
}

TEST_F(FlowPageTest, HearsOfTheStepsInBatchesAndTheLastWordBeforeTheEnd)
{
    QMap<StepKind, StepState> told;
    bool inBatch = false;
    int batches = 0;
    QElapsedTimer timer;
    QObject::connect(engine->flows(), &Flows::stepChanged, engine.get(), [&](const OAuth::Step &step) {
        told[step.kind] = step.state;
        if (std::exchange(inBatch, true))
            return;
        ++batches;
        QMetaObject::invokeMethod(engine.get(), [&] { inBatch = false; }, Qt::QueuedConnection);
    });
    FlowRequest request;
    request.options.mcpUrl = engine->server()->state().url;
    request.browser = FlowRequest::Browser::SignedIn;
    timer.start();
    const auto outcome = wait(engine->flows()->run(request));
    const int ticks = int(timer.elapsed() / 33);
    ASSERT_TRUE(outcome) << outcome.error().message.toStdString();
    EXPECT_EQ(told.size(), OAuth::stepKinds().size());
    EXPECT_THAT(told.values(), testing::Each(StepState::Done));
    EXPECT_LE(batches, ticks + 2) << "at most 30 a second";
}

TEST_F(FlowPageTest, NeverShowsASecretInAnExchange)
{
    ASSERT_TRUE(runThrough());
    ASSERT_TRUE(page->authorization()) << said();
    const QByteArray token = page->authorization()->tokens.accessToken.reveal();
    for (const OAuth::Step &step : steps()) {
        for (const OAuth::Message &message : step.messages) {
            EXPECT_FALSE(message.exchange.responseBody.contains(token));
            EXPECT_FALSE(message.exchange.requestBody.contains("code_verifier=ey"));
        }
    }
}

TEST_F(FlowPageTest, OpensTheBrowserOnTheScreensThread)
{
    QNetworkAccessManager browser;
    QUrl opened;
    engine->issuer()->setSettings({.autoConsent = true});
    engine->flows()->setBrowser([&](const QUrl &url) {
        EXPECT_EQ(QThread::currentThread(), qApp->thread());
        opened = url;
        visit(&browser, url);
        return true;
    });
    auto *choice = find<QComboBox>(page.get(), "flowBrowser");
    choice->setCurrentIndex(choice->findData(int(FlowRequest::Browser::System)));
    ASSERT_TRUE(runThrough());
    EXPECT_TRUE(page->authorization()) << said();
    EXPECT_TRUE(opened.toString().startsWith(engine->issuer()->url()));
}

TEST_F(FlowPageTest, OpensNothingButWebPages)
{
    bool opened = false;
    engine->flows()->setBrowser([&](const QUrl &) { return opened = true; });
    EXPECT_FALSE(engine->flows()->openBrowser(u"file:///etc/passwd"_s));
    EXPECT_FALSE(engine->flows()->openBrowser(u"javascript:alert(1)"_s));
    EXPECT_FALSE(opened);
    EXPECT_TRUE(engine->flows()->openBrowser(u"https://login.example.com/authorize"_s));
}

TEST_F(FlowPageTest, WaitsForTheUserUntilCancelled)
{
    QString opened;
    engine->flows()->setBrowser([&](const QUrl &url) {
        opened = url.toString(QUrl::FullyEncoded);
        return true;
    });
    auto *choice = find<QComboBox>(page.get(), "flowBrowser");
    choice->setCurrentIndex(choice->findData(int(FlowRequest::Browser::System)));
    click(page.get(), "flowRun");
    const int response = int(StepKind::AuthorizationResponse);
    ASSERT_TRUE(waitFor([&] { return states().at(response) == StepState::Running; })) << said();
    EXPECT_TRUE(banner()->detail().contains(u"browser"_s)) << said();
    click(banner(), "bannerAction");
    EXPECT_EQ(QGuiApplication::clipboard()->text(), opened) << "for another browser";
    click(page.get(), "flowCancel");
    ASSERT_TRUE(waitFor([&] { return ended(); }));
    EXPECT_EQ(states().at(response), StepState::Failed);
    EXPECT_EQ(banner()->level(), Level::Skipped);
}

TEST_F(FlowPageTest, RunsOneFlowAtATime)
{
    click(page.get(), "flowStep");
    ASSERT_TRUE(waitFor([&] { return paused(); }));
    FlowRequest request;
    request.options.mcpUrl = engine->server()->state().url;
    const auto second = wait(engine->flows()->run(request));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, u"flow_running"_s);
}

TEST_F(FlowPageTest, NeedsNoRegistrationWithAClientThatTheProviderKnows)
{
    auto *registration = find<QComboBox>(page.get(), "flowRegistration");
    registration->setCurrentIndex(registration->findData(int(OAuth::RegistrationPreference::Preregistered)));
    find<QLineEdit>(page.get(), "flowClientId")->setText(embeddedClientId);
    ASSERT_TRUE(runThrough());
    ASSERT_TRUE(page->authorization()) << said();
    EXPECT_EQ(page->authorization()->client.clientId, embeddedClientId);
    EXPECT_THAT(steps().at(int(StepKind::Registration)).messages, IsEmpty());
}

/// 2026-07-28 client-registration, Authorization Server Binding.
TEST_F(FlowPageTest, KeepsAClientToTheFirstProviderThatKnewIt)
{
    Demo::AuthorizationServer first;
    Demo::AuthorizationServer second;
    Demo::AuthorizationServerOptions provider;
    provider.autoConsent = true;
    provider.clients = {{.clientId = u"app"_s, .redirectUris = {u"http://127.0.0.1/callback"_s}}};
    ASSERT_TRUE(first.start(provider));
    ASSERT_TRUE(second.start(provider));
    QNetworkAccessManager browser;
    engine->flows()->setBrowser([&browser](const QUrl &url) {
        visit(&browser, url);
        return true;
    });
    auto *issuer = find<QLineEdit>(page.get(), "flowClientIssuer");
    find<QLineEdit>(page.get(), "flowClientId")->setText(u"app"_s);
    const auto flowAt = [&](const Demo::AuthorizationServer &server) {
        Mcp::ServerOptions options;
        options.authServers = {{.issuer = server.issuer(), .type = Metadata::ServerType::OAuth}};
        ASSERT_TRUE(wait(engine->server()->start(options)));
        page->setMcpUrl(engine->server()->state().url);
        ASSERT_TRUE(runThrough());
    };
    flowAt(first);
    EXPECT_TRUE(page->authorization()) << said();
    EXPECT_EQ(issuer->text(), first.issuer());
    flowAt(second);
    EXPECT_FALSE(page->authorization());
    EXPECT_EQ(steps().at(int(StepKind::Registration)).error.code, u"credentials_of_another_issuer");
    EXPECT_EQ(issuer->text(), first.issuer());

    FlowForm form; // as after the next start
    QSettings settings;
    form.setConfiguration(loadFlowConfiguration(settings));
    EXPECT_EQ(form.configuration().clientIssuer, first.issuer());
    QTest::keyClicks(find<QLineEdit>(&form, "flowClientSecret"), u"hush"_s);
    EXPECT_EQ(form.configuration().clientIssuer, QString()) << "nobody said whose the secret is";
    QTest::keyClicks(find<QLineEdit>(page.get(), "flowClientId"), u"2"_s);
    EXPECT_EQ(issuer->text(), QString()) << "it was another client's";
}

TEST_F(FlowPageTest, AsksForTheScopesThatWereEntered)
{
    find<QLineEdit>(page.get(), "flowScopes")->setText(u"read:todos"_s);
    ASSERT_TRUE(runThrough());
    ASSERT_TRUE(page->authorization()) << said();
    EXPECT_EQ(page->authorization()->tokens.scopes, QStringList{u"read:todos"_s});
}

class FlowPageChoice : public FlowPageTest, public testing::WithParamInterface<std::pair<const char *, const char *>>
{
};

/// A box and what is chosen in it.
TEST_P(FlowPageChoice, LeadsToAToken)
{
    find<QComboBox>(page.get(), GetParam().first)->setCurrentText(QString::fromLatin1(GetParam().second));
    ASSERT_TRUE(runThrough());
    EXPECT_TRUE(page->authorization()) << said();
}

INSTANTIATE_TEST_SUITE_P(EmbeddedProvider, FlowPageChoice,
                         testing::Values(std::pair("flowRevision", "2026-07-28"),
                                         std::pair("flowRevision", "2025-11-25"),
                                         std::pair("flowRevision", "2025-06-18"),
                                         std::pair("flowRedirectHost", "127.0.0.1"),
                                         std::pair("flowRedirectHost", "localhost")));

// ---- Each step that can fail

struct Failure
{
    Demo::Fault fault;
    StepKind step;
    QString code;
};

void PrintTo(const Failure &failure, std::ostream *out)
{
    *out << Demo::toString(failure.fault).toStdString();
}

class FlowPageFault : public FlowPageTest, public testing::WithParamInterface<Failure>
{
};

TEST_P(FlowPageFault, FailsAtItsStepInWords)
{
    setFaults({GetParam().fault});
    ASSERT_TRUE(runThrough());
    EXPECT_EQ(banner()->level(), Level::Error) << said();
    const OAuth::Step &step = steps().at(int(GetParam().step));
    EXPECT_EQ(step.state, StepState::Failed) << said();
    EXPECT_EQ(step.error.code, GetParam().code);
    EXPECT_TRUE(banner()->title().contains(OAuth::title(step.kind))) << said();
    EXPECT_TRUE(banner()->detail().contains(step.error.message)) << said();
    EXPECT_FALSE(OAuth::adviceFor(step.error).isEmpty());
    auto *diagram = find<SequenceDiagram>(page.get(), "flowDiagram");
    const auto &rows = diagram->arrangement().rows;
    EXPECT_TRUE(std::ranges::any_of(
        rows, [&](const DiagramRow &row) { return row.level == Level::Error && row.text == step.error.message; }));
    EXPECT_FALSE(page->authorization());
}

INSTANTIATE_TEST_SUITE_P(
    EmbeddedProvider, FlowPageFault,
    testing::Values(Failure{Demo::Fault::WrongMetadataIssuer, StepKind::ProviderMetadata, u"issuer_mismatch"_s},
                    Failure{Demo::Fault::NoPkceMember, StepKind::ProviderMetadata, u"pkce_not_supported"_s},
                    Failure{Demo::Fault::WrongIss, StepKind::AuthorizationResponse, u"issuer_mismatch"_s},
                    Failure{Demo::Fault::MissingIss, StepKind::AuthorizationResponse, u"missing_issuer"_s},
                    Failure{Demo::Fault::TokenEndpointDown, StepKind::Token, u"token_request_refused"_s}));

class FlowPageBadToken : public FlowPageTest, public testing::WithParamInterface<Demo::Fault>
{
};

TEST_P(FlowPageBadToken, IsNotGreen)
{
    setFaults({GetParam()});
    ASSERT_TRUE(runThrough());
    EXPECT_EQ(banner()->level(), Level::Error) << said();
    EXPECT_EQ(steps().last().state, StepState::Failed);
    EXPECT_EQ(steps().last().error.code, u"fresh_token_refused");
    EXPECT_TRUE(banner()->detail().contains(steps().last().error.message)) << said();
    EXPECT_TRUE(page->authorization()); // the token can be looked at
}

INSTANTIATE_TEST_SUITE_P(EmbeddedProvider, FlowPageBadToken,
                         testing::Values(Demo::Fault::WrongAudience, Demo::Fault::OpaqueTokens,
                                         Demo::Fault::ExpiredTokens, Demo::Fault::RotatedKeys),
                         [](const auto &fault) { return Demo::toString(fault.param).toStdString(); });

TEST_F(FlowPageTest, DoesNotStartWithAParameterThatHasNoValue)
{
    find<QLineEdit>(page.get(), "flowParameters")->setText(u"audience"_s);
    click(page.get(), "flowRun");
    EXPECT_EQ(banner()->level(), Level::Warning) << said();
    EXPECT_TRUE(banner()->detail().contains(u"name=value")) << said();
}

TEST_F(FlowPageTest, GoesOnWithAnOverrideByOneClick)
{
    setFaults({Demo::Fault::NoPkceMember});
    ASSERT_TRUE(runThrough());
    ASSERT_EQ(banner()->level(), Level::Error) << said();
    click(banner(), "bannerAction");
    ASSERT_TRUE(waitFor([&] { return ended(); }));
    EXPECT_TRUE(page->authorization()) << said();
    EXPECT_TRUE(banner()->detail().contains(u"1 override on")) << said();
    EXPECT_FALSE(steps().at(int(StepKind::ProviderMetadata)).notes.isEmpty());
}

TEST_F(FlowPageTest, TakesAnOverrideOfTheBannerForThatRunOnly)
{
    setFaults({Demo::Fault::NoPkceMember});
    ASSERT_TRUE(runThrough());
    click(banner(), "bannerAction");
    ASSERT_TRUE(waitFor([&] { return ended(); }));
    EXPECT_FALSE(find<QCheckBox>(page.get(), "flowOverride_allowMissingPkce")->isChecked());
    ASSERT_TRUE(runThrough());
    EXPECT_EQ(banner()->level(), Level::Error) << said();
    EXPECT_EQ(steps().at(int(StepKind::ProviderMetadata)).error.code, u"pkce_not_supported"_s);
}

TEST_F(FlowPageTest, DoesNotBringBackAnOverrideThatWasUntickedMeanwhile)
{
    setFaults({Demo::Fault::NoPkceMember});
    find<QCheckBox>(page.get(), "flowOverride_omitResource")->setChecked(true);
    ASSERT_TRUE(runThrough());
    find<QCheckBox>(page.get(), "flowOverride_omitResource")->setChecked(false);
    click(banner(), "bannerAction");
    ASSERT_TRUE(waitFor([&] { return ended(); }));
    EXPECT_TRUE(banner()->detail().contains(u"1 override on")) << said();
}

TEST_F(FlowPageTest, HoldsTheOverridesOfTheOptionsForOneServer)
{
    QString plain;
    QObject::connect(page.get(), &FlowPage::plainHttpAllowed, page.get(), [&](const QString &url) { plain = url; });
    const auto *tabs = find<QTabWidget>(page.get(), "flowTabs");
    page->setMcpUrl(u"http://mcp.example.com/mcp"_s);
    find<QCheckBox>(page.get(), "flowOverride_allowHttp")->setChecked(true);
    find<QCheckBox>(page.get(), "flowOverride_omitResource")->setChecked(true);
    EXPECT_TRUE(tabs->tabText(1).contains(u"2 overrides on")) << tabs->tabText(1).toStdString();
    EXPECT_EQ(plain, u"http://mcp.example.com/mcp"_s);
    page->setMcpUrl(u"http://mcp.example.com/other"_s);
    EXPECT_FALSE(find<QCheckBox>(page.get(), "flowOverride_allowHttp")->isChecked());
    EXPECT_FALSE(find<QCheckBox>(page.get(), "flowOverride_omitResource")->isChecked());
    EXPECT_FALSE(tabs->tabText(1).contains(u"override"));
    EXPECT_EQ(plain, QString());
}

TEST_F(FlowPageTest, ShowsNoFlowOfAnotherServer)
{
    ASSERT_TRUE(runThrough());
    ASSERT_TRUE(page->authorization());
    page->setMcpUrl(u"https://mcp.example.com/mcp"_s);
    EXPECT_FALSE(page->authorization());
    EXPECT_TRUE(banner()->isHidden());
    EXPECT_EQ(std::ranges::count(states(), StepState::Waiting), states().size());
}

TEST_F(FlowPageTest, SaysWhenNobodyListens)
{
    page->setMcpUrl(u"http://127.0.0.1:%1/mcp"_s.arg(unusedPort()));
    ASSERT_TRUE(runThrough());
    EXPECT_EQ(states().first(), StepState::Failed);
    EXPECT_EQ(banner()->level(), Level::Error) << said();
}

/// The flow is over before its caller waits for it: Flows::run() asks for this text between the two.
TEST_F(FlowPageTest, ShowsTheLastStepOfAFlowThatIsOverAtOnce)
{
    class Slow : public QTranslator
    {
    public:
        [[nodiscard]] bool isEmpty() const override { return false; }
        QString translate(const char *, const char *text, const char *, int) const override
        {
            if (QByteArrayView(text) == "The program is closing.") {
                wasAsked = true;
                QThread::msleep(300);
            }
            return {};
        }
        mutable bool wasAsked = false;
    } slow;
    QCoreApplication::installTranslator(&slow);
    page->setMcpUrl(u"http://127.0.0.1:%1/mcp"_s.arg(unusedPort()));
    click(page.get(), "flowRun");
    QCoreApplication::removeTranslator(&slow);
    EXPECT_TRUE(slow.wasAsked);
    ASSERT_TRUE(waitFor([&] { return ended(); }));
    EXPECT_EQ(states().first(), StepState::Failed);
}

TEST_F(FlowPageTest, SaysWhenAServerAsksForNothing)
{
    const Answering open([](const Http::Request &) {
        Http::Response response;
        response.status = 200;
        response.headers.append("Content-Type", "application/json");
        response.body = R"({"jsonrpc":"2.0","id":1,"result":{}})";
        return response;
    });
    page->setMcpUrl(open.origin() + u"/mcp"_s);
    ASSERT_TRUE(runThrough());
    EXPECT_EQ(banner()->level(), Level::Info) << said();
    EXPECT_EQ(states().first(), StepState::Failed);
}

TEST_F(FlowPageTest, SaysWhenAServerPublishesNothing)
{
    const Answering silent([](const Http::Request &request) {
        Http::Response response;
        response.status = request.path() == "/mcp" ? 401 : 404;
        return response;
    });
    page->setMcpUrl(silent.origin() + u"/mcp"_s);
    ASSERT_TRUE(runThrough());
    EXPECT_EQ(states().at(int(StepKind::ResourceMetadata)), StepState::Failed) << said();
    EXPECT_EQ(banner()->level(), Level::Error);
}

TEST_F(FlowPageTest, SaysWhenThereIsNoBrowser)
{
    engine->flows()->setBrowser([](const QUrl &) { return false; });
    auto *choice = find<QComboBox>(page.get(), "flowBrowser");
    choice->setCurrentIndex(choice->findData(int(FlowRequest::Browser::System)));
    ASSERT_TRUE(runThrough());
    EXPECT_EQ(steps().at(int(StepKind::Authorization)).error.code, u"browser_failed"_s) << said();
}

TEST_F(FlowPageTest, ShowsAProblemBesideItsField)
{
    auto *registration = find<QComboBox>(page.get(), "flowRegistration");
    registration->setCurrentIndex(registration->findData(int(OAuth::RegistrationPreference::Preregistered)));
    click(page.get(), "flowRun");
    EXPECT_TRUE(ended());
    EXPECT_EQ(banner()->level(), Level::Warning);
    auto *problem = find<QLabel>(page.get(), "flowProblem1");
    EXPECT_TRUE(problem->isVisible());
    EXPECT_FALSE(problem->text().isEmpty());
    find<QComboBox>(page.get(), "flowUrl")->setEditText({});
    click(page.get(), "flowRun");
    EXPECT_TRUE(find<QComboBox>(page.get(), "flowUrl")->hasFocus() || !page->isActiveWindow());
}

TEST_F(FlowPageTest, TellsHowManyFaultsAreOn)
{
    auto *tabs = find<QTabWidget>(page.get(), "flowTabs");
    auto *faults = find<QListWidget>(page.get(), "flowFaults");
    ASSERT_EQ(faults->count(), Demo::faults().size());
    faults->item(0)->setCheckState(Qt::Checked);
    faults->item(3)->setCheckState(Qt::Checked);
    EXPECT_THAT(engine->issuer()->settings().faults.values(),
                testing::UnorderedElementsAre(Demo::faults().at(0), Demo::faults().at(3)));
    EXPECT_TRUE(tabs->tabText(2).endsWith(u"(2)"_s));
    find<QSpinBox>(page.get(), "flowTokenLifetime")->setValue(60);
    EXPECT_EQ(engine->issuer()->settings().tokenLifetime, std::chrono::seconds(60));
    faults->item(0)->setCheckState(Qt::Unchecked);
    faults->item(3)->setCheckState(Qt::Unchecked);
    EXPECT_FALSE(tabs->tabText(2).contains(u'('));
}

TEST_F(FlowPageTest, GivesTokensTheLifetimeThatWasSet)
{
    find<QSpinBox>(page.get(), "flowTokenLifetime")->setValue(120);
    ASSERT_TRUE(runThrough());
    ASSERT_TRUE(page->authorization()) << said();
    ASSERT_TRUE(page->authorization()->tokens.expiresAt);
    EXPECT_LE(*page->authorization()->tokens.expiresAt - systemClock()(), std::chrono::seconds(120));
}

TEST_F(FlowPageTest, RemembersTheServersOfOthers)
{
    const QString other = u"http://127.0.0.1:%1/mcp"_s.arg(unusedPort());
    page->setMcpUrl(other);
    ASSERT_TRUE(runThrough());
    EXPECT_EQ(QSettings().value(u"flow/history"_s).toStringList(), QStringList{other});
    page->setMcpUrl(engine->server()->state().url);
    ASSERT_TRUE(runThrough());
    EXPECT_EQ(QSettings().value(u"flow/history"_s).toStringList(), QStringList{other})
        << "its port is another tomorrow";
}

TEST_F(FlowPageTest, EveryWidgetThatTakesInputHasItsNames)
{
    ASSERT_TRUE(runThrough());
    EXPECT_THAT(namelessInputs(page.get()), IsEmpty());
}

// ---- The window goes while a flow runs

class FlowDestruction : public FlowPageTest, public testing::WithParamInterface<StepKind>
{
};

/// Paused before the step: the gate waits.
TEST_P(FlowDestruction, BeforeAStep)
{
    const int next = int(GetParam());
    click(page.get(), "flowStep");
    for (int passed = 1; passed < next; ++passed) {
        ASSERT_TRUE(waitFor([&] { return paused(); })) << said();
        click(page.get(), "flowStep");
    }
    if (next > 0) {
        ASSERT_TRUE(waitFor([&] { return paused(); })) << said();
    }
    page.reset();
    engine.reset();
    QCoreApplication::processEvents();
}

/// In the middle of it.
TEST_P(FlowDestruction, DuringAStep)
{
    const int during = int(GetParam());
    engine->flows()->setBrowser([](const QUrl &) { return true; });
    if (GetParam() == StepKind::Authorization || GetParam() == StepKind::AuthorizationResponse) {
        auto *choice = find<QComboBox>(page.get(), "flowBrowser");
        choice->setCurrentIndex(choice->findData(int(FlowRequest::Browser::System)));
    }
    bool began = false;
    QObject::connect(engine->flows(), &Flows::stepChanged, engine.get(), [&](const OAuth::Step &step) {
        began = began || (int(step.kind) >= during && step.state != StepState::Waiting);
    });
    click(page.get(), "flowRun");
    ASSERT_TRUE(waitFor([&] { return began; })) << said();
    page.reset();
    engine.reset();
    QCoreApplication::processEvents();
}

INSTANTIATE_TEST_SUITE_P(EachStep, FlowDestruction,
                         testing::ValuesIn(OAuth::stepKinds().begin(), OAuth::stepKinds().end()),
                         [](const auto &param) { return OAuth::toString(param.param).remove(u'_').toStdString(); });

TEST_F(FlowPageTest, ThePageMayGoBeforeTheEngine)
{
    click(page.get(), "flowStep");
    ASSERT_TRUE(waitFor([&] { return paused(); }));
    page.reset();
    FlowRequest request;
    request.options.mcpUrl = engine->server()->state().url;
    request.browser = FlowRequest::Browser::SignedIn;
    // The cancelled one ends first.
    ASSERT_TRUE(waitFor([&] { return wait(engine->flows()->run(request)).has_value(); }));
}

} // namespace McpAuth::Ui
