#include "support.h"
#include "ui/server/clientconfig.h"
#include "ui/server/formmodels.h"
#include "ui/server/requestmodel.h"
#include "ui/server/samplecalls.h"
#include "ui/server/serverconfiguration.h"
#include "ui/server/serverpage.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/jsonview.h"

#include <QAbstractButton>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableView>
#include <QTcpServer>
#include <QTcpSocket>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

using Test::namelessInputs;
using Test::wait;
using Test::waitFor;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

const auto local = u"http://127.0.0.1:4000"_s;

void press(QWidget *widget, int key)
{
    QKeyEvent down(QEvent::KeyPress, key, Qt::NoModifier);
    QKeyEvent up(QEvent::KeyRelease, key, Qt::NoModifier);
    QCoreApplication::sendEvent(widget, &down);
    QCoreApplication::sendEvent(widget, &up);
}

QList<ServerField> fieldsOf(const QList<FieldProblem> &problems)
{
    QList<ServerField> fields;
    for (const FieldProblem &problem : problems)
        fields.append(problem.field);
    return fields;
}

Mcp::RequestEvent request(const QString &tool, int status, const QString &error = {})
{
    Mcp::RequestEvent event;
    event.time = QDateTime::currentDateTimeUtc();
    event.method = "POST";
    event.path = u"/mcp"_s;
    event.rpc = u"tools/call"_s;
    event.tool = tool;
    event.subject = u"alice"_s;
    event.status = status;
    event.error = error;
    return event;
}

QString cell(const QAbstractItemModel &model, int row, int column)
{
    return model.index(row, column).data().toString();
}

/// Empty settings for each test.
struct Settings
{
    Settings() { QSettings().clear(); }
};

} // namespace

TEST(ServerConfiguration, DefaultsTrustTheLocalIssuerAndHaveNoProblem)
{
    EXPECT_THAT(problemsOf({}, local), IsEmpty());
}

TEST(ServerConfiguration, ANameOfAnIssuerMustBeAWholeUrlWithoutQueryAndFragment) // RFC 8414 §2
{
    for (const QString &issuer : {u""_s, u"login.example"_s, u"ftp://login.example"_s, u"https://"_s,
                                  u"https://a.example/?x=1"_s, u"https://a.example/#x"_s}) {
        const ServerConfiguration configuration{.issuers = {{.issuer = issuer}}};
        EXPECT_THAT(fieldsOf(problemsOf(configuration, local)), ElementsAre(ServerField::Issuers))
            << issuer.toStdString();
    }
    const ServerConfiguration good{.issuers = {{.issuer = u"https://login.example/realms/a/"_s}}};
    EXPECT_THAT(problemsOf(good, local), IsEmpty());
}

TEST(ServerConfiguration, SaysWhenIssuersAreMissingDoubleOrNotThereYet)
{
    EXPECT_THAT(fieldsOf(problemsOf({.issuers = {}}, local)), ElementsAre(ServerField::Issuers));
    EXPECT_THAT(fieldsOf(problemsOf({.issuers = {{.local = true}, {.issuer = local}}}, local)),
                ElementsAre(ServerField::Issuers));
    EXPECT_THAT(fieldsOf(problemsOf({}, QString())), ElementsAre(ServerField::Issuers));
}

TEST(ServerConfiguration, AuthorizationServerModeTakesOneIssuer)
{
    const ServerConfiguration two{.authorizationServerMode = true,
                                  .issuers = {{.local = true}, {.issuer = u"https://a.example"_s}}};
    EXPECT_THAT(fieldsOf(problemsOf(two, local)), ElementsAre(ServerField::Mode));
}

TEST(ServerConfiguration, AResourceIsAbsoluteAndHasNoFragment) // RFC 8707 §2
{
    for (const QString &resource : {u"/mcp"_s, u"mcp.example"_s, u"https://mcp.example/#x"_s})
        EXPECT_THAT(fieldsOf(problemsOf({.resource = resource}, local)), ElementsAre(ServerField::Resource))
            << resource.toStdString();
    EXPECT_THAT(problemsOf({.resource = u"https://mcp.example/mcp/"_s}, local), IsEmpty());
    EXPECT_THAT(problemsOf({.resource = u"urn:example:mcp"_s}, local), IsEmpty());
}

