// The Console at a server with everything: resources, prompts, questions to the person, progress, logs, changes.
#include "demo/conformancefixtures.h"
#include "support.h"
#include "ui/console/consolepage.h"
#include "ui/console/offermodel.h"
#include "ui/widgets/banner.h"

#include <QDesktopServices>
#include <QLabel>
#include <QListView>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QTabBar>
#include <QTableView>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

using Test::click;
using Test::find;
using Test::namelessInputs;
using Test::waitFor;

QCoro::Task<Mcp::ToolResult> pay(QJsonObject arguments, Mcp::Context context)
{
    const QString url = arguments.value("url"_L1).toString();
    const auto answer = co_await context.ask({{u"page"_s, Mcp::InputRequest::url(u"Please pay"_s, url)}});
    co_return answer ? Mcp::ToolResult::text(answer->value(u"page"_s).value("action"_L1).toString())
                     : Mcp::ToolResult::error(answer.error().message);
}

/// Takes the place of the browser.
class Browser : public QObject
{
    Q_OBJECT

public:
    Browser()
    {
        QDesktopServices::setUrlHandler(u"https"_s, this, "open");
        QDesktopServices::setUrlHandler(u"http"_s, this, "open");
    }
    ~Browser() override
    {
        QDesktopServices::unsetUrlHandler(u"https"_s);
        QDesktopServices::unsetUrlHandler(u"http"_s);
    }

    Q_INVOKABLE void open(const QUrl &url) { opened.append(url.toString()); }

    QStringList opened;
};

class ConsoleOffers : public testing::TestWithParam<const char *>
{
protected:
    void SetUp() override
    {
        QSettings().clear();
        ASSERT_TRUE(Demo::addConformanceFixtures(server));
        ASSERT_TRUE(server.addTool(
            {.name = u"pay"_s,
             .inputSchema = {{u"type"_s, u"object"_s},
                             {u"properties"_s, QJsonObject{{u"url"_s, QJsonObject{{u"type"_s, u"string"_s}}}}}},
             .handler = pay}));
        ASSERT_TRUE(server.listen({.requireAuth = false}));
        engine = std::make_unique<Engine>();
        page = std::make_unique<ConsolePage>(engine.get());
        page->resize(1100, 560);
        page->show();
        find<QComboBox>(page.get(), "consoleRevision")->setCurrentText(QString::fromLatin1(GetParam()));
        find<QComboBox>(page.get(), "consoleUrl")->setEditText(server.url());
        click(page.get(), "consoleConnect");
        ASSERT_TRUE(waitFor([&] { return find<QWidget>(page.get(), "consoleDisconnect")->isEnabled() && !isBusy(); }))
            << said();
    }

    void TearDown() override
    {
        page.reset();
        engine.reset();
    }

    [[nodiscard]] bool isBusy() const { return find<QWidget>(page.get(), "consoleCancel")->isEnabled(); }
    [[nodiscard]] std::string said() const
    {
        auto *banner = find<Banner>(page.get(), "consoleBanner");
        return (banner->title() + u" / "_s + banner->detail()).toStdString();
    }
    [[nodiscard]] QString content() const { return text("consoleContentEditor"); }
    [[nodiscard]] QString text(const char *editor) const
    {
        return find<QPlainTextEdit>(page.get(), editor)->toPlainText();
    }
    [[nodiscard]] QTabBar *groups() const { return find<QTabBar>(page.get(), "consoleGroups"); }
    [[nodiscard]] QStringList names() const
    {
        const auto *model = find<QListView>(page.get(), "consoleOffers")->model();
        QStringList names;
        for (int row = 0; row < model->rowCount(); ++row)
            names.append(model->index(row, 0).data().toString());
        return names;
    }

    bool select(OfferGroup group, const QString &name)
    {
        groups()->setCurrentIndex(int(group));
        auto *view = find<QListView>(page.get(), "consoleOffers");
        view->setCurrentIndex(view->model()->index(int(names().indexOf(name)), 0));
        return view->currentIndex().data().toString() == name;
    }

    void type(const char *field, const QString &words) { find<QLineEdit>(page.get(), field)->setText(words); }

    /// To its end, or to the server's question.
    bool call(OfferGroup group, const QString &name) { return select(group, name) && go(); }
    bool go()
    {
        click(page.get(), "consoleCall");
        return waitFor([&] { return !isBusy() || isAsked(); });
    }
    [[nodiscard]] bool isAsked() const { return find<QWidget>(page.get(), "consoleAccept")->isVisible(); }
    /// To the end of the call, or the next question.
    bool press(const char *button)
    {
        click(page.get(), button);
        return waitFor([&] { return !isBusy() || isAsked(); });
    }
    [[nodiscard]] QString question() const { return find<QLabel>(page.get(), "consoleQuestion")->text(); }
    [[nodiscard]] bool hears(const QString &kind, const QString &words) const
    {
        return waitFor([&] {
            const auto *model = find<QTableView>(page.get(), "consoleMessages")->model();
            for (int row = 0; row < model->rowCount(); ++row) {
                if (model->index(row, 1).data() == kind && model->index(row, 2).data().toString().contains(words))
                    return true;
            }
            return false;
        });
    }

