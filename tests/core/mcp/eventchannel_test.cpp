#include "http/stream.h"
#include "mcp/eventchannel_p.h"

#include <gtest/gtest.h>

using namespace McpAuth::Mcp;

namespace {

QByteArray lastIdOf(const EventChannel &channel, int number)
{
    return channel.id() + '_' + QByteArray::number(number);
}

} // namespace

TEST(EventChannel, KeepsTheNewestEventsWithinItsBounds)
{
    EventChannels channels;
    const auto channel = channels.open("session", false);
    const QByteArray message(maxKeptEventBytes / 4, 'x');
    for (int i = 0; i < 8; ++i)
        EXPECT_TRUE(channel->send(message));
    const auto response = channel->connect();
    EXPECT_GT(response.stream->unsentBytes(), 2 * message.size());
    EXPECT_LE(response.stream->unsentBytes(), maxKeptEventBytes);
    EXPECT_TRUE(channel->send(QByteArray(maxKeptEventBytes, 'x'))); // goes out, and is not kept
    EXPECT_EQ(channel->connect().stream->unsentBytes(), 0);
}

TEST(EventChannel, KeepsOfOneSessionAndOfAllOnlySoMany)
{
    EventChannels channels;
    const auto first = channels.open("greedy", false);
    const auto other = channels.open("other", false);
    for (qsizetype i = 1; i <= maxKeptChannelsPerSession; ++i)
        (void)channels.open("greedy", false);
    EXPECT_FALSE(channels.find("greedy", lastIdOf(*first, 0)));
    EXPECT_TRUE(channels.find("other", lastIdOf(*other, 0)));
    for (qsizetype i = 0; i < maxKeptChannels; ++i)
        (void)channels.open("s" + QByteArray::number(i), false);
    EXPECT_FALSE(channels.find("other", lastIdOf(*other, 0)));
}

TEST(EventChannel, IsFoundInItsSessionAlone)
{
    EventChannels channels;
    const auto channel = channels.open("session", false);
    EXPECT_TRUE(channels.find("session", lastIdOf(*channel, 3)));
    EXPECT_FALSE(channels.find("another", lastIdOf(*channel, 3)));
    for (const QByteArray &id :
         {QByteArray(), channel->id(), channel->id() + "_x", QByteArray("_1"), QByteArray("x_1")})
        EXPECT_FALSE(channels.find("session", id)) << id.constData();
    channels.close("session");
    EXPECT_TRUE(channel->hasEnded());
    EXPECT_FALSE(channels.find("session", lastIdOf(*channel, 3)));
}
