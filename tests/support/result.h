// Reading Results and coroutines in tests.
#pragma once

#include "base/result.h"

#include <QCoroTask>

#include <gtest/gtest.h>
#include <ostream>

/// Qt's strings in assertion messages.
inline void PrintTo(const QString &text, std::ostream *out)
{
    *out << '"' << text.toStdString() << '"';
}

inline void PrintTo(const QByteArray &bytes, std::ostream *out)
{
    *out << '"' << bytes.toStdString() << '"';
}

namespace McpAuth::Test {

/// The error's code, or "" when there is a value: EXPECT_EQ(codeOf(result), u"timeout").
template<typename T>
QString codeOf(const Result<T> &result)
{
    return result ? QString() : result.error().code;
}

/// Spins the event loop until the task is done.
template<typename T>
T wait(QCoro::Task<T> &&task)
{
    return QCoro::waitFor(std::move(task));
}

} // namespace McpAuth::Test
