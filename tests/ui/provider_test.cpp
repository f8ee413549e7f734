#include "support.h"
#include "ui/provider/catalogue.h"
#include "ui/provider/findingsmodel.h"
#include "ui/provider/findingspane.h"
#include "ui/provider/issuerfield.h"
#include "ui/provider/issuermodel.h"
#include "ui/provider/keysmodel.h"
#include "ui/provider/pastedialog.h"
#include "ui/provider/probesmodel.h"
#include "ui/provider/providerpage.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/jsontree.h"
#include "ui/widgets/jsonview.h"

#include <QAction>
#include <QClipboard>
#include <QComboBox>
#include <QDialog>
#include <QGuiApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSslSocket>
#include <QTabWidget>
#include <QTableView>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTextBrowser>
#include <QTreeView>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

using Metadata::Finding;
using Metadata::FindingLevel;
using Test::Answering;
using Test::click;
using Test::find;
using Test::wait;
using Test::waitFor;

Finding finding(const QString &code, FindingLevel level)
{
    Finding result;
    result.code = code;
    result.title = code;
    result.level = level;
    return result;
}

QJsonObject goodMetadata(const QString &issuer)
{
    return {{u"issuer"_s, issuer},
            {u"authorization_endpoint"_s, issuer + u"/authorize"_s},
            {u"token_endpoint"_s, issuer + u"/token"_s},
            {u"response_types_supported"_s, QJsonArray{u"code"_s}},
            {u"code_challenge_methods_supported"_s, QJsonArray{u"S256"_s}},
            {u"registration_endpoint"_s, issuer + u"/register"_s}};
}

Audit::ProviderAudit failedAudit(const Error &failure)
{
    Audit::ProviderAudit audit;
    audit.failure = failure;
    return audit;
}

/// The page alone, with an engine that does real requests.
class ProviderPageTest : public testing::Test
{
protected:
    void SetUp() override
    {
        QSettings().clear();
        page = std::make_unique<ProviderPage>(&engine);
        page->resize(1000, 600);
        page->show();
        page->activateWindow();
        ASSERT_TRUE(QTest::qWaitForWindowActive(page.get()));
        banner = find<Banner>(page.get(), "providerBanner");
    }

    void checkIssuer(const QString &issuer)
    {
        page->setIssuer(issuer);
        click(page.get(), "checkButton");
        ASSERT_TRUE(waitFor([this] { return !page->isChecking(); }));
    }

    Engine engine;
    std::unique_ptr<ProviderPage> page;
    Banner *banner = nullptr;
};

TEST(Catalogue, NamesEveryProviderWithItsPattern)
{
    QStringList names;
    for (const CatalogueEntry &entry : catalogue()) {
        names.append(entry.name);
        EXPECT_TRUE(entry.issuer.startsWith(u"https://"_s)) << entry.name.toStdString();
        EXPECT_FALSE(entry.note.isEmpty()) << entry.name.toStdString();
    }
    EXPECT_EQ(names.size(), 12);
    EXPECT_TRUE(names.contains(u"Keycloak"_s));
}

TEST(Catalogue, TellsTheProductFromAnIssuer)
{
    ASSERT_TRUE(entryOfIssuer(u"https://login.example/realms/main"_s));
    EXPECT_EQ(entryOfIssuer(u"https://login.example/realms/main"_s)->name, u"Keycloak"_s);
    EXPECT_EQ(entryOfIssuer(u"https://acme.auth0.com/"_s)->name, u"Auth0"_s);
    EXPECT_FALSE(entryOfIssuer(u"https://login.example/realms/a/b"_s));
}

TEST(Catalogue, FindsThePlaceholder)
{
    const auto placeholder = placeholderIn(u"https://{tenant}.logto.app/oidc"_s);
    ASSERT_TRUE(placeholder);
    EXPECT_EQ(placeholder->start, 8);
    EXPECT_EQ(placeholder->length, 8);
    EXPECT_FALSE(placeholderIn(u"https://accounts.google.com"_s));
}

