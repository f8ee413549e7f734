#include "base/secret.h"

#include <cstring>

namespace McpAuth {

QString redacted(QByteArrayView secret)
{
    constexpr qsizetype shown = 4;
    constexpr qsizetype shortest = 16;
    const QString start = secret.size() < shortest ? QString() : QString::fromLatin1(secret.first(shown));
    return QStringLiteral("%1…(%2 bytes)").arg(start).arg(secret.size());
}

bool equalInConstantTime(QByteArrayView a, QByteArrayView b)
{
    if (a.size() != b.size())
        return false;
    volatile quint64 difference = 0;
    for (qsizetype i = 0; i < a.size(); i += sizeof(quint64)) {
        const auto count = std::min<size_t>(sizeof(quint64), static_cast<size_t>(a.size() - i));
        quint64 left = 0;
        quint64 right = 0;
        std::memcpy(&left, a.data() + i, count);
        std::memcpy(&right, b.data() + i, count);
        difference = difference | (left ^ right);
    }
    return difference == 0;
}

} // namespace McpAuth
