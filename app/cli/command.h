// The commands of mcp-auth: each declares its options and gives the function that runs when it was chosen.
#pragma once

#include <QStringList>

#include <CLI/CLI.hpp>
#include <functional>

namespace McpAuth::Cli {

/// Exit status of every command.
enum ExitStatus {
    Yes = 0,
    No = 1,
    NotCarriedOut = 2, ///< usage, unreachable, unreadable; with one line on standard error
};

/// Returns the exit status. Called after parsing, within a QCoreApplication.
using Run = std::function<int()>;

struct Command
{
    CLI::App *options;
    Run run;
};

[[nodiscard]] Command checkCommand(CLI::App &program);
[[nodiscard]] Command verifyCommand(CLI::App &program);
[[nodiscard]] Command serveCommand(CLI::App &program);
[[nodiscard]] Command providerCommand(CLI::App &program);
[[nodiscard]] Command loginCommand(CLI::App &program);
/// `server`: the program that is the server, and its arguments; empty: it is at a URL.
[[nodiscard]] Command callCommand(CLI::App &program, QStringList server);
[[nodiscard]] Command mintCommand(CLI::App &program);
[[nodiscard]] Command demoCommand(CLI::App &program);
[[nodiscard]] Command conformanceClientCommand(CLI::App &program);
[[nodiscard]] Command conformanceServerCommand(CLI::App &program);

} // namespace McpAuth::Cli
