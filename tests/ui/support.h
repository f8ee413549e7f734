// What the tests of the window share: waiting, finding, clicking, and a provider that answers as told.
#pragma once

#include "http/server.h"
#include "support/result.h"
#include "ui/engine/checks.h"
#include "ui/engine/connection.h"
#include "ui/engine/embeddedserver.h"
#include "ui/engine/engine.h"
#include "ui/engine/flows.h"
#include "ui/engine/keychain.h"
#include "ui/engine/localissuer.h"
#include "ui/mainwindow.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QHeaderView>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTabBar>
#include <QTabWidget>
#include <QTest>
#include <QTextEdit>

#include <gtest/gtest.h>

namespace McpAuth::Test {

/// Spins the event loop until it holds; generous, for a machine under load.
inline bool waitFor(const std::function<bool()> &condition, std::chrono::milliseconds atMost = std::chrono::seconds(20))
{
    const QDeadlineTimer deadline(atMost);
    while (!condition() && !deadline.hasExpired())
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 10);
    return condition();
}

/// By object name; a missing widget fails the test and the program.
template<typename Widget>
Widget *find(QWidget *root, const char *objectName)
{
    auto *widget = root->findChild<Widget *>(QString::fromLatin1(objectName));
    if (!widget)
        qFatal("There is no widget %s.", objectName);
    return widget;
}

inline void click(QWidget *root, const char *objectName)
{
    QTest::mouseClick(find<QWidget>(root, objectName), Qt::LeftButton);
}

inline bool takesInput(const QWidget *widget)
{
    return qobject_cast<const QAbstractButton *>(widget) || qobject_cast<const QLineEdit *>(widget) ||
           qobject_cast<const QComboBox *>(widget) || qobject_cast<const QAbstractSpinBox *>(widget) ||
           qobject_cast<const QAbstractItemView *>(widget) || qobject_cast<const QPlainTextEdit *>(widget) ||
           qobject_cast<const QTextEdit *>(widget) || qobject_cast<const QTabWidget *>(widget);
}

/// Parts that Qt makes for a widget that has its names: the line of a combo box, the arrows of a tab bar…
inline bool isPartOfAnother(const QWidget *widget)
{
    if (widget->objectName().startsWith(QStringLiteral("qt_")) || qobject_cast<const QHeaderView *>(widget))
        return true;
    for (const QWidget *above = widget->parentWidget(); above && !above->isWindow(); above = above->parentWidget()) {
        if (qobject_cast<const QComboBox *>(above) || qobject_cast<const QAbstractSpinBox *>(above) ||
            qobject_cast<const QTabBar *>(above) || qobject_cast<const QLineEdit *>(above) ||
            qobject_cast<const QHeaderView *>(above) || qobject_cast<const QAbstractItemView *>(above))
            return true;
    }
    return widget->inherits("QComboBoxListView") || widget->inherits("QToolBarExtension") ||
           widget->inherits("QDockWidgetTitleButton");
}

/// What takes input within a widget and lacks its object name or its accessible name, a line each.
inline QStringList namelessInputs(const QWidget *root)
{
    QStringList nameless;
    const auto widgets = root->findChildren<QWidget *>();
    for (const QWidget *widget : widgets) {
        if (takesInput(widget) && !isPartOfAnother(widget) &&
            (widget->objectName().isEmpty() || widget->accessibleName().isEmpty()))
            nameless.append(QStringLiteral("%1 \"%2\" in %3")
                                .arg(QString::fromLatin1(widget->metaObject()->className()), widget->objectName(),
                                     widget->parentWidget()->objectName()));
    }
    return nameless;
}

/// A server on loopback that answers every request by one function.
class Answering
{
public:
    explicit Answering(std::function<Http::Response(const Http::Request &)> answer)
        : m_server([answer = std::move(answer)](Http::Request request) { return respond(answer, std::move(request)); })
    {
        if (!m_server.listen())
            qFatal("No port to listen on.");
    }

    [[nodiscard]] QString origin() const { return m_server.origin(); }

private:
    static QCoro::Task<Http::Response> respond(std::function<Http::Response(const Http::Request &)> answer,
                                               Http::Request request)
    {
        co_return answer(request);
    }

    Http::Server m_server;
};

} // namespace McpAuth::Test
