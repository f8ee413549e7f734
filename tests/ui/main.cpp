// main() for tests that need a window: settings of their own, no display, no keychain.
#include "ui/theme.h"

#include <QApplication>
#include <QFile>
#include <QSettings>
#include <QTemporaryDir>

#include <gmock/gmock.h>

/// The offscreen platform's own screen is smaller than the window.
static void useLargeScreen(const QTemporaryDir &folder)
{
    if (qEnvironmentVariable("QT_QPA_PLATFORM", QStringLiteral("offscreen")) != QStringLiteral("offscreen"))
        return;
    QFile file(folder.filePath(QStringLiteral("screen.json")));
    if (!file.open(QIODevice::WriteOnly))
        return;
    file.write(R"({"screens": [{"name": "test", "x": 0, "y": 0, "width": 1920, "height": 1200, "logicalDpi": 96,
                                "logicalBaseDpi": 96, "dpr": 1}]})");
    qputenv("QT_QPA_PLATFORM", "offscreen:configfile=" + file.fileName().toUtf8());
}

int main(int argc, char **argv)
{
    testing::InitGoogleMock(&argc, argv);
    const QTemporaryDir settings;
    useLargeScreen(settings);
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, settings.path());
    QCoreApplication::setOrganizationName(QStringLiteral("mcp-auth-tester"));
    QCoreApplication::setApplicationName(QStringLiteral("mcp-auth-tester"));
    qputenv("DBUS_SESSION_BUS_ADDRESS", "disabled:"); // nothing of a test in the keychain of whoever runs it
    const QApplication application(argc, argv);
    McpAuth::Ui::Theme::install();
    return RUN_ALL_TESTS();
}
