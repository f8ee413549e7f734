#include "support.h"
#include "ui/console/argumentspane.h"
#include "ui/console/callhistory.h"
#include "ui/console/consolewords.h"
#include "ui/console/offerspane.h"

#include <QComboBox>
#include <QLabel>
#include <QListView>

#include <gmock/gmock.h>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

using Test::codeOf;
using Test::find;
using Test::namelessInputs;

QJsonObject json(const char *text)
{
    return parseJsonObject(text).value_or(QJsonObject{{u"no"_s, u"json"_s}});
}

Offer tool(const QString &name, const char *schema = "{}", const QString &description = {})
{
    const QJsonObject input = json(schema);
    return {.name = name,
            .title = {},
            .description = description,
            .inputSchema = input,
            .raw = {{u"name"_s, name}, {u"inputSchema"_s, input}}};
}

constexpr auto order = R"({"required": ["count", "size"], "properties": {
    "count": {"type": "integer", "minimum": 1}, "size": {"enum": ["S", "L"]},
    "gift": {"type": "boolean"}, "tags": {"type": "array"}, "note": {"type": "string"}}})";

/// The pane with the tool `order`, whose count is 2.
class ArgumentsPaneTest : public testing::Test
{
protected:
    void SetUp() override
    {
        pane.setOffer(tool(u"order"_s, order));
        pane.resize(400, 400);
        pane.show();
        line("count")->setText(u"2"_s);
    }

    QLineEdit *line(const char *field) { return find<QLineEdit>(&pane, QByteArray("consoleField_").append(field)); }
    QComboBox *box(const char *field) { return find<QComboBox>(&pane, QByteArray("consoleField_").append(field)); }
    QPlainTextEdit *editor() { return find<QPlainTextEdit>(&pane, "consoleJsonEditor"); }
    QTabWidget *tabs() { return find<QTabWidget>(&pane, "consoleArguments"); }
    QJsonObject shown() { return json(editor()->toPlainText().toUtf8().constData()); }

    ArgumentsPane pane;
};

OAuth::Authorization authorization(TimePoint expiresAt)
{
    OAuth::Authorization given;
    given.tokens.accessToken = Secret("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.");
    given.tokens.scopes = {u"read"_s, u"write"_s};
    given.tokens.expiresAt = expiresAt;
    return given;
}

