// What the tests of the window share: waiting, finding, clicking, and a provider that answers as told.
#pragma once

#include "http/server.h"
#include "support/result.h"
#include "ui/engine.h"
#include "ui/mainwindow.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QLineEdit>
#include <QTest>

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
