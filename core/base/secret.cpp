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
    constexpr qsizetype word = sizeof(quint64);
    qsizetype i = 0;
    for (; i + word <= a.size(); i += word) {
        quint64 left = 0;
        quint64 right = 0;
        std::memcpy(&left, a.data() + i, word);
        std::memcpy(&right, b.data() + i, word);
        difference = difference | (left ^ right);
    }
    for (; i < a.size(); ++i)
        difference = difference | static_cast<unsigned char>(a[i] ^ b[i]);
    return difference == 0;
}

} // namespace McpAuth
