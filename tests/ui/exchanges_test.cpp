#include "support.h"
#include "ui/exchanges/exchangemodel.h"
#include "ui/exchanges/exchangequery.h"
#include "ui/exchanges/exchangespanel.h"
#include "ui/exchanges/exchangetext.h"
#include "ui/theme.h"
#include "ui/widgets/jsonview.h"

#include <QClipboard>
#include <QComboBox>
#include <QFile>
#include <QGuiApplication>
#include <QJsonDocument>
#include <QLabel>
#include <QPlainTextEdit>
#include <QTableView>
#include <QTemporaryDir>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

using Test::click;
using Test::codeOf;
using Test::find;
using Test::waitFor;

Http::Exchange exchange(const QString &url, int status)
{
    Http::Exchange result;
    result.method = "GET";
    result.url = url;
    result.status = status;
    result.purpose = u"provider check"_s;
    result.started = QDateTime::currentDateTime();
    result.durationMs = 12.4;
    result.requestHeaders.append("Authorization", "Bearer eyJhbGciOiJFUzI1NiJ9.secret.signature");
    result.responseHeaders.append("Content-Type", "application/json");
    result.responseBody = R"({"issuer":"https://a.example"})";
    result.responseBodySize = result.responseBody.size();
    return result;
}

QAbstractItemModel *rowsOf(QWidget *panel)
{
    return find<QTableView>(panel, "exchangeTable")->model();
}

TEST(ExchangeModel, TakesArrivalsInOneBatch)
{
    Http::ExchangeLog log;
    ExchangeModel model(&log);
    int insertions = 0;
    QObject::connect(&model, &QAbstractItemModel::rowsInserted, &model, [&insertions] { ++insertions; });
    for (int i = 0; i < 100; ++i)
        log.record(exchange(u"https://a.example/%1"_s.arg(i), 200));
    ASSERT_TRUE(waitFor([&] { return model.rowCount() == 100; }));
    EXPECT_LT(insertions, 20);
    EXPECT_EQ(model.index(99, ExchangeModel::Url).data().toString(), u"https://a.example/99"_s);
    EXPECT_EQ(model.index(99, ExchangeModel::Duration).data().toString(), u"12 ms"_s);
}

TEST(ExchangeModel, NeverKeepsMoreThanTheLog)
{
    Http::ExchangeLog log;
    ExchangeModel model(&log);
    for (int i = 0; i < Http::exchangeLogEntries + 50; ++i) {
        log.record(exchange(u"https://a.example/%1"_s.arg(i), 200));
        if (i % 100 == 0)
            QCoreApplication::processEvents();
    }
    const QString last = u"https://a.example/%1"_s.arg(Http::exchangeLogEntries + 49);
    ASSERT_TRUE(waitFor([&] {
        return model.rowCount() > 0 && model.index(model.rowCount() - 1, ExchangeModel::Url).data().toString() == last;
    }));
    EXPECT_EQ(model.rowCount(), Http::exchangeLogEntries);
}

TEST(ExchangeText, IndentsJsonAndSaysWhatWasCutOff)
{
    Http::Exchange cut = exchange(u"https://a.example/x?y=1"_s, 404);
    cut.responseBodySize += 7;
    EXPECT_TRUE(requestText(cut).startsWith(u"GET /x?y=1 HTTP/1.1\n"_s));
    const QString text = responseText(cut);
    EXPECT_TRUE(text.startsWith(u"HTTP/1.1 404 Not Found\n"_s)) << text.toStdString();
    EXPECT_TRUE(text.contains(u"{\n"_s));
    EXPECT_TRUE(text.contains(u"7 bytes more"_s));
}

TEST(ExchangeText, ACurlCommandHasAPlaceForTheTokenThatWasNotRecorded)
{
    const Http::Exchange masked = Http::redactedExchange(exchange(u"https://a.example"_s, 200));
    EXPECT_TRUE(hasMaskedSecrets(masked));
    EXPECT_TRUE(curlText(masked).contains(u"-H \"Authorization: Bearer $TOKEN\""_s, Qt::CaseInsensitive))
        << curlText(masked).toStdString();
    const Http::Exchange recorded = exchange(u"https://a.example"_s, 200);
    EXPECT_FALSE(hasMaskedSecrets(recorded));
    EXPECT_TRUE(curlText(recorded).contains(u"secret.signature'"_s));
}

