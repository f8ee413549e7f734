// How MCP clients are told about a server: for each, what to put where.
#pragma once

#include <QList>
#include <QString>

namespace McpAuth::Ui {

struct ClientConfig
{
    QString client;         ///< "Claude Code"
    QString where;          ///< one sentence: the file it goes into, or that it is a command line
    QString text;           ///< what to paste there
    bool isCommand = false; ///< a command line for a POSIX shell; otherwise a whole JSON document
};

/// For Claude Code, Claude Desktop, VS Code, Cursor and the MCP Inspector, in this order. `name` is what the client
/// calls the server.
[[nodiscard]] QList<ClientConfig> clientConfigs(const QString &name, const QString &url);

/// One word of a POSIX shell's command line, quoted where it needs to be.
[[nodiscard]] QString shellWord(const QString &word);

} // namespace McpAuth::Ui
