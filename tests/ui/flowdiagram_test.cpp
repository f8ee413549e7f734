#include "flowsteps.h"
#include "support.h"
#include "ui/flow/diagramlayout.h"
#include "ui/flow/sequencediagram.h"

#include <QFile>
#include <QScrollBar>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <QWheelEvent>
#include <QXmlStreamReader>

#include <gmock/gmock.h>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

using OAuth::Actor;
using OAuth::StepState;
using Test::failedFlow;
using Test::runningFlow;
using Test::waitFor;
using Test::wholeFlow;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = DiagramRow::Kind;

/// Eight points a letter, sixteen a line: what matters is that more words are higher.
DiagramLayout laidOut(const QList<OAuth::Step> &steps, double width = 760)
{
    return layOut(steps, {.width = width, .lineHeight = 16, .textHeight = [](const QString &text, double room) {
                              return 16.0 * std::ceil(double(text.size()) * 8 / room);
                          }});
}

QList<DiagramRow> rowsOf(const DiagramLayout &layout, Kind kind)
{
    QList<DiagramRow> rows;
    std::ranges::copy_if(layout.rows, std::back_inserter(rows),
                         [kind](const DiagramRow &row) { return row.kind == kind; });
    return rows;
}

/// One step with so many exchanges.
QList<OAuth::Step> longFlow(int exchanges)
{
    OAuth::Step step = wholeFlow().first();
    step.messages = QList<OAuth::Message>(exchanges, step.messages.first());
    return {step};
}

class DiagramTest : public testing::Test
{
protected:
    void SetUp() override
    {
        diagram.resize(760, 500);
        diagram.show();
    }

    void show(const QList<OAuth::Step> &steps)
    {
        diagram.setSteps(steps);
        (void)diagram.arrangement();
    }

    void press(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        QKeyEvent event(QEvent::KeyPress, key, modifiers);
        QCoreApplication::sendEvent(&diagram, &event);
    }

    [[nodiscard]] std::pair<int, int> selection() const { return {diagram.selectedStep(), diagram.selectedMessage()}; }

    SequenceDiagram diagram;
};

} // namespace

TEST(DiagramLayout, StandsTheActorsInTheOrderOfTheSpecification)
{
    const DiagramLayout layout = laidOut({});
    EXPECT_TRUE(std::ranges::is_sorted(layout.lifelines));
    EXPECT_LT(layout.lifelines.back(), layout.size.width());
    EXPECT_THAT(layout.rows, IsEmpty());
}

TEST(DiagramLayout, TellsAMessageAsARequestAndAnAnswerAgainstIt)
{
    const DiagramLayout layout = laidOut(wholeFlow());
    const DiagramRow request = rowsOf(layout, Kind::Request).first();
    EXPECT_EQ(request.from, Actor::Client);
    EXPECT_EQ(request.to, Actor::McpServer);
    EXPECT_EQ(request.strong, u"POST"_s);
    EXPECT_EQ(request.text, u"/mcp"_s);
    const DiagramRow answer = rowsOf(layout, Kind::Answer).first();
    EXPECT_EQ(answer.from, Actor::McpServer);
    EXPECT_EQ(answer.to, Actor::Client);
    EXPECT_EQ(answer.text, u"401 Unauthorized"_s);
    EXPECT_EQ(answer.aside, u"3.1 ms"_s);
}

TEST(DiagramLayout, GivesWhatPassesThroughTheBrowserNoAnswerUntilThereIsOne)
{
    const QList<DiagramRow> answers = rowsOf(laidOut(wholeFlow()), Kind::Answer);
    EXPECT_TRUE(std::ranges::none_of(answers, [](const DiagramRow &row) {
        return row.from == Actor::AuthorizationServer && row.to == Actor::Browser;
    }));
}

TEST(DiagramLayout, SaysEveryDecisionBesideTheClient)
{
    const DiagramLayout layout = laidOut(wholeFlow());
    const QList<DiagramRow> callouts = rowsOf(layout, Kind::Callout);
    for (const OAuth::Step &step : wholeFlow()) {
        const auto found = std::ranges::find(callouts, step.decision, &DiagramRow::text);
        ASSERT_NE(found, callouts.end()) << step.decision.toStdString();
        EXPECT_EQ(found->rect.left(), layout.lifelines[std::size_t(Actor::Client)]);
    }
}

TEST(DiagramLayout, LeavesOutWhatWaits)
{
    const DiagramLayout layout = laidOut(runningFlow());
    EXPECT_EQ(layout.cards.size(), 4);
    EXPECT_EQ(layout.cards.last().level, Level::Busy);
    EXPECT_EQ(rowsOf(layout, Kind::Waiting).size(), 1);
}