TEST(IssuerModel, KeepsFiftyIssuersNewestFirstAndNeverTheLocalOne)
{
    QSettings().clear();
    IssuerModel model;
    model.setLocalIssuer(u"http://127.0.0.1:5000"_s);
    for (int i = 0; i < 60; ++i)
        model.remember(u"https://issuer%1.example"_s.arg(i));
    model.remember(u"http://127.0.0.1:5000"_s);
    model.remember(u"https://issuer30.example"_s);
    EXPECT_EQ(model.history().size(), IssuerModel::historySize);
    EXPECT_EQ(model.history().first(), u"https://issuer30.example"_s);
    EXPECT_EQ(model.history().count(u"https://issuer30.example"_s), 1);
    EXPECT_FALSE(model.history().contains(u"http://127.0.0.1:5000"_s));
    EXPECT_EQ(IssuerModel().history(), model.history());
}

TEST(FindingsModel, GroupsByLevelAndPutsTheWorstForemost)
{
    FindingsModel model;
    model.setFindings({finding(u"fine"_s, FindingLevel::Pass), finding(u"bad"_s, FindingLevel::Error),
                       finding(u"worse"_s, FindingLevel::Error)});
    ASSERT_EQ(model.rowCount(), 3);
    EXPECT_EQ(model.index(0, 0).data().toString(), u"Errors (2)"_s);
    EXPECT_EQ(model.index(1, 0).data().toString(), u"Warnings (0)"_s);
    EXPECT_EQ(model.index(2, 0).data().toString(), u"Passed (1)"_s);
    ASSERT_TRUE(model.finding(model.foremost()));
    EXPECT_EQ(model.finding(model.foremost())->code, u"bad"_s);
    EXPECT_EQ(model.parent(model.foremost()), model.index(0, 0));
    model.setFindings({});
    EXPECT_EQ(model.rowCount(), 0);
    EXPECT_FALSE(model.foremost().isValid());
}

TEST(KeysModel, ShowsUnusableEntriesWithTheReason)
{
    const auto key = Jose::generateKey(*Jose::findAlgorithm("ES256"));
    ASSERT_TRUE(key);
    KeysModel model;
    model.setKeys({*key}, {Error{u"key_too_small"_s, u"RSA keys need 2048 bits."_s, {{u"kid"_s, u"old"_s}}}});
    ASSERT_EQ(model.rowCount(), 2);
    EXPECT_EQ(model.index(0, KeysModel::Type).data().toString(), u"EC P-256"_s);
    EXPECT_EQ(model.index(0, KeysModel::Bits).data().toInt(), 256);
    EXPECT_EQ(model.index(0, KeysModel::Thumbprint).data().toString(), QString::fromLatin1(key->thumbprint()));
    EXPECT_EQ(model.index(1, KeysModel::KeyId).data().toString(), u"old"_s);
    EXPECT_EQ(model.index(1, KeysModel::Thumbprint).data().toString(), u"RSA keys need 2048 bits."_s);
}

/// What a provider says is shown as text, wherever the pointer rests.
TEST(ToolTips, AreNeverTheProvidersMarkup)
{
    const auto markup = u"<img src=http://a.example/>"_s;
    KeysModel keys;
    keys.setKeys({}, {Error{u"invalid_jwk"_s, markup, {{u"kid"_s, markup}}}});
    ProbesModel probes;
    Metadata::Probe probe;
    probe.url = u"https://a.example/"_s + markup;
    probe.reason.message = markup;
    probes.setProbes({probe});
    JsonTreeModel tree;
    tree.setValue(QJsonObject{{u"issuer"_s, markup}});
    IssuerModel issuers;
    issuers.remember(u"https://a.example/"_s + markup);
    for (const QAbstractItemModel *model :
         std::initializer_list<const QAbstractItemModel *>{&keys, &probes, &tree, &issuers}) {
        bool any = false;
        for (int column = 0; column < model->columnCount(); ++column) {
            const QString tip = model->index(0, column).data(Qt::ToolTipRole).toString();
            any |= tip.contains(u"&lt;img"_s);
            EXPECT_FALSE(tip.contains(u"<img"_s)) << model->metaObject()->className() << column;
        }
        EXPECT_TRUE(any) << model->metaObject()->className();
    }
    EXPECT_TRUE(tree.index(0, JsonTreeModel::Value).data(Qt::ToolTipRole).toString().startsWith(u"<p>"_s))
        << "escaped text that is not taken for markup would show its entities";
}