const TimePoint noon{std::chrono::seconds(1'700'000'000)};

} // namespace

TEST_F(ArgumentsPaneTest, CarriesTheFormOverToTheJson)
{
    EXPECT_EQ(shown(), json(R"({"count": 2, "size": "S"})"));
    box("gift")->setCurrentText(u"true"_s);
    box("size")->setCurrentText(u"L"_s);
    find<QPlainTextEdit>(&pane, "consoleField_tags")->setPlainText(u"[1]"_s);
    EXPECT_EQ(shown(), json(R"({"count": 2, "size": "L", "gift": true, "tags": [1]})"));
    EXPECT_EQ(pane.arguments(), shown());
    box("gift")->setCurrentIndex(0);
    EXPECT_FALSE(shown().contains(u"gift")) << "left out";
}

TEST_F(ArgumentsPaneTest, ShowsTheSchemasAndWhatTheFormCannot)
{
    const QJsonObject schema = json(R"({"type": "object", "oneOf": [{"required": ["a"]}, {"required": ["b"]}]})");
    pane.setOffer({.name = u"either"_s,
                   .title = {},
                   .description = {},
                   .inputSchema = schema,
                   .raw = {{u"name"_s, u"either"_s},
                           {u"inputSchema"_s, schema},
                           {u"annotations"_s, QJsonObject{{u"readOnlyHint"_s, true}}}}});
    const auto labels = pane.findChildren<QLabel *>();
    EXPECT_TRUE(std::ranges::any_of(labels, [](const QLabel *one) { return one->text().contains(u"several forms"); }));
    const QString shownSchema = find<QPlainTextEdit>(&pane, "consoleSchemaEditor")->toPlainText();
    EXPECT_TRUE(shownSchema.contains(u"readOnlyHint") && shownSchema.contains(u"oneOf")) << shownSchema.toStdString();
}

TEST_F(ArgumentsPaneTest, CarriesTheJsonOverToTheForm)
{
    editor()->setPlainText(uR"({"count": 5, "size": "L", "note": "hello", "more": [1]})"_s);
    EXPECT_EQ(line("count")->text(), u"5");
    EXPECT_EQ(box("size")->currentText(), u"L");
    EXPECT_EQ(line("note")->text(), u"hello");
    line("note")->setText(u"bye"_s);
    EXPECT_EQ(shown(), json(R"({"count": 5, "size": "L", "note": "bye", "more": [1]})"))
        << "what the form does not know stays";
}

TEST_F(ArgumentsPaneTest, SaysThatTheJsonIsNoneAndIsNotReadyThen)
{
    auto *problem = find<QLabel>(&pane, "consoleJsonProblem");
    EXPECT_TRUE(pane.isValid());
    for (const auto &wrong : {u"{\"count\": 5"_s, u"[]"_s, u""_s, u"{\"a\":1,\"a\":2}"_s}) {
        editor()->setPlainText(wrong);
        EXPECT_FALSE(pane.isValid());
        EXPECT_TRUE(problem->isVisible()) << wrong.toStdString();
        EXPECT_EQ(codeOf(pane.arguments()), u"invalid_arguments");
    }
    EXPECT_EQ(line("count")->text(), u"2") << "the form keeps what it had";
    editor()->setPlainText(u"{}"_s);
    EXPECT_TRUE(pane.isValid());
    EXPECT_FALSE(problem->isVisible());
}

TEST_F(ArgumentsPaneTest, SendsFromTheFormOnlyWhatFitsTheSchema)
{
    line("count")->setText(u"0"_s);
    auto *problem = find<QLabel>(&pane, "consoleProblem_count");
    EXPECT_TRUE(problem->isVisible());
    EXPECT_EQ(codeOf(pane.arguments()), u"invalid_arguments");
    EXPECT_FALSE(shown().contains(u"count"));
    line("count")->setText(u"1"_s);
    EXPECT_FALSE(problem->isVisible());
    EXPECT_TRUE(pane.arguments());
}

TEST_F(ArgumentsPaneTest, SendsFromTheJsonSideWhateverTheSchemaSays)
{
    tabs()->setCurrentIndex(1);
    editor()->setPlainText(uR"({"count": "many"})"_s);
    EXPECT_EQ(pane.arguments(), json(R"({"count": "many"})"));
    tabs()->setCurrentIndex(0);
    EXPECT_EQ(codeOf(pane.arguments()), u"invalid_arguments");
}

TEST_F(ArgumentsPaneTest, GoesThroughItsFieldsByTab)
{
    pane.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&pane));
    line("count")->setFocus();
    QTest::keyClick(line("count"), Qt::Key_Tab);
    EXPECT_TRUE(box("size")->hasFocus());
    tabs()->setCurrentIndex(1);
    tabs()->tabBar()->setFocus();
    QTest::keyClick(tabs()->tabBar(), Qt::Key_Tab);
    EXPECT_TRUE(editor()->hasFocus());
    QTest::keyClicks(editor(), u"x"_s);
    EXPECT_FALSE(pane.isValid());
}

TEST_F(ArgumentsPaneTest, NamesItsFieldsForThoseWhoDoNotSeeThem)
{
    EXPECT_TRUE(line("count")->accessibleName().contains(u"required"_s));
    EXPECT_THAT(namelessInputs(&pane), testing::IsEmpty());
}