TEST(ExchangeQuery, AllWordsMustOccurAndSomeMustNot)
{
    Http::Exchange one = exchange(u"https://a.example/token?x=1"_s, 401);
    one.method = "POST";
    one.requestBody = "grant_type=authorization_code";
    const auto matches = [&](const QString &text, bool inMessages = false) {
        return ExchangeQuery(text).matches(one, inMessages);
    };
    EXPECT_TRUE(matches({}));
    EXPECT_TRUE(matches(u"post 401"_s));
    EXPECT_TRUE(matches(u"provider TOKEN"_s));
    EXPECT_FALSE(matches(u"post 200"_s));
    EXPECT_TRUE(matches(u"status:401"_s));
    EXPECT_TRUE(matches(u"status:4xx method:post"_s));
    EXPECT_FALSE(matches(u"-status:4xx"_s));
    EXPECT_FALSE(matches(u"method:get"_s));
    EXPECT_FALSE(matches(u"status:none"_s));
    EXPECT_TRUE(matches(u"-jwks token"_s));
    EXPECT_FALSE(matches(u"-token"_s));
    EXPECT_TRUE(matches(u"\"provider check\""_s));
    EXPECT_FALSE(matches(u"\"check provider\""_s));
    EXPECT_FALSE(matches(u"grant_type"_s));
    EXPECT_TRUE(matches(u"grant_type"_s, true));
    EXPECT_TRUE(matches(u"application/json"_s, true));
    one.status = 0;
    EXPECT_TRUE(matches(u"status:none"_s));
}

TEST(ExchangeText, TellsWhyNoResponseCame)
{
    Http::Exchange none = exchange(u"https://a.example"_s, 0);
    none.error = u"The connection was refused."_s;
    EXPECT_EQ(responseText(none), u"The connection was refused."_s);
}

TEST(ExchangesPanel, FiltersShowsAndCopies)
{
    Http::ExchangeLog log;
    ExchangesPanel panel(&log);
    panel.resize(1000, 300);
    panel.show();
    log.record(exchange(u"https://a.example/metadata"_s, 200));
    log.record(exchange(u"https://a.example/jwks"_s, 404));
    ASSERT_TRUE(waitFor([&] { return rowsOf(&panel)->rowCount() == 2; }));

    QTest::keyClicks(find<QLineEdit>(&panel, "exchangeFilter"), u"JWKS"_s);
    ASSERT_EQ(rowsOf(&panel)->rowCount(), 1);
    auto *table = find<QTableView>(&panel, "exchangeTable");
    table->setCurrentIndex(rowsOf(&panel)->index(0, 0));
    EXPECT_TRUE(find<JsonView>(&panel, "exchangeResponse")->text().startsWith(u"HTTP/1.1 404"_s));
    click(&panel, "exchangeCurl");
    EXPECT_TRUE(QGuiApplication::clipboard()->text().startsWith(u"curl "_s));
    EXPECT_TRUE(QGuiApplication::clipboard()->text().contains(u"https://a.example/jwks"_s));

    click(&panel, "exchangeClear");
    EXPECT_EQ(rowsOf(&panel)->rowCount(), 0);
    EXPECT_TRUE(log.exchanges().empty());
}

TEST(ExchangesPanel, SaysHowManyThereWereAndKeepsTheSelectedOne)
{
    Http::ExchangeLog log;
    ExchangesPanel panel(&log);
    panel.resize(1000, 300);
    panel.show();
    auto *table = find<QTableView>(&panel, "exchangeTable");
    const auto *counts = find<QLabel>(&panel, "exchangeCounts");
    const auto urlAt = [&](int row) { return rowsOf(&panel)->index(row, ExchangeModel::Url).data().toString(); };
    log.record(exchange(u"https://a.example/first"_s, 200));
    ASSERT_TRUE(waitFor([&] { return rowsOf(&panel)->rowCount() == 1; }));
    table->setCurrentIndex(rowsOf(&panel)->index(0, 0));
    for (int i = 0; i < Http::exchangeLogEntries + 200; ++i) {
        log.record(exchange(u"https://a.example/%1"_s.arg(i), 200));
        if (i % 300 == 0)
            QCoreApplication::processEvents();
    }
    const QString last = u"https://a.example/%1"_s.arg(Http::exchangeLogEntries + 199);
    ASSERT_TRUE(waitFor([&] { return urlAt(rowsOf(&panel)->rowCount() - 1) == last; }));
    EXPECT_TRUE(counts->text().contains(u"of 1,201"_s)) << counts->text().toStdString();
    EXPECT_TRUE(counts->text().contains(u"older ones were dropped"_s));
    EXPECT_EQ(urlAt(table->currentIndex().row()), u"https://a.example/first"_s);
    EXPECT_TRUE(find<JsonView>(&panel, "exchangeRequest")->text().startsWith(u"GET /first"_s));
    const QRect lastRow = table->visualRect(rowsOf(&panel)->index(rowsOf(&panel)->rowCount() - 1, 0));
    EXPECT_TRUE(table->viewport()->rect().intersects(lastRow));
}