TEST(IssuerModel, KeepsNoNameAndPasswordOfAnIssuer)
{
    IssuerModel model;
    const QStringList before = model.history();
    model.remember(u"https://admin:hunter2@login.example/realms/a"_s);
    EXPECT_EQ(model.history(), before);
}

TEST(ProbesModel, SaysWhatEachPlaceGave)
{
    Metadata::Probe probe;
    probe.url = u"https://a.example/.well-known/openid-configuration"_s;
    probe.status = 404;
    probe.duration = std::chrono::milliseconds(12);
    probe.outcome = Metadata::ProbeOutcome::NotFound;
    probe.reason.message = u"Not there."_s;
    ProbesModel model;
    model.setProbes({probe});
    EXPECT_EQ(model.index(0, ProbesModel::Url).data().toString(), probe.url);
    EXPECT_EQ(model.index(0, ProbesModel::Status).data().toString(), u"404"_s);
    EXPECT_EQ(model.index(0, ProbesModel::Duration).data().toString(), u"12 ms"_s);
    EXPECT_EQ(model.index(0, ProbesModel::Outcome).data().toString(), u"not found"_s);
    EXPECT_EQ(model.index(0, ProbesModel::Reason).data().toString(), u"Not there."_s);
}

TEST(ProviderVerdict, GivesEachFailureWordsOfItsOwn)
{
    QStringList titles;
    for (const auto &code :
         {u"invalid_url"_s, u"insecure_url"_s, u"host_not_found"_s, u"connection_refused"_s, u"connection_closed"_s,
          u"tls_error"_s, u"timeout"_s, u"metadata_not_found"_s, u"cancelled"_s, u"something_new"_s}) {
        const Error cause{code, u"Why."_s, {}};
        const Error failure{u"provider_unreachable"_s, u"Why."_s, {{u"cause"_s, toJson(cause)}}};
        titles.append(verdictOf(failedAudit(failure), {}, {}).title);
    }
    EXPECT_EQ(QSet<QString>(titles.begin(), titles.end()).size(), titles.size()) << titles.join(u'\n').toStdString();
}

TEST(ProviderVerdict, TellsTheReasonAndTheAdviceInSentences)
{
    const QString detail = verdictOf(failedAudit({u"invalid_url"_s, u"It has a space"_s, {}}), {}, {}).detail;
    EXPECT_TRUE(detail.startsWith(u"It has a space. An issuer is "_s)) << detail.toStdString();
}

TEST(ProviderVerdict, CountsAndNamesTheFacts)
{
    Audit::ProviderAudit audit;
    audit.revision = u"2026-07-28"_s;
    audit.type = Metadata::ServerType::Oidc;
    audit.findings = {finding(u"a"_s, FindingLevel::Pass), finding(u"b"_s, FindingLevel::Warning),
                      finding(u"c"_s, FindingLevel::Warning)};
    const ProviderVerdict compatible = verdictOf(audit, u"Keycloak"_s, std::chrono::milliseconds(84));
    EXPECT_EQ(compatible.level, Level::Ok);
    EXPECT_EQ(compatible.title, u"Compatible with MCP 2026-07-28 · 2 warnings"_s);
    EXPECT_EQ(compatible.aside, u"Keycloak · OpenID Connect · 84 ms"_s);
    audit.findings.append(finding(u"d"_s, FindingLevel::Error));
    const ProviderVerdict incompatible = verdictOf(audit, {}, std::chrono::milliseconds(-1));
    EXPECT_EQ(incompatible.level, Level::Error);
    EXPECT_EQ(incompatible.title, u"Not compatible with MCP 2026-07-28 · 1 error · 2 warnings"_s);
    EXPECT_EQ(incompatible.aside, u"OpenID Connect"_s);
}