    Mcp::Server server{{.name = u"everything"_s, .version = u"1"_s}};
    std::unique_ptr<Engine> engine;
    std::unique_ptr<ConsolePage> page;
};

} // namespace

TEST_P(ConsoleOffers, ListsToolsResourcesAndPrompts)
{
    EXPECT_TRUE(QString::fromStdString(said()).contains(u"4 resources · 5 prompts"_s)) << said();
    EXPECT_TRUE(names().contains(u"test_simple_text"_s));
    groups()->setCurrentIndex(int(OfferGroup::Resources));
    EXPECT_EQ(names(), (QStringList{u"test://static-text"_s, u"test://static-binary"_s, u"test://watched-resource"_s,
                                    u"test://template/{id}/data"_s}));
    groups()->setCurrentIndex(int(OfferGroup::Prompts));
    EXPECT_TRUE(names().contains(u"test_simple_prompt"_s));
    groups()->setCurrentIndex(int(OfferGroup::Tools));
    EXPECT_TRUE(names().contains(u"test_simple_text"_s));
    EXPECT_EQ(namelessInputs(page.get()), QStringList());
}

TEST_P(ConsoleOffers, LeadsIntoAGroupsListByItsKey)
{
    page->activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(page.get()));
    auto *list = find<QListView>(page.get(), "consoleOffers");
    for (const auto &[key, group] :
         {std::pair(Qt::Key_T, OfferGroup::Tools), std::pair(Qt::Key_E, OfferGroup::Resources)}) {
        find<QComboBox>(page.get(), "consoleUrl")->setFocus();
        QTest::keyClick(page.get(), key, Qt::AltModifier);
        EXPECT_TRUE(waitFor([&] { return list->hasFocus(); }));
        EXPECT_EQ(groups()->currentIndex(), int(group));
    }
}

TEST_P(ConsoleOffers, ReadsResources)
{
    ASSERT_TRUE(call(OfferGroup::Resources, u"test://static-text"_s));
    EXPECT_EQ(content(), u"[test://static-text]\nThis is the content of the static text resource.") << said();
    ASSERT_TRUE(call(OfferGroup::Resources, u"test://static-binary"_s));
    EXPECT_TRUE(find<QTabWidget>(page.get(), "consoleResult")->isTabVisible(1)) << "an image";
    ASSERT_TRUE(select(OfferGroup::Resources, u"test://template/{id}/data"_s));
    type("consoleField_id", u"a b"_s);
    ASSERT_TRUE(go());
    EXPECT_TRUE(content().contains(u"Data for ID: a b"_s)) << content().toStdString();
}

TEST_P(ConsoleOffers, GetsPrompts)
{
    ASSERT_TRUE(select(OfferGroup::Prompts, u"test_prompt_with_arguments"_s));
    type("consoleField_arg1", u"7"_s);
    type("consoleField_arg2", u"b"_s);
    ASSERT_TRUE(go());
    EXPECT_EQ(content(), u"user:\nPrompt with arguments: arg1='7', arg2='b'") << said();
}

TEST_P(ConsoleOffers, MakesACallOfAnyKindAgainFromTheHistory)
{
    ASSERT_TRUE(call(OfferGroup::Resources, u"test://static-text"_s));
    groups()->setCurrentIndex(int(OfferGroup::Tools));
    auto *history = find<QTableView>(page.get(), "consoleHistory");
    Q_EMIT history->activated(history->model()->index(0, 0));
    ASSERT_TRUE(waitFor([&] { return history->model()->rowCount() == 2 && !isBusy(); }));
    EXPECT_EQ(groups()->currentIndex(), int(OfferGroup::Resources));
    EXPECT_TRUE(content().contains(u"static text resource"_s));
}