TEST(ExchangesPanel, StaysWhereTheUserReads)
{
    Http::ExchangeLog log;
    ExchangesPanel panel(&log);
    panel.resize(1000, 300);
    panel.show();
    auto *table = find<QTableView>(&panel, "exchangeTable");
    const auto fill = [&](int from, int to) {
        for (int i = from; i < to; ++i)
            log.record(exchange(u"https://a.example/%1"_s.arg(i), 200));
        const QString last = u"https://a.example/%1"_s.arg(to - 1);
        return waitFor([&] {
            const int rows = rowsOf(&panel)->rowCount();
            return rows > 0 && rowsOf(&panel)->index(rows - 1, ExchangeModel::Url).data().toString() == last;
        });
    };
    const auto top = [&] { return table->indexAt({0, 0}).siblingAtColumn(ExchangeModel::Url).data().toString(); };
    ASSERT_TRUE(fill(0, Http::exchangeLogEntries));
    table->scrollTo(rowsOf(&panel)->index(600, 0), QAbstractItemView::PositionAtTop);
    ASSERT_EQ(top(), u"https://a.example/600"_s);
    ASSERT_TRUE(fill(Http::exchangeLogEntries, Http::exchangeLogEntries + 100));
    EXPECT_EQ(top(), u"https://a.example/600"_s);
}

TEST(ExchangesPanel, PausesAndSaysWhyNothingIsShown)
{
    Http::ExchangeLog log;
    ExchangesPanel panel(&log);
    panel.resize(1000, 300);
    panel.show();
    const auto *counts = find<QLabel>(&panel, "exchangeCounts");
    log.record(exchange(u"https://a.example/1"_s, 200));
    ASSERT_TRUE(waitFor([&] { return rowsOf(&panel)->rowCount() == 1; }));
    click(&panel, "exchangePause");
    log.record(exchange(u"https://a.example/2"_s, 200));
    ASSERT_TRUE(waitFor([&] { return counts->text().contains(u"1 waiting"_s); }));
    EXPECT_EQ(rowsOf(&panel)->rowCount(), 1);
    click(&panel, "exchangePause");
    EXPECT_EQ(rowsOf(&panel)->rowCount(), 2);
    find<QLineEdit>(&panel, "exchangeFilter")->setText(u"nowhere"_s);
    EXPECT_FALSE(find<QTableView>(&panel, "exchangeTable")->isVisible());
    click(&panel, "exchangeClearFilter");
    EXPECT_TRUE(find<QTableView>(&panel, "exchangeTable")->isVisible());
    EXPECT_EQ(rowsOf(&panel)->rowCount(), 2);
}

TEST(ExchangeModel, AChallengeThatWasAskedForIsNoError)
{
    Http::ExchangeLog log;
    Http::Exchange challenged = exchange(u"https://a.example/mcp"_s, 401);
    log.record(challenged);
    challenged.requestHeaders = {};
    log.record(challenged);
    ExchangeModel model(&log);
    ASSERT_TRUE(waitFor([&] { return model.rowCount() == 2; }));
    const auto colour = [&](int row) {
        return model.index(row, ExchangeModel::Status).data(Qt::ForegroundRole).value<QColor>();
    };
    EXPECT_EQ(colour(0), Theme::foreground(Level::Error));
    EXPECT_EQ(colour(1), Theme::foreground(Level::Warning));
}