TEST_F(ProviderPageTest, ShowsVerdictFindingsMetadataKeysAndProbesOfTheLocalIssuer)
{
    ASSERT_TRUE(wait(engine.issuer()->start()));
    page->setIssuer(engine.issuer()->url());
    QTest::keyClick(find<QComboBox>(page.get(), "issuerField")->lineEdit(), Qt::Key_Return);
    EXPECT_TRUE(page->isChecking());
    ASSERT_TRUE(waitFor([this] { return !page->isChecking(); }));

    EXPECT_EQ(banner->level(), Level::Ok);
    EXPECT_TRUE(banner->title().startsWith(u"Compatible with MCP "_s)) << banner->title().toStdString();
    EXPECT_TRUE(banner->aside().contains(u"1 key"_s)) << banner->aside().toStdString();
    EXPECT_GT(find<QTreeView>(page.get(), "findingsTree")->model()->rowCount(), 0);
    EXPECT_FALSE(find<QTextBrowser>(page.get(), "findingDetail")->toPlainText().isEmpty());
    EXPECT_GT(find<QTreeView>(page.get(), "metadataTreeView")->model()->rowCount(), 5);
    EXPECT_TRUE(find<JsonView>(page.get(), "metadataText")->text().contains(u"authorization_endpoint"_s));
    EXPECT_EQ(find<QTableView>(page.get(), "keysTable")->model()->rowCount(), 1);
    EXPECT_EQ(find<QTableView>(page.get(), "probesTable")->model()->rowCount(), 1);
}

TEST_F(ProviderPageTest, CopiesAValueAndItsPath)
{
    page->showDocument(goodMetadata(u"https://a.example"_s));
    auto *view = find<QTreeView>(page.get(), "metadataTreeView");
    find<QLineEdit>(page.get(), "metadataTreeFilter")->setText(u"S256"_s);
    ASSERT_EQ(view->model()->rowCount(), 1);
    view->setCurrentIndex(view->model()->index(0, 0, view->model()->index(0, 0)));
    click(page.get(), "metadataTreeCopyValue");
    EXPECT_EQ(QGuiApplication::clipboard()->text(), u"S256"_s);
    click(page.get(), "metadataTreeCopyPath");
    EXPECT_EQ(QGuiApplication::clipboard()->text(), u"$.code_challenge_methods_supported[0]"_s);
}

TEST_F(ProviderPageTest, AsksForAnIssuerFirst)
{
    click(page.get(), "checkButton");
    EXPECT_FALSE(page->isChecking());
    EXPECT_EQ(banner->level(), Level::Info);
}

TEST_F(ProviderPageTest, ChoosingAProviderSelectsThePlaceholderAndAsksToReplaceIt)
{
    auto *field = find<IssuerField>(page.get(), "issuerField");
    const int row = field->findText(u"https://{host}/realms/{realm}"_s);
    ASSERT_GE(row, 0);
    field->setCurrentIndex(row);
    Q_EMIT field->activated(row);
    EXPECT_EQ(field->currentText(), u"https://{host}/realms/{realm}"_s);
    EXPECT_EQ(field->lineEdit()->selectedText(), u"{host}"_s);
    EXPECT_TRUE(banner->title().contains(u"Keycloak"_s));
    click(page.get(), "checkButton");
    EXPECT_FALSE(page->isChecking());
    EXPECT_EQ(banner->title(), u"Replace {host} first"_s);
}

TEST_F(ProviderPageTest, LetsTheFocusLeaveAnIssuerOfTheList)
{
    auto *field = find<IssuerField>(page.get(), "issuerField");
    const int row = field->findText(u"https://{host}/realms/{realm}"_s);
    field->setCurrentIndex(row);
    Q_EMIT field->activated(row);
    ASSERT_TRUE(field->lineEdit()->hasFocus());
    QTest::keyClick(field->lineEdit(), Qt::Key_Tab);
    EXPECT_TRUE(find<QComboBox>(page.get(), "typeField")->hasFocus());
}

