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

/// Where /proc does not tell, those above it are not looked for.
constexpr qint64 lookedAt = 64 * 1024;

/// Of a process that may have `limit`.
qint64 descriptorsInUse(qint64 limit)
{
#ifdef Q_OS_LINUX
    const QDir open(QStringLiteral("/proc/self/fd"));
    const qint64 listed = open.entryList(QDir::AllEntries | QDir::System | QDir::Hidden | QDir::NoDotAndDotDot).size();
    if (listed > 0) // without a descriptor left it cannot be listed
        return listed;
#endif
    qint64 count = 0;
    for (int descriptor = 0; descriptor < std::min(limit, lookedAt); ++descriptor)
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
        return int(std::max<qint64>(0, qint64(limit.rlim_cur) - descriptorsInUse(qint64(limit.rlim_cur))));
#endif
    return int(unknown);
}

} // namespace McpAuth::Http
