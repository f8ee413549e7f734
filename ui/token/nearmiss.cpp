#include "http/url.h"
#include "ui/token/judgement.h"

#include <QCoreApplication>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

struct NearMissTexts
{
    Q_DECLARE_TR_FUNCTIONS(McpAuth::Ui::NearMiss)
};

QString marked(QStringView text, qsizetype at, qsizetype length)
{
    return u"%1⟦%2⟧%3"_s.arg(text.first(at), text.sliced(at, length), text.sliced(at + length));
}

/// What the longer one has behind the shorter one.
QString markedTail(const QString &longer, const QString &shorter)
{
    return marked(longer, shorter.size(), longer.size() - shorter.size());
}

QString pathAndQuery(const QString &url)
{
    const qsizetype origin = url.indexOf("://"_L1);
    const qsizetype path = origin < 0 ? -1 : url.indexOf(u'/', origin + 3);
    return path < 0 ? QString() : url.sliced(path);
}

QString portMiss(const QString &actual, const QString &expected)
{
    const auto a = Http::splitUrl(actual);
    const auto b = Http::splitUrl(expected);
    if (!a || !b || pathAndQuery(actual) != pathAndQuery(expected) || a->host != b->host)
        return {};
    if (a->scheme != b->scheme)
        return NearMissTexts::tr("They differ by the scheme: %1, expected %2.")
            .arg(marked(actual, 0, a->scheme.size()), expected);
    if (a->port == b->port)
        return {};
    const QString port = a->port < 0 ? QString() : u":"_s + QString::number(a->port);
    const qsizetype at = port.isEmpty() ? -1 : actual.indexOf(port, actual.indexOf("://"_L1) + 3);
    return NearMissTexts::tr("They differ only by the port: %1, expected %2.")
        .arg(at < 0 ? actual : marked(actual, at, port.size()), expected);
}

QString caseMiss(const QString &actual, const QString &expected)
{
    if (actual.compare(expected, Qt::CaseInsensitive) != 0 || actual.size() != expected.size())
        return {};
    const auto [first, other] = std::ranges::mismatch(actual, expected);
    return NearMissTexts::tr("They differ only by upper and lower case: %1, expected %2.")
        .arg(marked(actual, first - actual.begin(), 1), expected);
}

} // namespace

QString nearMiss(const QString &actual, const QString &expected)
{
    if (actual == expected || actual.isEmpty() || expected.isEmpty())
        return {};
    if (actual == expected + u'/')
        return NearMissTexts::tr("They differ only by a slash at the end: %1, expected without it.")
            .arg(markedTail(actual, expected));
    if (expected == actual + u'/')
        return NearMissTexts::tr("They differ only by a slash at the end, which is missing: expected %1.")
            .arg(markedTail(expected, actual));
    if (actual.trimmed() == expected.trimmed())
        return NearMissTexts::tr("They differ only by blanks at an end: “%1”, expected “%2”.").arg(actual, expected);
    if (const QString words = caseMiss(actual, expected); !words.isEmpty())
        return words;
    if (const QString words = portMiss(actual, expected); !words.isEmpty())
        return words;
    if (actual.startsWith(expected) && (actual[expected.size()] == u'?' || actual[expected.size()] == u'#'))
        return NearMissTexts::tr("They differ only by what is appended: %1.").arg(markedTail(actual, expected));
    return {};
}

QString nearMiss(const QStringList &actual, const QStringList &expected)
{
    QString first;
    for (const QString &one : actual) {
        if (expected.contains(one))
            return {};
        for (const QString &other : expected) {
            if (first.isEmpty())
                first = nearMiss(one, other);
        }
    }
    return first;
}

} // namespace McpAuth::Ui