TEST_F(ProviderPageTest, NamesABadUrl)
{
    checkIssuer(u"login example"_s);
    EXPECT_EQ(banner->level(), Level::Error);
    EXPECT_EQ(banner->title(), u"This is not an issuer URL"_s);
}

TEST_F(ProviderPageTest, NamesARefusedConnection)
{
    QTcpServer closed;
    ASSERT_TRUE(closed.listen(QHostAddress::LocalHost));
    const QString issuer = u"http://127.0.0.1:%1"_s.arg(closed.serverPort());
    closed.close();
    checkIssuer(issuer);
    EXPECT_EQ(banner->level(), Level::Error);
    EXPECT_EQ(banner->title(), u"No server answers there"_s);
}

TEST_F(ProviderPageTest, NamesATlsFailure)
{
    const Answering plain([](const Http::Request &) { return Http::Response::empty(200); });
    // The first connection of a process reads the system's certificates, which may take longer than a request may.
    QSslSocket first;
    first.connectToHostEncrypted(u"127.0.0.1"_s, static_cast<quint16>(QUrl(plain.origin()).port()));
    ASSERT_TRUE(waitFor([&] { return first.state() == QAbstractSocket::UnconnectedState; }));
    checkIssuer(u"https"_s + plain.origin().sliced(4));
    EXPECT_EQ(banner->level(), Level::Error);
    EXPECT_TRUE(banner->title().contains(u"TLS"_s)) << banner->title().toStdString();
}

TEST_F(ProviderPageTest, NamesAnHtmlAnswer)
{
    const Answering website([](const Http::Request &) { return Http::Response::html(200, u"<html>Welcome</html>"_s); });
    checkIssuer(website.origin());
    EXPECT_EQ(banner->level(), Level::Error);
    EXPECT_TRUE(banner->detail().contains(u"HTML"_s)) << banner->detail().toStdString();
    EXPECT_EQ(find<QTableView>(page.get(), "probesTable")->model()->rowCount(), 2);
    EXPECT_TRUE(find<QTableView>(page.get(), "probesTable")->isVisible());
    EXPECT_TRUE(waitFor(
        [this] { return find<JsonView>(page.get(), "metadataText")->text().contains(u"<html>Welcome</html>"_s); }));
}

TEST_F(ProviderPageTest, NamesAProviderThatIsDown)
{
    const Answering down([](const Http::Request &) { return Http::Response::empty(503); });
    checkIssuer(down.origin());
    EXPECT_EQ(banner->level(), Level::Error);
    EXPECT_EQ(banner->title(), u"The provider answers 503"_s);
    EXPECT_FALSE(banner->detail().contains(u"realm"_s)) << banner->detail().toStdString();
    const auto *probes = find<QTableView>(page.get(), "probesTable")->model();
    EXPECT_EQ(probes->index(0, ProbesModel::Outcome).data().toString(), u"server error"_s);
}

TEST_F(ProviderPageTest, OldResultsAreGreyedDuringACheckAndGoWithAnotherQuestion)
{
    page->showDocument(goodMetadata(u"https://a.example"_s));
    auto *findings = find<QTreeView>(page.get(), "findingsTree");
    EXPECT_TRUE(findings->isVisible());
    QTcpServer silent;
    ASSERT_TRUE(silent.listen(QHostAddress::LocalHost));
    page->setIssuer(u"http://127.0.0.1:%1"_s.arg(silent.serverPort()));
    click(page.get(), "checkButton");
    EXPECT_FALSE(findings->isEnabled());
    click(page.get(), "checkButton");
    ASSERT_TRUE(waitFor([this] { return !page->isChecking(); }));
    page->showDocument(goodMetadata(u"https://a.example"_s));
    EXPECT_TRUE(findings->isEnabled());
    page->setIssuer(u"https://{tenant}.example"_s);
    click(page.get(), "checkButton");
    EXPECT_FALSE(findings->isVisible());
}