TEST(ServerConfiguration, ScopesHaveVisibleAsciiWithoutQuotes) // RFC 6749 §3.3
{
    EXPECT_TRUE(isScope(u"create:todos"_s));
    EXPECT_FALSE(isScope(u""_s));
    EXPECT_FALSE(isScope(u"a\"b"_s));
    EXPECT_FALSE(isScope(u"a\\b"_s));
    EXPECT_FALSE(isScope(u"ä"_s));
    EXPECT_THAT(fieldsOf(problemsOf({.requiredScopes = {u"ä"_s}}, local)), ElementsAre(ServerField::RequiredScopes));
    for (const QString &pair : {u"write"_s, u"=read"_s, u"write="_s, u"a=\"b"_s})
        EXPECT_THAT(fieldsOf(problemsOf({.impliedScopes = {pair}}, local)), ElementsAre(ServerField::ImpliedScopes));
    EXPECT_THAT(fieldsOf(problemsOf({.toolScopes = {{u"add"_s, {u"\""_s}}}}, local)),
                ElementsAre(ServerField::ToolScopes));
}

TEST(ServerConfiguration, SurvivesTheSettings)
{
    const Settings folder;
    const ServerConfiguration configuration{
        .authorizationServerMode = true,
        .issuers = {{.issuer = u"https://a.example/"_s, .type = Metadata::ServerType::OAuth}},
        .resource = u"https://mcp.example/mcp/"_s,
        .audience = {u"one"_s, u"two"_s},
        .requiredScopes = {u"read"_s},
        .impliedScopes = {u"write=read"_s},
        .toolScopes = {{u"whoami"_s, {u"profile"_s, u"email"_s}}},
        .port = 8123,
        .showErrorDetails = true};
    QSettings settings;
    saveServerConfiguration(configuration, settings);
    settings.sync();
    QSettings again;
    EXPECT_EQ(loadServerConfiguration(again), configuration);
}

