#include "http/descriptors.h"

#include <QDir>

#include <algorithm>
#include <limits>

#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <sys/resource.h>
#endif

namespace McpAuth::Http {

#ifdef Q_OS_UNIX

namespace {

/// Where there is no /proc, those above it are not looked for.
constexpr int lookedAt = 1024;

qint64 descriptorsInUse()
{
#ifdef Q_OS_LINUX
    const QDir open(QStringLiteral("/proc/self/fd"));
    if (open.exists())
        return open.entryList(QDir::AllEntries | QDir::System | QDir::Hidden | QDir::NoDotAndDotDot).size();
#endif
    qint64 count = 0;
    for (int descriptor = 0; descriptor < lookedAt; ++descriptor)
        count += ::fcntl(descriptor, F_GETFD) >= 0;
    return count;
}

} // namespace

#endif

void raiseDescriptorLimit()
{
#ifdef Q_OS_UNIX
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
#endif
}

int freeDescriptors()
{
    constexpr qint64 unknown = std::numeric_limits<int>::max();
#ifdef Q_OS_UNIX
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < rlim_t(unknown))
        return int(std::max<qint64>(0, qint64(limit.rlim_cur) - descriptorsInUse()));
#endif
    return int(unknown);
}

} // namespace McpAuth::Http