TEST_P(ConsoleOffers, AsksThePersonByAForm)
{
    ASSERT_TRUE(select(OfferGroup::Tools, u"test_elicitation"_s));
    type("consoleField_message", u"Who are you?"_s);
    ASSERT_TRUE(go());
    ASSERT_TRUE(isAsked()) << said();
    EXPECT_EQ(question(), u"Who are you?");
    EXPECT_TRUE(find<QLabel>(page.get(), "consoleQuestionWho")->text().contains(u"127.0.0.1"_s));
    type("questionField_username", u"ada"_s);
    type("questionField_email", u"ada@example.com"_s);
    ASSERT_TRUE(press("consoleAccept"));
    EXPECT_FALSE(isAsked());
    EXPECT_TRUE(content().contains(u"ada@example.com"_s)) << content().toStdString();

    ASSERT_TRUE(go());
    ASSERT_TRUE(press("consoleDecline"));
    EXPECT_TRUE(content().contains(u"decline"_s)) << content().toStdString();
    ASSERT_TRUE(go());
    ASSERT_TRUE(press("consoleNoAnswer"));
    EXPECT_TRUE(content().contains(u"cancel"_s)) << content().toStdString();
}

TEST_P(ConsoleOffers, SendsAFormOnlyWhenItIsRight)
{
    ASSERT_TRUE(call(OfferGroup::Tools, u"test_elicitation_sep1034_defaults"_s));
    EXPECT_EQ(find<QLineEdit>(page.get(), "questionField_name")->text(), u"John Doe") << "the default";
    type("questionField_age", u"old"_s);
    ASSERT_TRUE(press("consoleAccept"));
    EXPECT_TRUE(isBusy() && isAsked());
    EXPECT_TRUE(find<QLabel>(page.get(), "consoleQuestionProblem")->text().contains(u"age"_s));
    type("questionField_age", u"41"_s);
    EXPECT_FALSE(find<QLabel>(page.get(), "consoleQuestionProblem")->isVisible());
    ASSERT_TRUE(press("consoleAccept"));
    EXPECT_TRUE(content().contains(u"\"age\":41"_s)) << content().toStdString();
}

TEST_P(ConsoleOffers, AsksAgainInTheNextRound)
{
    ASSERT_TRUE(call(OfferGroup::Tools, u"test_input_required_result_multi_round"_s));
    type("questionField_name", u"Ada"_s);
    ASSERT_TRUE(press("consoleAccept"));
    ASSERT_TRUE(waitFor([&] { return question().startsWith(u"Step 2"_s); }));
    type("questionField_color", u"blue"_s);
    ASSERT_TRUE(press("consoleAccept"));
    EXPECT_EQ(content(), u"Multi-round complete for Ada who likes blue") << said();
}

TEST_P(ConsoleOffers, LetsThePersonStandForTheModelAndNameRoots)
{
    ASSERT_TRUE(select(OfferGroup::Tools, u"test_sampling"_s));
    type("consoleField_prompt", u"Say something"_s);
    ASSERT_TRUE(go());
    EXPECT_TRUE(question().contains(u"user: Say something"_s)) << question().toStdString();
    find<QPlainTextEdit>(page.get(), "consoleAnswer")->setPlainText(u"Something."_s);
    ASSERT_TRUE(press("consoleAccept"));
    EXPECT_TRUE(content().contains(u"Something."_s)) << content().toStdString() << said();

    ASSERT_TRUE(call(OfferGroup::Tools, u"test_input_required_result_list_roots"_s));
    find<QPlainTextEdit>(page.get(), "consoleAnswer")->setPlainText(u"https://a.example"_s);
    ASSERT_TRUE(press("consoleAccept"));
    EXPECT_TRUE(find<QLabel>(page.get(), "consoleQuestionProblem")->text().contains(u"file://"_s));
    find<QPlainTextEdit>(page.get(), "consoleAnswer")->setPlainText(u"file:///home/ada\n"_s);
    ASSERT_TRUE(press("consoleAccept"));
    EXPECT_TRUE(content().contains(u"file:///home/ada"_s) || content().contains(u"1"_s)) << content().toStdString();
}

TEST_P(ConsoleOffers, OpensAPageOnlyWhenThePersonSaysSo)
{
    Browser browser;
    const QString url = u"https://pay.example/bill?id=7"_s;
    ASSERT_TRUE(select(OfferGroup::Tools, u"pay"_s));
    type("consoleField_url", url);
    ASSERT_TRUE(go());
    EXPECT_EQ(find<QLabel>(page.get(), "consoleQuestionUrl")->text(), url) << "whole";
    EXPECT_EQ(browser.opened, QStringList());
    ASSERT_TRUE(press("consoleDecline"));
    EXPECT_EQ(content(), u"decline");
    EXPECT_EQ(browser.opened, QStringList());
    ASSERT_TRUE(go());
    ASSERT_TRUE(press("consoleAccept"));
    EXPECT_EQ(content(), u"accept");
    EXPECT_EQ(browser.opened, QStringList{url});

    for (const auto &[odd, warning] : {std::pair(u"https://bank.example@evil.example/"_s, u"evil.example"_s),
                                       std::pair(u"https://xn--pple-43d.example/"_s, u"characters"_s),
                                       std::pair(u"http://pay.example/"_s, u"not encrypted"_s)}) {
        type("consoleField_url", odd);
        ASSERT_TRUE(go());
        EXPECT_TRUE(find<QLabel>(page.get(), "consoleQuestionWarning")->text().contains(warning)) << odd.toStdString();
        ASSERT_TRUE(press("consoleDecline"));
    }
    type("consoleField_url", u"https://pay.example/\u202etxt.exe"_s);
    ASSERT_TRUE(go());
    EXPECT_EQ(find<QLabel>(page.get(), "consoleQuestionUrl")->text(), u"https://pay.example/%E2%80%AEtxt.exe");
    ASSERT_TRUE(press("consoleDecline"));
    type("consoleField_url", u"file:///etc/passwd"_s);
    ASSERT_TRUE(go());
    EXPECT_FALSE(find<QWidget>(page.get(), "consoleAccept")->isEnabled());
    ASSERT_TRUE(press("consoleDecline"));
}

