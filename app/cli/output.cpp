#include "app/cli/output.h"

#include <cstdio>
#include <unistd.h>

namespace McpAuth::Cli {

QString oneLine(QString text)
{
    for (QChar &character : text) {
        if (character.category() == QChar::Other_Control)
            character = u' ';
    }
    return text.trimmed();
}

void addFormatOption(CLI::App *command, std::string *format)
{
    command->add_option("--format", *format, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
}

bool print(const QString &text)
{
    const QByteArray bytes = text.toUtf8();
    return std::fwrite(bytes.constData(), 1, static_cast<size_t>(bytes.size()), stdout) ==
               static_cast<size_t>(bytes.size()) &&
           std::fflush(stdout) == 0;
}

bool printLine(const QString &line)
{
    return print(oneLine(line) + u'\n');
}

bool printJson(const QJsonObject &object)
{
    return print(QString::fromUtf8(toJsonText(object)) + u'\n');
}

void printError(const QString &message)
{
    std::fputs(QStringLiteral("mcp-auth: %1\n").arg(oneLine(message)).toUtf8().constData(), stderr);
}

void printError(const Error &error)
{
    printError(error.message);
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

} // namespace McpAuth::Cli
