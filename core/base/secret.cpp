#include "base/secret.h"

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
    volatile unsigned char difference = 0;
    for (qsizetype i = 0; i < a.size(); ++i)
        difference = difference | static_cast<unsigned char>(a[i] ^ b[i]);
    return difference == 0;
}

} // namespace McpAuth
