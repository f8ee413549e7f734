// What the Console says of calls and of tokens: from values to words. Pure functions.
#pragma once

#include "mcp/client.h"
#include "ui/engine/connection.h"
#include "ui/theme.h"

#include <QTimeZone>

namespace McpAuth::Ui {

/// What the user may do about it.
enum class ConsoleAction { None, GetToken, AskForScopes, ShowFlow };

struct ConsoleVerdict
{
    Level level = Level::Info;
    QString title;
    QString detail = {};
    QString aside = {};
    ConsoleAction action = ConsoleAction::None;
    QString status = {}; ///< a word or two, for the history
};

/// The button's text; empty for None.
[[nodiscard]] QString actionText(ConsoleAction action);

/// `asked`: the revision that was chosen.
[[nodiscard]] ConsoleVerdict verdictOf(const Result<ServerIntroduction> &outcome, const QString &asked);
[[nodiscard]] ConsoleVerdict verdictOf(const ClientCall &call, const QString &name);
/// "half way · 1 of 2", of a progress notification.
[[nodiscard]] QString progressInWords(const QJsonObject &params);
/// Of any notification, in one line.
[[nodiscard]] QString notificationInWords(const QString &method, const QJsonObject &params);
/// Of anything that went wrong on the way.
[[nodiscard]] ConsoleVerdict verdictOf(const Error &error);
/// `isRevocable`: whether the provider has a revocation endpoint.
[[nodiscard]] ConsoleVerdict verdictOfLogOut(const Result<> &outcome, bool isRevocable);

/// Those that a 403 names.
[[nodiscard]] QStringList missingScopes(const Error &error);

/// "alice · create:todos read:todos · expires in 14 minutes (12:10:44) · renewed at 12:01:07"; the token itself only
/// as Secret::redacted().
[[nodiscard]] QString tokenInWords(const std::optional<OAuth::Authorization> &authorization,
                                   const std::optional<QDateTime> &renewed, TimePoint now,
                                   const QTimeZone &zone = QTimeZone::LocalTime);

/// Content blocks for a reader: texts as they are, the others named with what is known of them.
[[nodiscard]] QString contentText(const QJsonArray &content);

[[nodiscard]] QString durationText(double milliseconds);

} // namespace McpAuth::Ui
