#include "app/cli/output.h"

#include "base/text.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <unistd.h>

namespace McpAuth::Cli {

namespace {

/// What helps at the command line, which the library's words cannot know.
QString adviceOn(const Error &error)
{
    const QString cause = error.details.value(u"cause").toObject().value(u"code").toString();
    if (error.code == QStringLiteral("insecure_url") || cause == QStringLiteral("insecure_url"))
        return QStringLiteral("--allow-http allows it.");
    if (error.code == QStringLiteral("metadata_not_found"))
        return QStringLiteral("Is the issuer complete, with its realm or tenant?");
    if (error.details.contains(u"available")) // other authorization servers of the MCP server
        return QStringLiteral("--authorization-server chooses one.");
    if (error.code == QStringLiteral("tls_error") || cause == QStringLiteral("tls_error"))
        return QStringLiteral("--ca-file trusts a certificate authority of your own.");
    return {};
}

bool writeOut(const QByteArray &bytes)
{
    const auto size = static_cast<size_t>(bytes.size());
    return std::fwrite(bytes.constData(), 1, size, stdout) == size && std::fflush(stdout) == 0;
}

} // namespace

QString oneLine(const QString &text)
{
    return withoutTreacherous(text).trimmed();
}

void addFormatOption(CLI::App *command, std::string *format)
{
    command->add_option("--format", *format, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
}

void tellUnwritable(int error)
{
    if (error != EPIPE) // who closed the pipe on purpose need not be told
        printError(
            QStringLiteral("Standard output cannot be written: %1.").arg(QString::fromLocal8Bit(std::strerror(error))));
}

bool print(const QString &text)
{
    if (writeOut(text.toUtf8()))
        return true;
    tellUnwritable(errno);
    return false;
}

bool printLine(const QString &line)
{
    return print(oneLine(line) + u'\n');
}

QString escapedJson(const QByteArray &json)
{
    std::u32string escaped;
    for (const char32_t character : QString::fromUtf8(json).toStdU32String()) {
        if (!isTreacherous(character) || character == U'\n') { // a line break stands between members only
            escaped += character;
            continue;
        }
        const auto units = QChar::fromUcs4(character); // one, or a pair of surrogates
        for (const QChar unit : QStringView(units))
            escaped += QString::asprintf("\\u%04x", static_cast<uint>(unit.unicode())).toStdU32String();
    }
    return QString::fromStdU32String(escaped);
}

bool printJson(const QJsonObject &object)
{
    return print(escapedJson(toJsonText(object)) + u'\n');
}

void printError(const QString &message)
{
    std::fputs(QStringLiteral("mcp-auth: %1\n").arg(oneLine(message)).toUtf8().constData(), stderr);
}

void printError(const Error &error)
{
    const QString advice = adviceOn(error);
    printError(advice.isEmpty() ? error.message : sentence(error.message) + u' ' + advice);
}

void printFailure(const Error &error, bool asJson, QJsonObject more)
{
    more.insert(QStringLiteral("error"), toJson(error));
    if (asJson)
        printJson(more);
    printError(error);
}

bool wantsColour()
{
    return isatty(STDOUT_FILENO) && qEnvironmentVariableIsEmpty("NO_COLOR");
}

QString sentence(const QString &text)
{
    const QString line = oneLine(text);
    return line.endsWith(u'.') ? line : line + u'.';
}

QStringList toStrings(const std::vector<std::string> &words)
{
    QStringList list;
    list.reserve(static_cast<qsizetype>(words.size()));
    for (const std::string &word : words)
        list.append(QString::fromStdString(word));
    return list;
}

QString clockText(const QDateTime &time)
{
    const qint64 milliseconds = time.toMSecsSinceEpoch();
    const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
    std::tm local{}; // QDateTime would look for a new time zone at every request
    localtime_r(&seconds, &local);
    return QString::asprintf("%02d:%02d:%02d.%03d", local.tm_hour, local.tm_min, local.tm_sec,
                             static_cast<int>(milliseconds % 1000));
}

Result<QHash<QString, QStringList>> scopesByName(const QStringList &pairs, const QString &option, const QString &form)
{
    QHash<QString, QStringList> scopes;
    for (const QString &pair : pairs) {
        const auto parted = nameAndValue(pair);
        if (!parted)
            return fail(QStringLiteral("usage"), QStringLiteral("%1 takes %2, not %3.").arg(option, form, pair));
        scopes[parted->first] += parted->second.split(u' ', Qt::SkipEmptyParts);
    }
    return scopes;
}

} // namespace McpAuth::Cli