TEST(DiagramLayout, ShowsAFailureWhereItHappenedWithItsReason)
{
    const DiagramLayout layout = laidOut(failedFlow());
    EXPECT_EQ(layout.cards.last().level, Level::Error);
    const DiagramRow last = layout.rows.last();
    EXPECT_EQ(last.kind, Kind::Callout);
    EXPECT_EQ(last.level, Level::Error);
    EXPECT_EQ(last.strong, u"pkce_not_supported"_s);
    EXPECT_EQ(last.text, failedFlow().at(2).error.message);
    EXPECT_EQ(rowsOf(layout, Kind::Answer).last().level, Level::Error);
}

TEST(DiagramLayout, SaysTheReasonOfAFailureOnce)
{
    const QString reason = failedFlow().at(2).error.message;
    const auto layout = laidOut(failedFlow());
    EXPECT_EQ(std::ranges::count(layout.rows, reason, &DiagramRow::text), 1);
}

TEST(DiagramLayout, TakesAPlaceThatDidNotDoForARemark)
{
    const QList<DiagramRow> answers = rowsOf(laidOut(wholeFlow()), Kind::Answer);
    const auto notFound = std::ranges::find(answers, u"404 Not Found"_s, &DiagramRow::text);
    ASSERT_NE(notFound, answers.end());
    EXPECT_EQ(notFound->level, Level::Warning);
}

TEST(DiagramLayout, SaysThatNoAnswerCame)
{
    QList<OAuth::Step> steps = failedFlow();
    OAuth::Message &message = steps[2].messages.last();
    message.exchange.status = 0;
    message.exchange.error = u"The connection was refused."_s;
    message.failure.clear();
    const DiagramLayout layout = laidOut(steps);
    EXPECT_EQ(rowsOf(layout, Kind::Answer).last().text, u"no answer"_s);
    EXPECT_EQ(std::ranges::count(layout.rows, message.exchange.error, &DiagramRow::text), 1);
}

TEST(DiagramLayout, TakesACancelledStepForNoFailure)
{
    QList<OAuth::Step> steps = failedFlow();
    steps[2].error = {u"cancelled"_s, u"The flow was cancelled."_s, {}};
    EXPECT_EQ(laidOut(steps).cards.last().level, Level::Skipped);
}

TEST(DiagramLayout, NothingOverlaps)
{
    for (const auto &steps : {wholeFlow(), failedFlow(), runningFlow()}) {
        for (const double width : {520.0, 760.0, 1400.0}) {
            const DiagramLayout layout = laidOut(steps, width);
            double bottom = 0;
            for (const DiagramRow &row : layout.rows) {
                EXPECT_GE(row.rect.top(), bottom);
                EXPECT_GE(row.rect.left(), 0);
                EXPECT_LE(row.rect.right(), layout.size.width());
                bottom = row.rect.bottom();
            }
            EXPECT_LE(bottom, layout.size.height());
            for (const DiagramRow &row : layout.rows)
                EXPECT_TRUE(std::ranges::any_of(layout.cards, [&](const DiagramCard &card) {
                    return card.step == row.step && card.rect.contains(row.rect);
                })) << row.text.toStdString();
        }
    }
}

TEST(DiagramLayout, IsNeverTooNarrowForItsHeads)
{
    EXPECT_EQ(laidOut(wholeFlow(), 100).size.width(), minimumDiagramWidth);
}

TEST(DiagramLayout, HasARowForEveryMessageAndNoMore)
{
    const DiagramLayout layout = laidOut(longFlow(200));
    EXPECT_EQ(rowsOf(layout, Kind::Request).size(), 200);
    EXPECT_EQ(rowsOf(layout, Kind::Answer).size(), 200);
    EXPECT_EQ(layout.rows.size(), 402) << "and a title and a decision";
}

TEST(DiagramLayout, NamesTheHostsAsTheMessagesDo)
{
    const auto heads = headsOf(wholeFlow());
    EXPECT_EQ(heads[std::size_t(Actor::McpServer)].host, u"127.0.0.1:45049"_s);
    EXPECT_EQ(heads[std::size_t(Actor::AuthorizationServer)].host, u"127.0.0.1:39769"_s);
    EXPECT_EQ(heads[std::size_t(Actor::Client)].host, u"127.0.0.1:51717"_s);
    EXPECT_TRUE(heads[std::size_t(Actor::Browser)].host.isEmpty());
}

