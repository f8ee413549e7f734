// mcp-auth: the command line over the core.
#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/trust.h"
#include "http/descriptors.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <clocale>
#include <langinfo.h>

using namespace McpAuth::Cli;

namespace {

/// In any other locale Qt writes a warning of four lines first, and takes this one.
void insistOnUtf8()
{
    std::setlocale(LC_ALL, "");
    if (qstrcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        qputenv("LC_ALL", "C.UTF-8");
}

constexpr std::array networked{"check", "verify", "serve", "login", "call"};

/// Also where the rest of the command line cannot be read.
bool wantsJson(int argc, char **argv)
{
    const std::vector<std::string> words(argv, argv + argc);
    const auto format = std::ranges::find(words, "--format");
    return std::ranges::contains(words, "--format=json") ||
           (format != words.end() && std::next(format) != words.end() && *std::next(format) == "json");
}

/// How many words are before "--", after which `call` has the command line of another program.
int ownWords(int argc, char **argv)
{
    const bool isCall = argc > 1 && std::string_view(argv[1]) == "call";
    const auto end = isCall ? std::find(argv, argv + argc, std::string_view("--")) : argv + argc;
    return static_cast<int>(end - argv);
}

QStringList wordsAfter(int own, int argc, char **argv)
{
    QStringList words;
    for (int i = own + 1; i < argc; ++i)
        words.append(QString::fromLocal8Bit(argv[i]));
    return words;
}

} // namespace

int main(int argc, char **argv)
{
    const int own = ownWords(argc, argv);
    CLI::App program{
        "Authorization for MCP servers: check providers, verify tokens, serve, log in, call tools, demonstrate."};
    program.name("mcp-auth");
    program.set_version_flag("--version", "mcp-auth " MCPAUTH_VERSION);
    program.require_subcommand(1);
    program.footer("Exit status: 0 yes, 1 no, 2 it could not be carried out. `mcp-auth COMMAND --help` shows more.");
    const std::array commands{checkCommand(program),
                              verifyCommand(program),
                              serveCommand(program),
                              providerCommand(program),
                              loginCommand(program),
                              callCommand(program, wordsAfter(own, argc, argv)),
                              mintCommand(program),
                              demoCommand(program),
                              conformanceClientCommand(program),
                              conformanceServerCommand(program)};
    std::string certificates;
    for (const Command &command : commands) {
        if (std::ranges::contains(networked, command.options->get_name()))
            command.options
                ->add_option("--ca-file", certificates, "Trust the certificates in this PEM file besides the system's")
                ->envname("SSL_CERT_FILE");
    }
    try {
        program.parse(own, argv);
    } catch (const CLI::ParseError &error) {
        if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success))
            return program.exit(error); // --help and --version
        printFailure({QStringLiteral("usage"), QStringLiteral("%1 `mcp-auth --help` lists the commands and options.")
                                                   .arg(sentence(QString::fromUtf8(error.what())))},
                     wantsJson(own, argv));
        return NotCarriedOut;
    }

    insistOnUtf8();
    if (own == argc) // a program that `call` starts gets the limit that it expects
        McpAuth::Http::raiseDescriptorLimit();
    const QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("mcp-auth"));
    QCoreApplication::setApplicationVersion(QStringLiteral(MCPAUTH_VERSION));
    if (!certificates.empty()) {
        const auto trusted = McpAuth::trustCertificatesIn(QString::fromStdString(certificates));
        if (!trusted) {
            printFailure(trusted.error(), wantsJson(own, argv));
            return NotCarriedOut;
        }
    }
    for (const Command &command : commands) {
        if (command.options->parsed())
            return command.run();
    }
    return NotCarriedOut;
}
