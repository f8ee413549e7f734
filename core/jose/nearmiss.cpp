#include "jose/nearmiss.h"

#include "http/url.h"
#include "jose/quoted.h"

#include <QStringBuilder>

namespace McpAuth::Jose {

namespace {

bool differsByPort(const QString &a, const QString &b)
{
    const auto one = Http::splitUrl(a);
    const auto other = Http::splitUrl(b);
    return one && other && one->port != other->port && one->scheme == other->scheme && one->host == other->host &&
           one->path == other->path && one->query == other->query && one->hasQuery == other->hasQuery &&
           one->hasFragment == other->hasFragment;
}

/// Empty when they differ in more.
QStringView onlyDifference(const QString &a, const QString &b)
{
    if (a == b + u'/' || b == a + u'/')
        return u"by a slash at its end";
    if (a.compare(b, Qt::CaseInsensitive) == 0)
        return u"in upper and lower case";
    return differsByPort(a, b) ? QStringView(u"in the port") : QStringView();
}

} // namespace

QString nearMiss(const QString &actual, const QStringList &expected)
{
    for (const QString &name : expected) {
        if (name == actual)
            continue;
        if (const QStringView difference = onlyDifference(actual, name); !difference.isEmpty())
            return u" It differs from " % quoted(name) % u" only " % difference % u'.';
    }
    return {};
}

} // namespace McpAuth::Jose
