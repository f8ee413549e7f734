// mcp-auth-tester: reads the command line and opens the window.

#include "app/trust.h"
#include "http/descriptors.h"
#include "ui/engine/engine.h"
#include "ui/mainwindow.h"
#include "ui/theme.h"

#include <QApplication>
#include <QCommandLineParser>

#include <cstdio>
#include <optional>

using namespace McpAuth;
using namespace Qt::StringLiterals;

namespace {

struct Choices
{
    std::optional<Ui::MainWindow::Page> page; ///< nothing: that of the last time
    std::optional<Ui::Theme::Scheme> theme;
    std::optional<QSize> size;
};

template<typename Value>
using Names = QList<std::pair<QString, Value>>;

template<typename Value>
Result<Value> choose(const QString &option, const QString &text, const Names<Value> &names)
{
    QStringList known;
    for (const auto &[name, value] : names) {
        if (name == text)
            return value;
        known.append(name);
    }
    return fail(u"bad_option"_s, u"--%1 takes %2, not \"%3\"."_s.arg(option, known.join(", "_L1), text));
}

Result<QSize> readSize(const QString &text)
{
    const QStringList parts = text.split(u'x');
    const QSize size(parts.value(0).toInt(), parts.value(1).toInt());
    if (parts.size() != 2 || size.width() < 640 || size.height() < 480 || size.width() > 16'384 ||
        size.height() > 16'384)
        return fail(u"bad_option"_s, u"--size takes a width and a height of at least 640x480, not \"%1\"."_s.arg(text));
    return size;
}

const Names<Ui::MainWindow::Page> pages = {{u"provider"_s, Ui::MainWindow::Provider},
                                           {u"flow"_s, Ui::MainWindow::Flow},
                                           {u"server"_s, Ui::MainWindow::Server},
                                           {u"token"_s, Ui::MainWindow::Token},
                                           {u"console"_s, Ui::MainWindow::Console}};
const Names<Ui::Theme::Scheme> themes = {{u"system"_s, Ui::Theme::Scheme::System},
                                         {u"light"_s, Ui::Theme::Scheme::Light},
                                         {u"dark"_s, Ui::Theme::Scheme::Dark}};

void describe(QCommandLineParser &parser)
{
    parser.setApplicationDescription(u"A workbench for OAuth authorization in the Model Context Protocol.\n\n"
                                     "Example: mcp-auth-tester --page token"_s);
    parser.addVersionOption();
    parser.addHelpOption();
    parser.addOptions(
        {{u"page"_s, u"Page to open: provider, flow, server, token or console. Without it, the last one."_s, u"NAME"_s},
         {u"theme"_s, u"Colours for this run: system, light or dark."_s, u"NAME"_s},
         {u"size"_s, u"Size of the window, such as 1280x800."_s, u"WxH"_s}});
}

Result<Choices> read(const QCommandLineParser &parser)
{
    if (!parser.positionalArguments().isEmpty())
        return fail(u"bad_option"_s, u"Unexpected argument \"%1\"."_s.arg(parser.positionalArguments().first()));
    Choices choices;
    if (parser.isSet(u"page"_s)) {
        const auto page = choose(u"page"_s, parser.value(u"page"_s), pages);
        if (!page)
            return fail(page.error());
        choices.page = *page;
    }
    if (parser.isSet(u"theme"_s)) {
        const auto theme = choose(u"theme"_s, parser.value(u"theme"_s), themes);
        if (!theme)
            return fail(theme.error());
        choices.theme = *theme;
    }
    if (parser.isSet(u"size"_s)) {
        const auto size = readSize(parser.value(u"size"_s));
        if (!size)
            return fail(size.error());
        choices.size = *size;
    }
    return choices;
}

int refuse(const QString &why)
{
    std::fprintf(stderr, "mcp-auth-tester: %s\n", qPrintable(why));
    return 2;
}

int openWindow(const Choices &choices)
{
    Ui::Theme::install();
    if (choices.theme)
        Ui::Theme::forceScheme(*choices.theme);
    Ui::Engine engine;
    Ui::MainWindow window(&engine);
    if (choices.page)
        window.showPage(*choices.page);
    if (choices.size)
        window.resize(*choices.size);
    window.show();
    return QApplication::exec();
}

void nameProgram()
{
    QCoreApplication::setOrganizationName(u"mcp-auth-tester"_s);
    QCoreApplication::setApplicationName(u"mcp-auth-tester"_s);
    QCoreApplication::setApplicationVersion(QStringLiteral(MCPAUTH_VERSION));
}

/// --help, --version and mistakes need no display.
std::optional<int> answerWithoutWindow(int argc, char **argv, Choices &choices)
{
    const QCoreApplication application(argc, argv);
    QCommandLineParser parser;
    describe(parser);
    if (!parser.parse(QCoreApplication::arguments()))
        return refuse(parser.errorText());
    if (parser.isSet(u"version"_s) || parser.isSet(u"help"_s)) {
        const QString text = parser.isSet(u"help"_s)
                                 ? parser.helpText()
                                 : u"mcp-auth-tester %1\n"_s.arg(QCoreApplication::applicationVersion());
        std::fputs(qPrintable(text), stdout);
        return 0;
    }
    auto chosen = read(parser);
    if (!chosen)
        return refuse(chosen.error().message);
    choices = *chosen;
    const QString certificates = qEnvironmentVariable("SSL_CERT_FILE");
    if (const auto trusted = certificates.isEmpty() ? Result<>() : trustCertificatesIn(certificates); !trusted)
        return refuse(trusted.error().message);
    return {};
}

} // namespace

int main(int argc, char **argv)
{
    nameProgram();
    Choices choices;
    if (const auto status = answerWithoutWindow(argc, argv, choices))
        return *status;
    Http::raiseDescriptorLimit();
    const QApplication application(argc, argv);
    QGuiApplication::setApplicationDisplayName(u"MCP Auth Tester"_s);
    QGuiApplication::setDesktopFileName(u"mcp-auth-tester"_s);
    return openWindow(choices);
}
