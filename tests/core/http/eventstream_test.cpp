// HTML Standard §9.2.6, Interpreting an event stream.
#include "http/eventstream.h"
#include "support/result.h"

using namespace McpAuth::Http;

namespace {

QByteArrayList dataOf(const QList<ServerEvent> &events)
{
    QByteArrayList data;
    for (const ServerEvent &event : events)
        data.append(event.data);
    return data;
}

QList<ServerEvent> eventsOf(const QByteArray &text)
{
    EventStream stream;
    return stream.feed(text);
}

} // namespace

TEST(EventStream, DispatchesAtABlankLine)
{
    EXPECT_EQ(dataOf(eventsOf("data: one\n\ndata:two\n\ndata: not ended\n")), (QByteArrayList{"one", "two"}));
}

TEST(EventStream, JoinsDataLinesAndTakesAwayOneLeadingSpace)
{
    EXPECT_EQ(dataOf(eventsOf("data:  a\ndata\ndata:b\n\n")), (QByteArrayList{" a\n\nb"}));
}

TEST(EventStream, KnowsEveryLineEnd)
{
    EXPECT_EQ(dataOf(eventsOf("data: a\r\rdata: b\r\n\r\ndata: c\n\n")), (QByteArrayList{"a", "b", "c"}));
}

TEST(EventStream, LeavesCommentsUnknownFieldsAndEventsWithoutDataOut)
{
    EXPECT_EQ(dataOf(eventsOf(": keep-alive\n\nretry: 10\nother: x\n\nevent: priming\nid: 7\n\ndata: a\n\n")),
              (QByteArrayList{"a"}));
}

TEST(EventStream, NamesTypeAndLastId)
{
    const QList<ServerEvent> events = eventsOf("event: news\nid: 1\ndata: a\n\ndata: b\n\n");
    ASSERT_EQ(events.size(), 2);
    EXPECT_EQ(events.at(0).type, "news");
    EXPECT_EQ(events.at(0).id, "1");
    EXPECT_EQ(events.at(1).type, "message");
    EXPECT_EQ(events.at(1).id, "1");
}

TEST(EventStream, KnowsWhereToResumeAndWhen)
{
    EventStream stream;
    EXPECT_EQ(dataOf(stream.feed("id: 7\nretry: 250\ndata:\n\nretry: soon\n")), (QByteArrayList{""}));
    EXPECT_EQ(stream.lastId(), "7");
    EXPECT_EQ(stream.retry(), std::chrono::milliseconds(250));
    EXPECT_TRUE(stream.feed("retry: 99999999999999\n\n").isEmpty());
    EXPECT_EQ(stream.retry(), std::chrono::milliseconds::max());
}

TEST(EventStream, IgnoresAnIdWithNul)
{
    EventStream stream;
    const QByteArray text("id: 1\0\ndata: a\n\n", 16);
    const QList<ServerEvent> events = stream.feed(text);
    ASSERT_EQ(events.size(), 1);
    EXPECT_EQ(events.first().id, "");
}

TEST(EventStream, SkipsAByteOrderMark)
{
    EXPECT_EQ(dataOf(eventsOf("\xEF\xBB\xBF"
                              "data: a\n\n")),
              (QByteArrayList{"a"}));
}

TEST(EventStream, DoesNotMindWhereTheBytesAreCut)
{
    const QByteArray text = "\xEF\xBB\xBF"
                            "event: e\r\nid: 4\r\ndata: \xC3\xA4\r\ndata: b\r\n\r\ndata: c\n\n";
    const QList<ServerEvent> whole = eventsOf(text);
    ASSERT_EQ(dataOf(whole), (QByteArrayList{"\xC3\xA4\nb", "c"}));
    for (qsizetype cut = 0; cut <= text.size(); ++cut) {
        EventStream stream;
        QList<ServerEvent> events = stream.feed(text.first(cut));
        events += stream.feed(text.sliced(cut));
        EXPECT_EQ(dataOf(events), dataOf(whole)) << cut;
        EXPECT_EQ(events.first().type, "e") << cut;
    }
    EventStream bytewise;
    QList<ServerEvent> events;
    for (const char byte : text)
        events += bytewise.feed(QByteArrayView(&byte, 1));
    EXPECT_EQ(dataOf(events), dataOf(whole));
}

TEST(EventStream, StopsAtALineThatIsTooLong)
{
    EventStream stream;
    EXPECT_TRUE(stream.feed("data: " + QByteArray(maxEventBytes, 'a')).isEmpty());
    EXPECT_TRUE(stream.isOverrun());
    EXPECT_TRUE(stream.feed("\n\ndata: b\n\n").isEmpty());
}

TEST(EventStream, StopsAtAnEventThatIsTooLarge)
{
    EventStream stream;
    const QByteArray line = "data: " + QByteArray(maxEventBytes / 4, 'a') + '\n';
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(stream.feed(line).isEmpty());
    EXPECT_TRUE(stream.isOverrun());
}