TEST(FindingsPane, ShowsNamesWithoutBackticksAndCopiesAFinding)
{
    FindingsPane pane;
    Finding one = finding(u"pkce_not_announced"_s, FindingLevel::Error);
    one.title = u"No `S256`"_s;
    one.remedy = u"Add `S256` to <b>"_s;
    pane.setFindings({one});
    const auto *detail = find<QTextBrowser>(&pane, "findingDetail");
    EXPECT_TRUE(detail->toPlainText().contains(u"Add S256 to <b>"_s)) << detail->toPlainText().toStdString();
    const auto *tree = find<QTreeView>(&pane, "findingsTree");
    EXPECT_EQ(tree->currentIndex().data().toString(), u"No S256"_s);
    ASSERT_FALSE(tree->actions().isEmpty());
    tree->actions().first()->trigger();
    EXPECT_TRUE(QGuiApplication::clipboard()->text().startsWith(u"No `S256` (pkce_not_announced)"_s));
}

TEST_F(ProviderPageTest, NamesAWrongIssuer)
{
    const Answering other(
        [](const Http::Request &) { return Http::Response::json(200, goodMetadata(u"https://other.example"_s)); });
    checkIssuer(other.origin());
    EXPECT_EQ(banner->level(), Level::Error);
    EXPECT_TRUE(banner->title().contains(u"calls itself"_s)) << banner->title().toStdString();
    EXPECT_TRUE(banner->detail().contains(u"https://other.example"_s)) << banner->detail().toStdString();
}

TEST_F(ProviderPageTest, NamesMissingMetadataAndOffersToPaste)
{
    const Answering empty([](const Http::Request &) { return Http::Response::empty(404); });
    checkIssuer(empty.origin());
    EXPECT_EQ(banner->title(), u"No metadata found"_s);
    click(page.get(), "bannerAction");
    auto *dialog = find<QDialog>(page.get(), "pasteDialog");
    auto *text = find<QPlainTextEdit>(dialog, "pasteText");
    text->setPlainText(u"{ \"issuer\": "_s);
    click(dialog, "pasteCheck");
    EXPECT_TRUE(dialog->isVisible());
    EXPECT_FALSE(find<QLabel>(dialog, "pasteFault")->text().isEmpty());
    text->setPlainText(QString::fromUtf8(toJsonText(goodMetadata(u"https://pasted.example"_s))));
    click(dialog, "pasteCheck");
    EXPECT_EQ(banner->level(), Level::Ok);
    EXPECT_EQ(find<QComboBox>(page.get(), "issuerField")->currentText(), u"https://pasted.example"_s);
}

TEST_F(ProviderPageTest, ReadsMetadataFromAFile)
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(u"metadata.json"_s);
    QFile file(path);
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(toJsonText(goodMetadata(u"https://file.example"_s)));
    file.close();
    page->showFile(path);
    EXPECT_EQ(banner->level(), Level::Ok);
    page->showFile(folder.filePath(u"absent.json"_s));
    EXPECT_EQ(banner->level(), Level::Error);
    EXPECT_EQ(banner->title(), u"The file has no metadata"_s);
}

TEST_F(ProviderPageTest, CancelsACheckByTheSameButton)
{
    QTcpServer silent; // accepts, never answers
    ASSERT_TRUE(silent.listen(QHostAddress::LocalHost));
    page->setIssuer(u"http://127.0.0.1:%1"_s.arg(silent.serverPort()));
    click(page.get(), "checkButton");
    ASSERT_TRUE(page->isChecking());
    EXPECT_EQ(banner->level(), Level::Busy);
    ASSERT_TRUE(waitFor([&] { return silent.hasPendingConnections(); }));
    click(page.get(), "checkButton");
    ASSERT_TRUE(waitFor([this] { return !page->isChecking(); }, std::chrono::seconds(5)));
    EXPECT_EQ(banner->title(), u"The check was cancelled"_s);
}

