// Programs of ours that the tests of other commands need: a server, and a user with a browser.
#pragma once

#include "base/json.h"
#include "support/program.h"
#include "support/result.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>

namespace McpAuth::Test {

/// `mcp-auth serve WORDS`, or another command that listens.
class RunningServer
{
public:
    explicit RunningServer(const QStringList &words, const QString &command = QStringLiteral("serve"))
        : m_program(mcpAuthProgram(), QStringList{command} + words)
    {
        const QByteArray line = m_program.readLine();
        EXPECT_TRUE(line.startsWith("listening ")) << line.constData() << m_program.standardError().constData();
        m_url = QString::fromLatin1(line.split(' ').value(1));
    }

    [[nodiscard]] const QString &url() const { return m_url; }

private:
    RunningProgram m_program;
    QString m_url;
};

/// What a command printed, and how it ended.
struct Ended
{
    int status = -1;
    QByteArray output;
    QByteArray error;

    [[nodiscard]] QJsonObject json() const { return parseJsonObject(output).value_or(QJsonObject()); }
};

/// Runs a command that asks for a browser, and opens what it says; the provider's pages must need nobody.
[[nodiscard]] inline Ended runWithBrowser(const QStringList &words, const QProcessEnvironment &environment = {})
{
    RunningProgram program(mcpAuthProgram(), words, environment);
    QNetworkAccessManager browser;
    std::unique_ptr<QNetworkReply> page;
    Ended ended;
    for (QByteArray line = program.readError(); !line.isNull(); line = program.readError()) {
        ended.error += line + '\n';
        if (line.startsWith("http"))
            page.reset(browser.get(QNetworkRequest(QUrl::fromEncoded(line))));
    }
    for (QByteArray line = program.readLine(); !line.isNull(); line = program.readLine())
        ended.output += line + '\n';
    ended.status = program.terminate();
    return ended;
}

} // namespace McpAuth::Test