TEST(ArgumentForm, DoesNotTakeAServersWordsForMarkupOrMnemonics)
{
    ArgumentsPane pane;
    pane.setOffer(
        tool(u"t"_s, R"({"properties": {"a&b": {"type": "string", "description": "<b>bold</b>"}}})", u"<img src=x>"_s));
    for (const QLabel *label : pane.findChildren<QLabel *>()) {
        EXPECT_TRUE(label->textFormat() == Qt::PlainText || !label->text().contains(u'<'))
            << label->text().toStdString();
        EXPECT_TRUE(QKeySequence::mnemonic(label->text()).isEmpty()) << label->text().toStdString();
    }
}

TEST(OffersPane, SearchesNamesAndDescriptionsAndKeepsTheSelection)
{
    OffersPane pane;
    pane.setOffers({tool(u"add"_s, "{}", u"Adds two numbers"_s), tool(u"whoami"_s, "{}", u"Tells who calls"_s)});
    auto *view = find<QListView>(&pane, "consoleOffers");
    EXPECT_EQ(pane.selected()->name, u"add");
    find<QLineEdit>(&pane, "consoleSearch")->setText(u"WHO CALLS"_s);
    ASSERT_EQ(view->model()->rowCount(), 1);
    EXPECT_EQ(view->model()->index(0, 0).data().toString(), u"whoami");
    EXPECT_TRUE(pane.select(OfferGroup::Tools, u"add"_s)) << "the search gives way";
    EXPECT_EQ(view->model()->rowCount(), 2);
    EXPECT_TRUE(pane.select(OfferGroup::Tools, u"whoami"_s));
    pane.clear();
    EXPECT_EQ(pane.selected(), nullptr);
    pane.setOffers({tool(u"add"_s), tool(u"whoami"_s)});
    EXPECT_EQ(pane.selected()->name, u"whoami");
    EXPECT_FALSE(pane.select(OfferGroup::Tools, u"gone"_s));
}

