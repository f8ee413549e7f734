// Moments are shown in the zone of the user's system, however that zone is configured.
#include "support/clock.h"
#include "ui/console/consolewords.h"
#include "ui/token/timewords.h"

#include <QDateTime>
#include <QFile>
#include <QTemporaryDir>

#include <ctime>
#include <gtest/gtest.h>
#include <optional>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

using Test::ManualClock;

/// TZ for one test; as it was afterwards.
class Zone
{
public:
    explicit Zone(const QByteArray &value)
        : m_before(qEnvironmentVariableIsSet("TZ") ? std::optional(qgetenv("TZ")) : std::nullopt)
    {
        qputenv("TZ", value);
        ::tzset();
    }
    ~Zone()
    {
        if (m_before)
            qputenv("TZ", *m_before);
        else
            qunsetenv("TZ");
        ::tzset();
    }
    Zone(const Zone &) = delete;
    Zone &operator=(const Zone &) = delete;

private:
    std::optional<QByteArray> m_before;
};

/// A zone file (RFC 9636 §3, version 1) with one offset and no changes; Qt knows no name for it.
QByteArray zoneFile(qint32 offset)
{
    QByteArray file = "TZif" + QByteArray(16, '\0');
    const auto append = [&file](qint32 number) {
        for (int shift = 24; shift >= 0; shift -= 8)
            file.append(static_cast<char>((number >> shift) & 0xff));
    };
    for (const qint32 count : {0, 0, 0, 0, 1, 4}) // UT, standard, leap seconds, transitions, types, characters
        append(count);
    append(offset);
    file.append(2, '\0'); // no daylight saving; the abbreviation begins at 0
    return file.append("CET", 4);
}

QString wordsOfTheClocksMoment()
{
    const ManualClock clock; // 2026-01-01T00:00:00Z
    return timeInWords(static_cast<double>(clock.seconds()), clock.now());
}

QString expiryOfATokenThatEndsNow()
{
    const ManualClock clock;
    OAuth::Authorization authorization;
    authorization.tokens.accessToken = Secret("opaque");
    authorization.tokens.expiresAt = clock.now();
    return tokenInWords(authorization, {}, clock.now());
}

} // namespace

TEST(LocalTime, IsThatOfTheSystemAsItIs)
{
    const ManualClock clock;
    const QString shown = QDateTime::fromSecsSinceEpoch(clock.seconds()).toString(u"HH:mm:ss"_s);
    EXPECT_EQ(wordsOfTheClocksMoment(), u"now (%1)"_s.arg(shown));
    EXPECT_TRUE(shown.endsWith(u":00"_s)) << shown.toStdString();
}

TEST(LocalTime, FollowsTheVariable)
{
    const Zone zone("CET-1");
    EXPECT_EQ(wordsOfTheClocksMoment(), u"now (01:00:00)"_s);
    EXPECT_TRUE(expiryOfATokenThatEndsNow().contains(u"01:00:00"_s)) << expiryOfATokenThatEndsNow().toStdString();
}

TEST(LocalTime, FollowsAFileThatHasNoZonesName) // as /etc/localtime is where it was mounted or copied
{
    const QTemporaryDir folder;
    QFile file(folder.filePath(u"localtime"_s));
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(zoneFile(3600));
    file.close();
    const Zone zone(":" + file.fileName().toLocal8Bit());
    EXPECT_EQ(wordsOfTheClocksMoment(), u"now (01:00:00)"_s);
    EXPECT_TRUE(expiryOfATokenThatEndsNow().contains(u"01:00:00"_s)) << expiryOfATokenThatEndsNow().toStdString();
}

} // namespace McpAuth::Ui