TEST_F(DiagramTest, GrowsWithTheFlowAndKeepsWhatWasThere)
{
    show(wholeFlow().mid(0, 1));
    const auto before = diagram.scene()->items(Qt::AscendingOrder);
    show(wholeFlow());
    const auto after = diagram.scene()->items();
    EXPECT_GT(after.size(), before.size());
    for (QGraphicsItem *item : before)
        EXPECT_TRUE(after.contains(item));
}

/// Items a exchange: its request and its answer. The bound on time is for a machine under load.
TEST_F(DiagramTest, StaysSmoothWithTwoHundredExchanges)
{
    QElapsedTimer timer;
    timer.start();
    for (int exchanges = 1; exchanges <= 200; ++exchanges)
        show(longFlow(exchanges));
    EXPECT_LT(timer.elapsed(), 20'000);
    EXPECT_LE(diagram.scene()->items().size(), 2 * 200 + 10);
}

TEST_F(DiagramTest, IsLaidOutOnceHoweverOftenItIsTold)
{
    for (int exchanges = 1; exchanges <= 50; ++exchanges)
        diagram.setSteps(longFlow(exchanges));
    EXPECT_LT(diagram.scene()->items().size(), 10);
    ASSERT_TRUE(waitFor([&] { return diagram.scene()->items().size() > 100; }));
}

TEST_F(DiagramTest, FollowsAFlowThatGrowsUnlessOneLooksElsewhere)
{
    show(longFlow(40));
    QScrollBar *bar = diagram.verticalScrollBar();
    EXPECT_EQ(bar->value(), bar->maximum());
    bar->setValue(10);
    show(longFlow(60));
    EXPECT_EQ(bar->value(), 10);
}

TEST_F(DiagramTest, KeepsItsEndInSightWhenItsSizeChanges)
{
    show(longFlow(40));
    diagram.resize(640, 300);
    (void)diagram.arrangement();
    QScrollBar *bar = diagram.verticalScrollBar();
    EXPECT_EQ(bar->value(), bar->maximum());
    bar->setValue(10);
    diagram.resize(760, 400);
    (void)diagram.arrangement();
    EXPECT_EQ(bar->value(), 10);
}

TEST_F(DiagramTest, GoesThroughTheMessagesByKey)
{
    show(wholeFlow());
    QList<std::pair<int, int>> told;
    QObject::connect(&diagram, &SequenceDiagram::selected, &diagram,
                     [&](int step, int message) { told.append({step, message}); });
    press(Qt::Key_Down);
    EXPECT_EQ(selection(), std::pair(0, 0));
    press(Qt::Key_Down);
    press(Qt::Key_Down);
    press(Qt::Key_Down);
    EXPECT_EQ(selection(), std::pair(2, 1));
    press(Qt::Key_Up);
    EXPECT_EQ(selection(), std::pair(2, 0));
    press(Qt::Key_End);
    EXPECT_EQ(selection(), std::pair(6, 0));
    press(Qt::Key_Down);
    EXPECT_EQ(selection(), std::pair(6, 0));
    press(Qt::Key_Home);
    EXPECT_EQ(selection(), std::pair(0, 0));
    EXPECT_EQ(told.size(), 7) << "not when nothing changed";
}

TEST_F(DiagramTest, GoesOnFromAStepToItsMessages)
{
    show(wholeFlow());
    diagram.select(2);
    press(Qt::Key_Down);
    EXPECT_EQ(selection(), std::pair(2, 0));
    diagram.select(2);
    press(Qt::Key_Up);
    EXPECT_EQ(selection(), std::pair(1, 0));
}

TEST_F(DiagramTest, SaysTheSelectedMessageToAScreenReader)
{
    show(wholeFlow());
    press(Qt::Key_Home);
    EXPECT_EQ(diagram.accessibleDescription(), u"Client to MCP server: POST /mcp – 401 Unauthorized, 3.1 ms"_s);
    diagram.select(0);
    EXPECT_TRUE(diagram.accessibleDescription().contains(wholeFlow().first().decision));
}

TEST_F(DiagramTest, SelectsByAClickButNotByADrag)
{
    show(wholeFlow());
    diagram.verticalScrollBar()->setValue(0);
    const DiagramRow row = rowsOf(diagram.arrangement(), Kind::Request).first();
    const QPoint point = diagram.mapFromScene(row.rect.center());
    QTest::mouseClick(diagram.viewport(), Qt::LeftButton, {}, point);
    EXPECT_EQ(selection(), std::pair(0, 0));
    QTest::mousePress(diagram.viewport(), Qt::LeftButton, {}, QPoint(300, 300));
    QMouseEvent move(QEvent::MouseMove, QPointF(300, 200), diagram.viewport()->mapToGlobal(QPointF(300, 200)),
                     Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(diagram.viewport(), &move);
    QTest::mouseRelease(diagram.viewport(), Qt::LeftButton, {}, QPoint(300, 200));
    EXPECT_EQ(selection(), std::pair(0, 0));
    EXPECT_EQ(diagram.verticalScrollBar()->value(), 100);
}

TEST_F(DiagramTest, ForgetsASelectionThatIsGone)
{
    show(wholeFlow());
    diagram.select(6, 0);
    show(failedFlow());
    EXPECT_EQ(selection(), std::pair(-1, -1));
}

TEST_F(DiagramTest, ZoomsByKeyAndWheelWithinBounds)
{
    show(wholeFlow());
    press(Qt::Key_Plus, Qt::ControlModifier);
    EXPECT_GT(diagram.zoom(), 1);
    press(Qt::Key_1);
    EXPECT_EQ(diagram.zoom(), 1);
    press(Qt::Key_Minus, Qt::ControlModifier);
    EXPECT_LT(diagram.zoom(), 1);
    QWheelEvent wheel({200, 200}, diagram.mapToGlobal(QPointF(200, 200)), {}, {0, 120}, Qt::NoButton,
                      Qt::ControlModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(diagram.viewport(), &wheel);
    EXPECT_NEAR(diagram.zoom(), 1, 0.001);
    diagram.setZoom(100);
    EXPECT_EQ(diagram.zoom(), SequenceDiagram::maximumZoom);
    diagram.setZoom(0);
    EXPECT_EQ(diagram.zoom(), SequenceDiagram::minimumZoom);
}

TEST_F(DiagramTest, FitsItselfIn)
{
    show(wholeFlow());
    press(Qt::Key_F);
    const QRectF seen = diagram.mapToScene(diagram.viewport()->rect()).boundingRect();
    EXPECT_LT(diagram.zoom(), 1);
    EXPECT_GE(seen.height() + 1, diagram.arrangement().size.height());
    press(Qt::Key_1);
    press(Qt::Key_0, Qt::ControlModifier);
    EXPECT_LT(diagram.zoom(), 1);
}

TEST_F(DiagramTest, ExportsAnSvgWithWordsAndLinesInIt)
{
    const QTemporaryDir folder;
    show(wholeFlow());
    const QString path = folder.filePath(u"flow.svg"_s);
    ASSERT_TRUE(diagram.exportSvg(path));
    QFile file(path);
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    const QByteArray text = file.readAll();
    QXmlStreamReader reader(text);
    while (!reader.atEnd())
        reader.readNext();
    EXPECT_FALSE(reader.hasError()) << reader.errorString().toStdString();
    QSvgRenderer renderer(text);
    EXPECT_TRUE(renderer.isValid());
    EXPECT_GE(renderer.viewBoxF().height(), diagram.arrangement().size.height());
    EXPECT_TRUE(text.contains("401 Unauthorized"));
    EXPECT_TRUE(text.contains("Authorization server"));
    EXPECT_FALSE(text.contains("<image")) << "lines, not pixels";
}

TEST_F(DiagramTest, ExportsAPngOfTwoPixelsAPoint)
{
    const QTemporaryDir folder;
    show(wholeFlow());
    const QString path = folder.filePath(u"flow.png"_s);
    ASSERT_TRUE(diagram.exportPng(path));
    const QImage image(path);
    EXPECT_EQ(image.width(), 2 * qRound(diagram.arrangement().size.width()));
    QSet<QRgb> colours;
    for (int y = 0; y < image.height(); y += 3) {
        for (int x = 0; x < image.width(); x += 3)
            colours.insert(image.pixel(x, y));
    }
    EXPECT_GT(colours.size(), 20);
}

TEST_F(DiagramTest, TellsWhenAPictureCannotBeWritten)
{
    show(wholeFlow());
    for (const auto &written : {diagram.exportSvg(u"/nowhere/flow.svg"_s), diagram.exportPng(u"/nowhere/flow.png"_s)}) {
        ASSERT_FALSE(written);
        EXPECT_EQ(written.error().code, u"file_not_writable"_s);
    }
}

TEST_F(DiagramTest, DrawsInTheColoursOfTheScheme)
{
    show(wholeFlow());
    Theme::forceScheme(Theme::Scheme::Light);
    const QColor light = diagram.picture(1).pixelColor(2, 200);
    Theme::forceScheme(Theme::Scheme::Dark);
    const QColor dark = diagram.picture(1).pixelColor(2, 200);
    Theme::forceScheme(Theme::Scheme::System);
    EXPECT_GT(light.lightness(), 200);
    EXPECT_LT(dark.lightness(), 60);
}

} // namespace McpAuth::Ui