TEST_P(ConsoleOffers, WithdrawsAQuestionWhenTheCallIsCancelled)
{
    ASSERT_TRUE(call(OfferGroup::Tools, u"test_elicitation_sep1034_defaults"_s));
    ASSERT_TRUE(isAsked());
    click(page.get(), "consoleCancel");
    EXPECT_TRUE(waitFor([&] { return !isAsked(); }));
    ASSERT_TRUE(call(OfferGroup::Tools, u"test_simple_text"_s));
    EXPECT_EQ(content(), u"This is a simple text response for testing.") << said();
}

TEST_P(ConsoleOffers, ShowsProgressLogsAndChanges)
{
    ASSERT_TRUE(call(OfferGroup::Tools, u"test_tool_with_progress"_s));
    EXPECT_TRUE(hears(u"progress"_s, u"Completed step 50 of 100 · 50 of 100"_s));
    ASSERT_TRUE(call(OfferGroup::Tools, u"test_tool_with_logging"_s));
    EXPECT_TRUE(hears(u"message"_s, u"Tool processing data"_s));
    const qsizetype before = names().size();
    ASSERT_TRUE(server.endpoint()->addTool(
        {.name = u"late"_s,
         .inputSchema = {{u"type"_s, u"object"_s}},
         .handler = [](const QJsonObject &, const Mcp::Context &) { return Mcp::ToolResult::text(u"late"_s); }}));
    EXPECT_TRUE(waitFor([&] { return names().contains(u"late"_s); })) << names().join(u' ').toStdString();
    EXPECT_EQ(names().size(), before + 1);
    EXPECT_TRUE(hears(u"tools/list_changed"_s, {}));
}

INSTANTIATE_TEST_SUITE_P(Revisions, ConsoleOffers, testing::Values("2025-11-25", "2026-07-28"),
                         [](const auto &revision) {
                             return QString::fromLatin1(revision.param).remove(u'-').toStdString();
                         });

// RFC 6570 §3.2
TEST(OfferTemplates, AreExpanded)
{
    const QJsonObject variables{{u"a"_s, u"x/y z"_s}, {u"b"_s, u"2"_s}, {u"none"_s, u""_s}};
    EXPECT_EQ(expanded(u"s://h/{a}"_s, variables), u"s://h/x%2Fy%20z");
    EXPECT_EQ(expanded(u"s://h/{+a}/{b}"_s, variables), u"s://h/x/y%20z/2");
    EXPECT_EQ(expanded(u"s://h/{a,b}"_s, variables), u"s://h/x%2Fy%20z,2");
    EXPECT_EQ(expanded(u"s://h{?b,none,a}"_s, variables), u"s://h?b=2&a=x%2Fy%20z");
    EXPECT_EQ(expanded(u"s://h{?none}"_s, variables), u"s://h");
    EXPECT_EQ(expanded(u"s://h{/a}"_s, {{u"uri"_s, u"s://h/typed"_s}}), u"s://h/typed")
        << "not known here: typed whole";
}

TEST(OfferTemplates, AskForTheirVariables)
{
    const auto fieldsOf = [](const QString &uriTemplate) {
        const auto offers = offersOf(OfferKind::ResourceTemplate, {QJsonObject{{u"uriTemplate"_s, uriTemplate}}});
        return offers.value(0).inputSchema.value("properties"_L1).toObject().keys();
    };
    EXPECT_EQ(fieldsOf(u"s://{a}/{+b}{?c,d}"_s), (QStringList{u"a"_s, u"b"_s, u"c"_s, u"d"_s}));
    EXPECT_EQ(fieldsOf(u"s://h{/a*}"_s), QStringList{u"uri"_s});
    EXPECT_EQ(offersOf(OfferKind::Prompt, {QJsonObject{}}).size(), 0) << "no name, no prompt";
}

} // namespace McpAuth::Ui

#include "consoleoffers_test.moc"