TEST_F(ProviderPageTest, MayGoWhileACheckRuns)
{
    QTcpServer silent;
    ASSERT_TRUE(silent.listen(QHostAddress::LocalHost));
    page->setIssuer(u"http://127.0.0.1:%1"_s.arg(silent.serverPort()));
    click(page.get(), "checkButton");
    ASSERT_TRUE(waitFor([&] { return silent.hasPendingConnections(); }));
    const auto connection = std::unique_ptr<QTcpSocket>(silent.nextPendingConnection());
    // A connection without a request on it is not the check's but the pool's, which keeps it.
    ASSERT_TRUE(waitFor([&] { return connection->bytesAvailable() > 0; }));
    page.reset();
    EXPECT_TRUE(
        waitFor([&] { return connection->state() == QAbstractSocket::UnconnectedState; }, std::chrono::seconds(5)));
}

TEST(Engine, EndsWhileAnAuditAndAServerRun)
{
    QTcpServer silent;
    ASSERT_TRUE(silent.listen(QHostAddress::LocalHost));
    auto engine = std::make_unique<Engine>();
    ASSERT_TRUE(wait(engine->issuer()->start()));
    Mcp::ServerOptions options;
    options.authServers = {Bearer::AuthServer{.issuer = engine->issuer()->url()}};
    ASSERT_TRUE(wait(engine->server()->start(options)));
    EXPECT_TRUE(engine->server()->state().running);
    bool ended = false;
    engine->checks()
        ->audit(u"http://127.0.0.1:%1"_s.arg(silent.serverPort()), {}, false)
        .then([&ended](const Audit::ProviderAudit &audit) { ended = audit.failure.has_value(); });
    ASSERT_TRUE(waitFor([&] { return silent.hasPendingConnections(); }));
    engine.reset();
    EXPECT_TRUE(waitFor([&] { return ended; }));
}

/// A server elsewhere would ask for unknown keys once in 30 seconds; this one is told.
TEST(Engine, TheServerKnowsEveryNewKeyOfTheLocalIssuerAtOnce)
{
    Engine engine;
    ASSERT_TRUE(wait(engine.issuer()->start()));
    Mcp::ServerOptions options;
    options.authServers = {Bearer::AuthServer{.issuer = engine.issuer()->url()}};
    ASSERT_TRUE(wait(engine.server()->start(options)));
    Demo::MintRequest request;
    request.audience = {engine.server()->state().resource};
    QList<QByteArray> tokens;
    for (const auto *algorithm : {"EdDSA", "ES384", "PS256"}) {
        ASSERT_TRUE(wait(engine.issuer()->rotateKeys(algorithm)));
        const auto token = wait(engine.issuer()->mint(request));
        ASSERT_TRUE(token);
        tokens.append(*token);
        for (const QByteArray &each : std::as_const(tokens))
            EXPECT_TRUE(wait(engine.server()->judge(Secret(each), {})).accepted) << algorithm;
    }
}

TEST(Engine, JudgesByTheRunningServerOnly)
{
    Engine engine;
    ASSERT_TRUE(wait(engine.issuer()->start()));
    const auto unstarted = wait(engine.server()->judge(Secret("x"), {}));
    EXPECT_EQ(unstarted.cause.code, u"server_not_running"_s);
    Mcp::ServerOptions options;
    options.authServers = {Bearer::AuthServer{.issuer = engine.issuer()->url()}};
    ASSERT_TRUE(wait(engine.server()->start(options)));
    Demo::MintRequest request;
    request.audience = {engine.server()->state().resource};
    const auto token = wait(engine.issuer()->mint(request));
    ASSERT_TRUE(token);
    EXPECT_TRUE(wait(engine.server()->judge(Secret(*token), {})).accepted);
    EXPECT_EQ(wait(engine.server()->judge(Secret(*token), u"create_todo"_s)).status, 403);
    wait(engine.server()->stop());
    EXPECT_FALSE(engine.server()->state().running);
}

} // namespace
} // namespace McpAuth::Ui