TEST(ServerConfiguration, BrokenSettingsGiveTheDefaults)
{
    const Settings folder;
    QSettings settings;
    settings.setValue(u"server/issuers"_s, u"rubbish"_s);
    settings.setValue(u"server/port"_s, 70'000);
    settings.setValue(u"server/toolScopes"_s, QVariantMap{{u"no_such_tool"_s, QStringList{u"x"_s}}});
    EXPECT_EQ(loadServerConfiguration(settings), ServerConfiguration());
}

TEST(ServerConfiguration, PutsTogetherWhatAScopeIncludes) // 2026-07-28, Scope Challenge Handling
{
    const auto implied = toOptions({.impliedScopes = {u"admin=read"_s, u"admin=write"_s}}, local).bearer.impliedScopes;
    EXPECT_EQ(implied, (QHash<QString, QStringList>{{u"admin"_s, {u"read"_s, u"write"_s}}}));
}

TEST(ServerConfiguration, BecomesTheServersOptionsByteForByte)
{
    const ServerConfiguration configuration{
        .issuers = {{.local = true}, {.issuer = u"https://A.example/"_s, .type = Metadata::ServerType::OAuth}},
        .resource = u"https://mcp.example/MCP/"_s};
    const Mcp::ServerOptions options = toOptions(configuration, local);
    ASSERT_EQ(options.authServers.size(), 2);
    EXPECT_EQ(options.authServers[0].issuer, local);
    EXPECT_EQ(options.authServers[1].issuer, u"https://A.example/");
    EXPECT_EQ(options.authServers[1].type, Metadata::ServerType::OAuth);
    EXPECT_EQ(options.resource, u"https://mcp.example/MCP/");
}

TEST(ServerConfiguration, EveryFailedStartSaysWhatToDo)
{
    EXPECT_EQ(startProblem({u"port_in_use"_s, {}}, 8080).field, ServerField::Port);
    EXPECT_TRUE(startProblem({u"port_in_use"_s, {}}, 8080).message.contains(u"8080"));
    EXPECT_TRUE(startProblem({u"permission_denied"_s, {}}, 80).message.contains(u"1024"));
    EXPECT_EQ(startProblem({u"invalid_server_config"_s, u"Why."_s}, 0), (FieldProblem{ServerField::None, u"Why."_s}));
    EXPECT_FALSE(startProblem({u"other"_s, {}}, 0).message.isEmpty());
}

TEST(ClientConfig, EveryJsonIsOneObjectThatNamesTheUrl)
{
    const auto url = u"http://127.0.0.1:8123/mcp"_s;
    const QList<ClientConfig> configs = clientConfigs(u"tester"_s, url);
    QStringList clients;
    for (const ClientConfig &config : configs) {
        clients.append(config.client);
        EXPECT_TRUE(config.text.contains(url)) << config.client.toStdString();
        EXPECT_FALSE(config.where.isEmpty());
        EXPECT_EQ(parseJsonObject(config.text.toUtf8()).has_value(), !config.isCommand) << config.client.toStdString();
    }
    EXPECT_THAT(clients,
                ElementsAre(u"Claude Code"_s, u"Claude Desktop"_s, u"VS Code"_s, u"Cursor"_s, u"MCP Inspector"_s));
}

TEST(ClientConfig, EachClientHasItsOwnShape)
{
    const QList<ClientConfig> configs = clientConfigs(u"tester"_s, u"http://127.0.0.1:1/mcp"_s);
    EXPECT_EQ(configs[0].text, u"claude mcp add --transport http tester http://127.0.0.1:1/mcp");
    const QJsonObject vsCode = *parseJsonObject(configs[2].text.toUtf8());
    EXPECT_EQ(vsCode[u"servers"][u"tester"][u"type"].toString(), u"http");
    const QJsonObject cursor = *parseJsonObject(configs[3].text.toUtf8());
    EXPECT_EQ(cursor[u"mcpServers"][u"tester"][u"url"].toString(), u"http://127.0.0.1:1/mcp");
}

TEST(ClientConfig, ShellWordsAreQuotedWhereTheShellWouldReadThem)
{
    EXPECT_EQ(shellWord(u"http://127.0.0.1:1/mcp"_s), u"http://127.0.0.1:1/mcp");
    EXPECT_EQ(shellWord(u"a b"_s), u"'a b'");
    EXPECT_EQ(shellWord(u"$(x)"_s), u"'$(x)'");
    EXPECT_EQ(shellWord(u"it's"_s), u"'it'\\''s'");
    EXPECT_EQ(shellWord(u"http://h/?a=1&b=2"_s), u"'http://h/?a=1&b=2'");
    EXPECT_EQ(shellWord(u""_s), u"''");
}

TEST(RequestModel, KeepsTheNewestThousand)
{
    RequestModel model;
    QList<Mcp::RequestEvent> events;
    for (int i = 0; i < 1'500; ++i)
        events.append(request(u"tool%1"_s.arg(i), 200));
    model.append(events.first(900));
    model.append(events.sliced(900, 300));
    EXPECT_EQ(model.rowCount(), maxRequestRows);
    EXPECT_EQ(cell(model, 0, RequestModel::Call), u"tool200");
    model.append(events + events);
    EXPECT_EQ(model.rowCount(), maxRequestRows);
    EXPECT_EQ(cell(model, maxRequestRows - 1, RequestModel::Call), u"tool1499");
    model.clear();
    EXPECT_EQ(model.rowCount(), 0);
}

TEST(RequestModel, ShowsVerdictAndReasonInWords)
{
    RequestModel model;
    Mcp::RequestEvent refused = request(u"delete_todo"_s, 403, u"missing_required_scopes"_s);
    refused.reason = u"The token lacks delete:todos."_s;
    model.append({request(u"whoami"_s, 200), refused, request({}, 500)});
    EXPECT_EQ(cell(model, 0, RequestModel::Verdict), u"allowed");
    EXPECT_EQ(cell(model, 1, RequestModel::Verdict), u"missing_required_scopes");
    EXPECT_EQ(cell(model, 1, RequestModel::Status), u"403");
    EXPECT_EQ(cell(model, 2, RequestModel::Call), u"tools/call");
    EXPECT_EQ(outcomeOf(model.eventAt(1)), RequestOutcome::Refused);
    EXPECT_EQ(outcomeOf(model.eventAt(2)), RequestOutcome::Failed);
    EXPECT_TRUE(reasonInWords(model.eventAt(1)).contains(u"The token lacks delete:todos."));
}

TEST(RequestModel, ShowsWhatTheServerItselfRefused)
{
    RequestModel model;
    Mcp::RequestEvent foreign;
    foreign.method = "POST";
    foreign.path = u"/mcp"_s;
    foreign.status = 421;
    foreign.error = u"misdirected_request"_s;
    foreign.reason = u"This server does not answer for the host in Host."_s;
    Mcp::RequestEvent malformed;
    malformed.status = 400;
    malformed.error = u"invalid_request"_s;
    malformed.reason = u"This is not HTTP/1.1."_s;
    model.append({foreign, malformed});
    EXPECT_EQ(cell(model, 0, RequestModel::Call), u"/mcp");
    EXPECT_EQ(cell(model, 0, RequestModel::Verdict), u"misdirected_request");
    EXPECT_EQ(outcomeOf(foreign), RequestOutcome::Refused);
    EXPECT_EQ(reasonInWords(foreign), u"An unknown caller asked for /mcp and got 421 Misdirected Request.\n"
                                      "This server does not answer for the host in Host.\n"
                                      "Error code: misdirected_request");
    EXPECT_EQ(cell(model, 1, RequestModel::Method), u"–");
    EXPECT_EQ(cell(model, 1, RequestModel::Call), u"–");
    EXPECT_EQ(outcomeOf(malformed), RequestOutcome::Failed);
    EXPECT_TRUE(reasonInWords(malformed).startsWith(
        u"An unknown caller got 400 Bad Request before it was known what for.\nThis is not HTTP/1.1."));
}

TEST(RequestModel, TheFilterLooksIntoEveryColumn)
{
    RequestModel model;
    model.append({request(u"whoami"_s, 200), request(u"add"_s, 401, u"invalid_token"_s), request(u"add"_s, 200)});
    RequestFilter filter;
    filter.setSourceModel(&model);
    filter.setText(u" WHO "_s);
    EXPECT_EQ(filter.rowCount(), 1);
    filter.setText(u"invalid_token"_s);
    EXPECT_EQ(filter.rowCount(), 1);
    filter.setText({});
    filter.setOnlyRefused(true);
    EXPECT_EQ(filter.rowCount(), 1);
    EXPECT_EQ(cell(filter, 0, RequestModel::Call), u"add");
}

TEST(IssuersModel, TheLocalIssuersRowCannotBeEdited)
{
    IssuersModel model;
    model.setIssuers({{.local = true}, {.issuer = u"https://a.example"_s}});
    EXPECT_FALSE(model.setData(model.index(0, IssuersModel::Issuer), u"https://b.example"_s));
    EXPECT_TRUE(model.setData(model.index(1, IssuersModel::Issuer), u" https://b.example/ "_s));
    EXPECT_TRUE(model.setData(model.index(1, IssuersModel::Type), static_cast<int>(Metadata::ServerType::OAuth)));
    EXPECT_EQ(model.issuers()[1],
              (IssuerEntry{.issuer = u"https://b.example/"_s, .type = Metadata::ServerType::OAuth}));
}

TEST(ToolScopesModel, TellsOnlyWhatDiffersFromTheToolsOwnScopes)
{
    ToolScopesModel model;
    EXPECT_THAT(model.toolScopes(), IsEmpty());
    ASSERT_GT(model.rowCount(), 2);
    const QString tool = cell(model, 0, ToolScopesModel::Tool);
    EXPECT_TRUE(model.setData(model.index(0, ToolScopesModel::Scopes), u"profile, email profile"_s));
    EXPECT_EQ(model.toolScopes(), (QMap<QString, QStringList>{{tool, {u"profile"_s, u"email"_s}}}));
    model.setToolScopes({});
    EXPECT_THAT(model.toolScopes(), IsEmpty());
}

class ServerPageTest : public testing::Test
{
protected:
    void SetUp() override
    {
        ASSERT_TRUE(wait(engine.issuer()->start()).has_value());
        page = std::make_unique<ServerPage>(&engine);
        page->resize(940, 480);
        page->show();
    }

    template<typename Widget>
    Widget *find(const QString &name)
    {
        auto *widget = page->findChild<Widget *>(name);
        if (!widget)
            ADD_FAILURE() << "no widget " << name.toStdString();
        return widget;
    }

    bool start()
    {
        press(find<QAbstractButton>(u"serverStart"_s), Qt::Key_Space);
        return waitFor(
            [this] { return engine.server()->state().running && find<QAbstractButton>(u"serverStop"_s)->isEnabled(); });
    }

    Banner *banner() { return find<Banner>(u"serverBanner"_s); }

    Settings settings;
    Engine engine;
    std::unique_ptr<ServerPage> page;
};

TEST_F(ServerPageTest, StartsOnAFreePortAndShowsWhatItPublishes)
{
    EXPECT_EQ(banner()->level(), Level::Info);
    ASSERT_TRUE(start());
    EXPECT_EQ(banner()->level(), Level::Ok);
    EXPECT_TRUE(banner()->title().contains(engine.server()->state().url));
    auto *urls = find<QListWidget>(u"serverPublished"_s);
    ASSERT_GE(urls->count(), 1);
    EXPECT_TRUE(urls->item(0)->text().contains(u"/.well-known/oauth-protected-resource"));
    EXPECT_TRUE(find<JsonView>(u"serverDocument"_s)->text().contains(engine.issuer()->url()));
    EXPECT_EQ(find<QLineEdit>(u"serverResource"_s)->placeholderText(), engine.server()->state().url);
}

TEST_F(ServerPageTest, StopsAndStartsAgain)
{
    ASSERT_TRUE(start());
    find<QAbstractButton>(u"serverStop"_s)->click();
    ASSERT_TRUE(waitFor(
        [this] { return !engine.server()->state().running && find<QAbstractButton>(u"serverStart"_s)->isEnabled(); }));
    EXPECT_EQ(banner()->level(), Level::Info);
    EXPECT_FALSE(find<QAbstractButton>(u"serverStop"_s)->isEnabled());
    EXPECT_TRUE(start());
}

TEST_F(ServerPageTest, AnotherSettingOffersARestart)
{
    ASSERT_TRUE(start());
    auto *button = find<QAbstractButton>(u"serverStart"_s);
    EXPECT_FALSE(button->isEnabled());
    find<QLineEdit>(u"serverScopes"_s)->setText(u"mcp"_s);
    ASSERT_TRUE(button->isEnabled());
    button->click();
    ASSERT_TRUE(waitFor([this] { return engine.server()->state().requiredScopes == QStringList{u"mcp"_s}; }));
}

TEST_F(ServerPageTest, TakesAWiderScopeForANarrowerOne)
{
    find<QLineEdit>(u"serverScopes"_s)->setText(u"mcp"_s);
    find<QLineEdit>(u"serverImpliedScopes"_s)->setText(u"admin=mcp"_s);
    ASSERT_TRUE(start());
    const QByteArray token =
        wait(engine.issuer()->mint({.audience = {engine.server()->state().resource}, .scopes = {u"admin"_s}}))
            .value_or(QByteArray());
    EXPECT_TRUE(wait(engine.server()->judge(Secret(token), {})).accepted);
}

TEST_F(ServerPageTest, ARestartKeepsThePort)
{
    ASSERT_TRUE(start());
    const QString url = engine.server()->state().url;
    find<QLineEdit>(u"serverScopes"_s)->setText(u"mcp:use"_s);
    auto *button = find<QAbstractButton>(u"serverStart"_s);
    button->click();
    ASSERT_TRUE(waitFor([&] { return engine.server()->state().requiredScopes == QStringList{u"mcp:use"_s}; }));
    EXPECT_EQ(engine.server()->state().url, url);
}

TEST_F(ServerPageTest, AProblemGoesWithTheSettingThatHadIt)
{
    ASSERT_TRUE(start());
    auto *scopes = find<QLineEdit>(u"serverScopes"_s);
    scopes->setText(u"mcp:use, \"bad"_s);
    find<QAbstractButton>(u"serverStart"_s)->click();
    ASSERT_EQ(banner()->level(), Level::Error);
    scopes->clear();
    EXPECT_EQ(banner()->level(), Level::Ok);
    EXPECT_TRUE(banner()->title().contains(engine.server()->state().url));
}

TEST_F(ServerPageTest, APortInUseIsSaidBesideThePort)
{
    QTcpServer other;
    ASSERT_TRUE(other.listen(QHostAddress::LocalHost));
    find<QSpinBox>(u"serverPort"_s)->setValue(other.serverPort());
    find<QAbstractButton>(u"serverStart"_s)->click();
    ASSERT_TRUE(waitFor([this] { return banner()->level() == Level::Error; }));
    auto *problem = find<QLabel>(u"serverProblem%1"_s.arg(static_cast<int>(ServerField::Port)));
    EXPECT_FALSE(problem->isHidden());
    EXPECT_TRUE(problem->text().contains(QString::number(other.serverPort())));
    EXPECT_FALSE(engine.server()->state().running);
    find<QSpinBox>(u"serverPort"_s)->setValue(0);
    EXPECT_TRUE(start());
    EXPECT_TRUE(problem->isHidden());
}

TEST_F(ServerPageTest, AServerGoesOnWhenItsSuccessorFindsThePortInUse)
{
    ASSERT_TRUE(start());
    const QString url = engine.server()->state().url;
    QTcpServer other;
    ASSERT_TRUE(other.listen(QHostAddress::LocalHost));
    find<QSpinBox>(u"serverPort"_s)->setValue(other.serverPort());
    auto *button = find<QAbstractButton>(u"serverStart"_s);
    button->click();
    ASSERT_TRUE(waitFor([this] { return banner()->level() == Level::Error; }));
    EXPECT_TRUE(banner()->detail().contains(QString::number(other.serverPort())));
    EXPECT_EQ(engine.server()->state().url, url);
    EXPECT_TRUE(button->isEnabled());
    QTcpSocket client;
    client.connectToHost(QHostAddress::LocalHost, quint16(QUrl(url).port()));
    EXPECT_TRUE(client.waitForConnected());
    find<QSpinBox>(u"serverPort"_s)->setValue(0);
    EXPECT_EQ(banner()->level(), Level::Ok);
    EXPECT_FALSE(button->isEnabled()); // these settings are the running ones
}

TEST_F(ServerPageTest, AWrongFieldStopsTheStartAndGetsTheFocus)
{
    page->activateWindow();
    find<QLineEdit>(u"serverResource"_s)->setText(u"not a url"_s);
    find<QAbstractButton>(u"serverStart"_s)->click();
    EXPECT_EQ(banner()->level(), Level::Error);
    EXPECT_EQ(page->focusWidget(), find<QLineEdit>(u"serverResource"_s));
    EXPECT_FALSE(find<QLabel>(u"serverProblem%1"_s.arg(static_cast<int>(ServerField::Resource)))->isHidden());
}

TEST_F(ServerPageTest, AnIssuerIsAddedAndRemovedByHand)
{
    auto *view = find<QTableView>(u"serverIssuers"_s);
    find<QAbstractButton>(u"serverAddIssuer"_s)->click();
    ASSERT_EQ(view->model()->rowCount(), 2);
    view->model()->setData(view->model()->index(1, 0), u"https://a.example"_s);
    EXPECT_FALSE(find<QAbstractButton>(u"serverAddLocalIssuer"_s)->isEnabled());
    view->setCurrentIndex(view->model()->index(0, 0));
    find<QAbstractButton>(u"serverRemoveIssuer"_s)->click();
    ASSERT_EQ(view->model()->rowCount(), 1);
    EXPECT_EQ(cell(*view->model(), 0, 0), u"https://a.example");
    EXPECT_TRUE(find<QAbstractButton>(u"serverAddLocalIssuer"_s)->isEnabled());
}

TEST_F(ServerPageTest, ARefusedCallerShowsUpWithTheReason)
{
    ASSERT_TRUE(start());
    QNetworkAccessManager network;
    QNetworkRequest call{QUrl(engine.server()->state().url)};
    call.setHeader(QNetworkRequest::ContentTypeHeader, u"application/json"_s);
    call.setRawHeader("Accept", "application/json, text/event-stream");
    const std::unique_ptr<QNetworkReply> reply(network.post(call, R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})"));
    auto *table = find<QTableView>(u"serverRequests"_s);
    ASSERT_TRUE(waitFor([&] { return table->model()->rowCount() == 1; }));
    EXPECT_EQ(cell(*table->model(), 0, RequestModel::Status), u"401");
    EXPECT_EQ(cell(*table->model(), 0, RequestModel::Verdict), u"missing_auth_header");
    table->selectRow(0);
    EXPECT_TRUE(find<QLabel>(u"serverReason"_s)->text().contains(u"missing_auth_header"));
    find<QLineEdit>(u"serverRequestFilter"_s)->setText(u"no such caller"_s);
    EXPECT_EQ(table->model()->rowCount(), 0);
    find<QLineEdit>(u"serverRequestFilter"_s)->clear();
    find<QAbstractButton>(u"serverClearRequests"_s)->click();
    EXPECT_EQ(table->model()->rowCount(), 0);
}

TEST_F(ServerPageTest, ACallerThatTheServerItselfRefusesShowsUpToo)
{
    ASSERT_TRUE(start());
    QNetworkAccessManager network;
    QNetworkRequest call{QUrl(engine.server()->state().url)};
    call.setRawHeader("Host", "evil.example");
    const std::unique_ptr<QNetworkReply> reply(network.get(call));
    auto *table = find<QTableView>(u"serverRequests"_s);
    ASSERT_TRUE(waitFor([&] { return table->model()->rowCount() == 1; }));
    EXPECT_EQ(cell(*table->model(), 0, RequestModel::Status), u"421");
    table->selectRow(0);
    EXPECT_TRUE(find<QLabel>(u"serverReason"_s)->text().contains(u"does not answer for the host"));
}

TEST_F(ServerPageTest, SampleCallsTellAStory)
{
    ASSERT_TRUE(start());
    auto *button = find<QAbstractButton>(u"serverTry"_s);
    ASSERT_TRUE(button->isVisible());
    button->click();
    const QAbstractItemModel &rows = *find<QTableView>(u"serverRequests"_s)->model();
    button->click(); // has no effect while the first ones are made
    ASSERT_TRUE(waitFor([&] { return rows.rowCount() == 6; }));
    QStringList story;
    for (int row = 0; row < rows.rowCount(); ++row)
        story.append(cell(rows, row, RequestModel::Call) + u' ' + cell(rows, row, RequestModel::Status));
    EXPECT_THAT(story, ElementsAre(u"/mcp 401"_s, u"initialize 200"_s, u"whoami 200"_s, u"create_todo 200"_s,
                                   u"delete_todo 403"_s, u"/mcp 401"_s));
    EXPECT_EQ(cell(rows, 3, RequestModel::Subject), u"alice");
    EXPECT_EQ(page->focusWidget(), find<QTableView>(u"serverRequests"_s));
    EXPECT_EQ(banner()->level(), Level::Ok);
}

TEST_F(ServerPageTest, WithoutTheLocalIssuerOnlyTheCallerWithoutATokenIsASample)
{
    ServerState server;
    server.issuers = {u"https://a.example"_s};
    EXPECT_EQ(sampleCalls(server, engine.issuer()->url()).size(), 1);
    EXPECT_EQ(sampleCalls(server, {}).size(), 1);
    EXPECT_FALSE(sampleCalls(server, {}).first().token.has_value());
}

TEST_F(ServerPageTest, MayGoWhileSampleCallsAreMade)
{
    ASSERT_TRUE(start());
    find<QAbstractButton>(u"serverTry"_s)->click();
    page.reset();
    wait(engine.server()->stop());
    EXPECT_FALSE(engine.server()->state().running);
}

TEST_F(ServerPageTest, CopiesTheConfigurationForAClient)
{
    ASSERT_TRUE(start());
    const QList<QAction *> actions = find<QPushButton>(u"serverClientMenu"_s)->menu()->actions();
    ASSERT_EQ(actions.size(), 5);
    actions[2]->trigger();
    const QString copied = QGuiApplication::clipboard()->text();
    EXPECT_EQ(copied, clientConfigs(u"mcp-auth-tester"_s, engine.server()->state().url)[2].text);
    EXPECT_EQ(find<QTabWidget>(u"serverTabs"_s)->currentIndex(), 2);
    EXPECT_EQ(find<JsonView>(u"serverClientText"_s)->text().trimmed(), copied);
}

TEST_F(ServerPageTest, RemembersTheForm)
{
    find<QLineEdit>(u"serverScopes"_s)->setText(u"a b"_s);
    find<QComboBox>(u"serverMode"_s)->setCurrentIndex(1);
    find<QCheckBox>(u"serverDetails"_s)->setChecked(true);
    page = std::make_unique<ServerPage>(&engine);
    EXPECT_EQ(find<QLineEdit>(u"serverScopes"_s)->text(), u"a b");
    EXPECT_EQ(find<QComboBox>(u"serverMode"_s)->currentIndex(), 1);
    EXPECT_TRUE(find<QCheckBox>(u"serverDetails"_s)->isChecked());
}

TEST_F(ServerPageTest, MayGoWhileTheServerStarts)
{
    find<QAbstractButton>(u"serverStart"_s)->click();
    page.reset();
    EXPECT_TRUE(waitFor([this] { return engine.server()->state().running; }));
}

TEST_F(ServerPageTest, FitsTheSmallestWindowAndEveryControlHasItsNames)
{
    ASSERT_TRUE(start());
    EXPECT_LE(page->minimumSizeHint().width(), 900);
    EXPECT_LE(page->minimumSizeHint().height(), 460);
    EXPECT_THAT(namelessInputs(page.get()), IsEmpty());
}

} // namespace McpAuth::Ui
