#include "ui/token/timewords.h"

#include <QCoreApplication>
#include <QDateTime>

#include <algorithm>
#include <cmath>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

struct TimeWordsTexts
{
    Q_DECLARE_TR_FUNCTIONS(McpAuth::Ui::TimeWords)
};

constexpr double firstSecond = -62'135'596'800.0; // 0001-01-01
constexpr double lastSecond = 253'402'300'799.0;  // 9999-12-31

struct Unit
{
    qint64 seconds;
    const char *words;
};

constexpr Unit units[] = {
    {365 * 86'400, QT_TRANSLATE_N_NOOP("McpAuth::Ui::TimeWords", "%n year(s)")},
    {30 * 86'400, QT_TRANSLATE_N_NOOP("McpAuth::Ui::TimeWords", "%n month(s)")},
    {86'400, QT_TRANSLATE_N_NOOP("McpAuth::Ui::TimeWords", "%n day(s)")},
    {3'600, QT_TRANSLATE_N_NOOP("McpAuth::Ui::TimeWords", "%n hour(s)")},
    {60, QT_TRANSLATE_N_NOOP("McpAuth::Ui::TimeWords", "%n minute(s)")},
    {1, QT_TRANSLATE_N_NOOP("McpAuth::Ui::TimeWords", "%n second(s)")},
};

/// Without a translation file for English, Qt leaves "(s)" in place.
QString plural(const char *words, qint64 count)
{
    QString text = TimeWordsTexts::tr(words, nullptr, static_cast<int>(count));
    return text.replace("(s)"_L1, count == 1 ? ""_L1 : "s"_L1);
}

qint64 secondsOf(TimePoint now)
{
    return std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
}

/// "9 min 12 s": precise, for what ticks.
QString preciseDuration(qint64 seconds)
{
    if (seconds >= 2 * units[0].seconds)
        return durationInWords(std::chrono::seconds(seconds));
    if (seconds >= 86'400)
        return TimeWordsTexts::tr("%1 d %2 h").arg(seconds / 86'400).arg(seconds % 86'400 / 3'600);
    if (seconds >= 3'600)
        return TimeWordsTexts::tr("%1 h %2 min").arg(seconds / 3'600).arg(seconds % 3'600 / 60);
    if (seconds >= 60)
        return TimeWordsTexts::tr("%1 min %2 s").arg(seconds / 60).arg(seconds % 60);
    return TimeWordsTexts::tr("%1 s").arg(seconds);
}

} // namespace

bool isTimeClaim(QStringView name)
{
    constexpr QLatin1StringView names[] = {"exp"_L1, "nbf"_L1, "iat"_L1, "auth_time"_L1, "updated_at"_L1};
    return std::ranges::any_of(names, [&](QLatin1StringView known) { return known == name; });
}

QString durationInWords(std::chrono::seconds duration)
{
    const qint64 seconds = std::abs(duration.count());
    const auto unit = std::ranges::find_if(units, [=](const Unit &u) { return seconds >= 2 * u.seconds; });
    const Unit &chosen = unit == std::end(units) ? units[std::size(units) - 1] : *unit;
    return plural(chosen.words, seconds / chosen.seconds);
}

QString timeInWords(double seconds, TimePoint now, const QTimeZone &zone)
{
    if (!std::isfinite(seconds) || seconds < firstSecond || seconds > lastSecond) {
        const bool milliseconds = std::isfinite(seconds) && seconds > lastSecond && seconds < lastSecond * 1000;
        return milliseconds ? TimeWordsTexts::tr("no date: this looks like milliseconds, and RFC 7519 counts seconds")
                            : TimeWordsTexts::tr("no date");
    }
    const auto whole = static_cast<qint64>(std::floor(seconds));
    const QDateTime moment = QDateTime::fromSecsSinceEpoch(whole, zone);
    const QDateTime present = QDateTime::fromSecsSinceEpoch(secondsOf(now), zone);
    const bool today = moment.date() == present.date();
    const QString when = moment.toString(today ? u"HH:mm:ss"_s : u"yyyy-MM-dd HH:mm:ss"_s);
    const std::chrono::seconds distance{whole - secondsOf(now)};
    if (distance.count() == 0)
        return TimeWordsTexts::tr("now (%1)").arg(when);
    const QString words = durationInWords(distance);
    return distance.count() > 0 ? TimeWordsTexts::tr("in %1 (%2)").arg(words, when)
                                : TimeWordsTexts::tr("%1 ago (%2)").arg(words, when);
}

QString remainingLife(const QJsonObject &claims, TimePoint now)
{
    const QJsonValue exp = claims.value("exp"_L1);
    if (!exp.isDouble())
        return TimeWordsTexts::tr("never expires");
    const double seconds = exp.toDouble();
    if (seconds < firstSecond || seconds > lastSecond)
        return TimeWordsTexts::tr("expires at no date");
    const qint64 left = static_cast<qint64>(std::floor(seconds)) - secondsOf(now);
    return left > 0 ? TimeWordsTexts::tr("%1 left").arg(preciseDuration(left))
                    : TimeWordsTexts::tr("expired %1 ago").arg(preciseDuration(-left));
}

} // namespace McpAuth::Ui
