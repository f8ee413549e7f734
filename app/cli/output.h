// What commands write: text or JSON on standard output, one line of trouble on standard error.
#pragma once

#include "base/error.h"
#include "base/json.h"

#include <QDateTime>
#include <QHash>
#include <QString>

#include <CLI/CLI.hpp>
#include <string>

namespace McpAuth::Cli {

/// Adds `--format text|json`.
void addFormatOption(CLI::App *command, std::string *format);

/// Writes and flushes, so that a reader at a pipe sees it at once. False: nobody reads any more, or the disk is full,
/// which is said on standard error; nothing more should be printed then.
bool print(const QString &text);
/// One line; line breaks within become spaces.
bool printLine(const QString &line);
/// The same JSON with what oneLine() takes out written as \uXXXX: it stands in strings only, where both mean the same.
[[nodiscard]] QString escapedJson(const QByteArray &json);
/// One JSON document in one line, escapedJson().
bool printJson(const QJsonObject &object);

/// Says on standard error why standard output failed; `error` is an errno.
void tellUnwritable(int error);

/// `mcp-auth: …` on standard error, in one line.
void printError(const QString &message);
void printError(const Error &error);
/// Why a command has no other answer: the error's line on standard error, and with `asJson` {"error": {"code",
/// "message", "details"}} over `more` on standard output, so that one document comes out in any case.
void printFailure(const Error &error, bool asJson, QJsonObject more = {});

/// Standard output is a terminal, and NO_COLOR is not set.
[[nodiscard]] bool wantsColour();

/// Without control, format (bidirectional overrides) and line-separating characters: spaces stand for them.
[[nodiscard]] QString oneLine(const QString &text);

/// In one line, without control characters, ending with a full stop.
[[nodiscard]] QString sentence(const QString &text);

/// hh:mm:ss.zzz where the user is.
[[nodiscard]] QString clockText(const QDateTime &time);

/// A list of command line words.
[[nodiscard]] QStringList toStrings(const std::vector<std::string> &words);

/// Of NAME=SCOPE, as `option` takes them and `form` shows them: the scopes by name. Errors: usage.
[[nodiscard]] Result<QHash<QString, QStringList>> scopesByName(const QStringList &pairs, const QString &option,
                                                               const QString &form);

} // namespace McpAuth::Cli
