#include "ui/server/clientconfig.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QStringList>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

struct ClientConfigTexts
{
    Q_DECLARE_TR_FUNCTIONS(McpAuth::Ui::ClientConfig)
};

QString document(const QString &section, const QString &name, const QJsonObject &server)
{
    const QJsonObject object{{section, QJsonObject{{name, server}}}};
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Indented)).trimmed();
}

QString commandLine(const QStringList &words)
{
    QStringList quoted;
    for (const QString &word : words)
        quoted.append(shellWord(word));
    return quoted.join(u' ');
}

} // namespace

QString shellWord(const QString &word)
{
    static const QRegularExpression plain(u"^[A-Za-z0-9@%+=:,./_-]+$"_s);
    if (plain.match(word).hasMatch())
        return word;
    return u'\'' + QString(word).replace(u"'"_s, u"'\\''"_s) + u'\'';
}

QList<ClientConfig> clientConfigs(const QString &name, const QString &url)
{
    return {
        {u"Claude Code"_s, ClientConfigTexts::tr("Run this in a terminal, in the project that should use the server."),
         commandLine({u"claude"_s, u"mcp"_s, u"add"_s, u"--transport"_s, u"http"_s, name, url}), true},
        {u"Claude Desktop"_s,
         ClientConfigTexts::tr(
             "Settings → Developer → Edit Config opens claude_desktop_config.json. It starts local programs only, so "
             "mcp-remote (Node.js) forwards to the server."),
         document(u"mcpServers"_s, name,
                  {{u"command"_s, u"npx"_s}, {u"args"_s, QJsonArray{u"-y"_s, u"mcp-remote"_s, url}}})},
        {u"VS Code"_s,
         ClientConfigTexts::tr("Put this into .vscode/mcp.json in the workspace, then choose Start above the entry."),
         document(u"servers"_s, name, {{u"type"_s, u"http"_s}, {u"url"_s, url}})},
        {u"Cursor"_s,
         ClientConfigTexts::tr(
             "Put this into .cursor/mcp.json in the project, or into ~/.cursor/mcp.json for all of them."),
         document(u"mcpServers"_s, name, {{u"url"_s, url}})},
        {u"MCP Inspector"_s,
         ClientConfigTexts::tr("Run this in a terminal (Node.js), then open the address that it prints."),
         commandLine({u"npx"_s, u"-y"_s, u"@modelcontextprotocol/inspector"_s, u"--transport"_s, u"http"_s,
                      u"--server-url"_s, url}),
         true},
    };
}

} // namespace McpAuth::Ui
