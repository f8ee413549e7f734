#include "ui/widgets/statusicon.h"

#include <QCoreApplication>

#include <array>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

struct Look
{
    QLatin1StringView icon;
    const char *word;
};

/// By Level.
constexpr std::array looks = {
    Look{"level-info"_L1, QT_TRANSLATE_NOOP("Level", "information")},
    Look{"level-busy"_L1, QT_TRANSLATE_NOOP("Level", "under way")},
    Look{"level-ok"_L1, QT_TRANSLATE_NOOP("Level", "passed")},
    Look{"level-warning"_L1, QT_TRANSLATE_NOOP("Level", "warning")},
    Look{"level-error"_L1, QT_TRANSLATE_NOOP("Level", "error")},
    Look{"level-skipped"_L1, QT_TRANSLATE_NOOP("Level", "skipped")},
};

} // namespace

QIcon statusIcon(Level level, bool muted)
{
    return Theme::icon(looks.at(std::size_t(level)).icon, muted ? Level::Skipped : level);
}

QString statusWord(Level level)
{
    return QCoreApplication::translate("Level", looks.at(std::size_t(level)).word);
}

Level levelOf(Metadata::FindingLevel level)
{
    switch (level) {
    case Metadata::FindingLevel::Pass:
        return Level::Ok;
    case Metadata::FindingLevel::Warning:
        return Level::Warning;
    case Metadata::FindingLevel::Error:
        return Level::Error;
    case Metadata::FindingLevel::Skipped:
        break;
    }
    return Level::Skipped;
}

Level levelOf(CheckOutcome outcome)
{
    switch (outcome) {
    case CheckOutcome::Pass:
        return Level::Ok;
    case CheckOutcome::Fail:
        return Level::Error;
    case CheckOutcome::Skipped:
        break;
    }
    return Level::Skipped;
}

Level levelOfStatus(int status)
{
    if (status == 0 || status == 401 || status == 403 || status >= 500)
        return Level::Error;
    if (status >= 400)
        return Level::Warning;
    return status >= 300 ? Level::Info : Level::Ok;
}

} // namespace McpAuth::Ui