TEST(CallHistory, IsBoundedWithTheNewestFirst)
{
    CallHistory history;
    for (int i = 0; i < maxCalls + 5; ++i)
        history.add({.time = QDateTime::currentDateTimeUtc(),
                     .name = QString::number(i),
                     .arguments = {{u"text"_s, QString(5'000, u'x')}},
                     .status = u"ok"_s});
    EXPECT_EQ(history.rowCount(), maxCalls);
    EXPECT_EQ(history.record(0).name, QString::number(maxCalls + 4));
    EXPECT_LE(history.index(0, CallHistory::Arguments).data().toString().size(), 210);
}

TEST(ConsoleWords, LeadsARefusalToWhatCanBeDoneAboutIt)
{
    EXPECT_EQ(verdictOf(Error{u"authorization_required"_s, {}}).action, ConsoleAction::GetToken);
    EXPECT_EQ(verdictOf(Error{u"authorization_required"_s, {}}).title, u"The server requires a token");
    EXPECT_EQ(verdictOf(Error{u"authorization_required"_s, {}, {{u"token_sent"_s, true}}}).title,
              u"The server refused the token");
    EXPECT_EQ(verdictOf(Error{u"unauthorized"_s, {}}).action, ConsoleAction::GetToken);
    const Error scopes{u"insufficient_scope"_s, u"No."_s, {{u"scope"_s, u"create:todos read:todos"_s}}};
    EXPECT_EQ(verdictOf(scopes).action, ConsoleAction::AskForScopes);
    EXPECT_THAT(missingScopes(scopes), testing::ElementsAre(u"create:todos"_s, u"read:todos"_s));
    EXPECT_EQ(verdictOf(Error{u"connection_refused"_s, {}}).action, ConsoleAction::None);
    EXPECT_EQ(verdictOf(Error{u"cancelled"_s, {}}).level, Level::Skipped);
    for (const auto action : {ConsoleAction::GetToken, ConsoleAction::AskForScopes, ConsoleAction::ShowFlow})
        EXPECT_FALSE(actionText(action).isEmpty());
}

TEST(ConsoleWords, SaysWhatIsWrongWithACertificate)
{
    const ConsoleVerdict verdict =
        verdictOf(Error{u"tls_error"_s, u"No trust."_s, {{u"problems"_s, QJsonArray{u"It has expired."_s}}}});
    EXPECT_EQ(verdict.title, u"The server's certificate is not trusted");
    EXPECT_EQ(verdict.detail, u"No trust. It has expired.");
}

TEST(ConsoleWords, TellsTheToolsOwnNoFromARefusal)
{
    Mcp::CallResult no;
    no.isError = true;
    no.content = {QJsonObject{{u"type"_s, u"text"_s}, {u"text"_s, u"There is no such item."_s}}};
    const ConsoleVerdict verdict = verdictOf(ClientCall{no, 12.3}, u"delete_todo"_s);
    EXPECT_EQ(verdict.level, Level::Warning);
    EXPECT_EQ(verdict.title, u"delete_todo returned an error");
    EXPECT_EQ(verdict.detail, u"There is no such item.");
    EXPECT_EQ(verdict.aside, u"12 ms");
}

TEST(ConsoleWords, SaysInWhichRevisionItIsConnected)
{
    const ServerIntroduction connection{.url = u"https://mcp.example/mcp"_s,
                                        .serverName = u"Sample 1.0"_s,
                                        .revision = u"2025-11-25"_s,
                                        .offers = {},
                                        .problems = {}};
    EXPECT_EQ(verdictOf(connection, u"2025-11-25"_s).detail, u"0 tools · revision 2025-11-25");
    EXPECT_TRUE(verdictOf(connection, u"2026-07-28"_s).detail.contains(u"does not speak 2026-07-28"_s));
}

TEST(ConsoleWords, SaysWhoseTokenItIsAndHowLongItIsGood)
{
    const OAuth::Authorization given = authorization(noon + std::chrono::minutes(15));
    const QString words = tokenInWords(given, {}, noon, QTimeZone::utc());
    EXPECT_TRUE(words.contains(u"alice · read write · expires in 15 minutes"_s)) << words.toStdString();
    EXPECT_FALSE(words.contains(QString::fromLatin1(given.tokens.accessToken.reveal())));
    const QDateTime renewed = QDateTime::fromSecsSinceEpoch(1'700'000'000, QTimeZone::utc());
    EXPECT_TRUE(tokenInWords(given, renewed, noon, QTimeZone::utc()).endsWith(u"renewed at 22:13:20"_s));
    EXPECT_FALSE(tokenInWords({}, {}, noon).isEmpty());
}

TEST(ConsoleWords, SaysThatAnExpiredTokenIsRenewedOnlyWhereItCanBe)
{
    OAuth::Authorization given = authorization(noon - std::chrono::minutes(3));
    EXPECT_FALSE(tokenInWords(given, {}, noon).contains(u"renews"_s));
    given.tokens.refreshToken = Secret("r");
    EXPECT_TRUE(tokenInWords(given, {}, noon).contains(u"the next call renews it"_s));
}

TEST(ConsoleWords, ShowsTextsAndNamesWhatIsNoText)
{
    const QJsonArray content = {
        QJsonObject{{u"type"_s, u"text"_s}, {u"text"_s, u"one"_s}},
        QJsonObject{{u"type"_s, u"image"_s}, {u"mimeType"_s, u"image/png"_s}, {u"data"_s, u"AAAA"_s}},
        QJsonObject{{u"type"_s, u"resource_link"_s}, {u"name"_s, u"notes"_s}, {u"uri"_s, u"file:///notes"_s}},
        QJsonObject{{u"type"_s, u"resource"_s},
                    {u"resource"_s, QJsonObject{{u"uri"_s, u"file:///a"_s}, {u"text"_s, u"inside"_s}}}}};
    EXPECT_EQ(contentText(content), u"one\n[image, image/png, 3 bytes]\n[resource_link, notes, file:///notes]\n"
                                    u"[file:///a]\ninside");
}

} // namespace McpAuth::Ui