TEST(ExchangesPanel, ShowsOneDirectionAloneAndWhatWasMadeBeforeWhatItCaused)
{
    Http::ExchangeLog log;
    ExchangesPanel panel(&log);
    Http::Exchange made = exchange(u"https://a.example/jwks"_s, 200);
    Http::Exchange served = made;
    served.direction = Http::Exchange::Direction::Served;
    served.purpose = u"local issuer"_s;
    log.record(served); // it ends first
    log.record(made);
    ASSERT_TRUE(waitFor([&] { return rowsOf(&panel)->rowCount() == 2; }));
    const auto purpose = [&](int row) { return rowsOf(&panel)->index(row, ExchangeModel::Purpose).data().toString(); };
    EXPECT_EQ(purpose(0), u"provider check"_s);
    auto *directions = find<QComboBox>(&panel, "exchangeDirection");
    directions->setCurrentIndex(2);
    ASSERT_EQ(rowsOf(&panel)->rowCount(), 1);
    EXPECT_EQ(purpose(0), u"local issuer"_s);
    directions->setCurrentIndex(0);
    EXPECT_EQ(rowsOf(&panel)->rowCount(), 2);
}

TEST(ExchangeModel, AToolTipIsNeverMarkup)
{
    Http::ExchangeLog log;
    log.record(exchange(u"https://a.example/<img src=x>"_s, 200));
    ExchangeModel model(&log);
    ASSERT_TRUE(waitFor([&] { return model.rowCount() == 1; }));
    const QString tip = model.index(0, ExchangeModel::Url).data(Qt::ToolTipRole).toString();
    EXPECT_TRUE(tip.contains(u"&lt;img"_s));
    EXPECT_FALSE(tip.contains(u"<img"_s));
}

TEST(ExchangesPanel, HidesSecretsUntilTheyAreToBeRevealed)
{
    Http::ExchangeLog log;
    ExchangesPanel panel(&log);
    panel.show();
    const auto requestOfNext = [&](int row) {
        log.record(exchange(u"https://a.example"_s, 200));
        EXPECT_TRUE(waitFor([&] { return rowsOf(&panel)->rowCount() == row + 1; }));
        find<QTableView>(&panel, "exchangeTable")->setCurrentIndex(rowsOf(&panel)->index(row, 0));
        return find<JsonView>(&panel, "exchangeRequest")->text();
    };
    EXPECT_FALSE(requestOfNext(0).contains(u"signature"_s));
    click(&panel, "exchangeReveal");
    EXPECT_TRUE(requestOfNext(1).contains(u"signature"_s));
}

TEST(ExchangesPanel, WritesAnHttpArchive)
{
    Http::ExchangeLog log;
    ExchangesPanel panel(&log);
    log.record(exchange(u"https://a.example"_s, 200));
    ASSERT_TRUE(waitFor([&] { return rowsOf(&panel)->rowCount() == 1; }));
    const QTemporaryDir folder;
    ASSERT_TRUE(panel.writeHar(folder.filePath(u"x.har"_s)));
    QFile file(folder.filePath(u"x.har"_s));
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    const QJsonObject archive = QJsonDocument::fromJson(file.readAll()).object();
    EXPECT_EQ(archive["log"_L1]["entries"_L1].toArray().size(), 1);
    EXPECT_EQ(codeOf(panel.writeHar(folder.filePath(u"absent/x.har"_s))), u"file_not_writable"_s);
}

TEST(JsonView, SearchesAndGoesRound)
{
    JsonView view;
    view.setNames(u"view"_s, u"View"_s);
    view.setJson(QJsonObject{{u"a"_s, u"match one"_s}, {u"b"_s, u"match two"_s}});
    view.resize(400, 300);
    view.show();
    view.openSearch();
    auto *search = find<QLineEdit>(&view, "viewSearch");
    EXPECT_TRUE(search->isVisible());
    QTest::keyClicks(search, u"match"_s);
    QList<int> places;
    for (int i = 0; i < 3; ++i) {
        QTest::keyClick(search, Qt::Key_Return);
        places.append(view.editor()->textCursor().position());
    }
    EXPECT_NE(places.at(0), places.at(1));
    EXPECT_EQ(places.at(0), places.at(2));
    click(&view, "viewCloseSearch");
    EXPECT_FALSE(search->isVisible());
}

} // namespace
} // namespace McpAuth::Ui
