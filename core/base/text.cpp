#include "base/text.h"

#include <algorithm>

namespace McpAuth {

QString shortened(QStringView text, qsizetype longest)
{
    if (text.size() <= longest)
        return text.toString();
    const bool cutsCharacter = longest > 0 && text[longest - 1].isHighSurrogate() && text[longest].isLowSurrogate();
    return text.first(longest - (cutsCharacter ? 1 : 0)).toString() + QStringLiteral("…");
}

std::optional<std::pair<QString, QString>> nameAndValue(const QString &text)
{
    const qsizetype equals = text.indexOf(u'=');
    if (equals <= 0)
        return std::nullopt;
    return std::pair(text.first(equals), text.sliced(equals + 1));
}

bool isTreacherous(char32_t character)
{
    if (QChar::isNonCharacter(character))
        return true;
    switch (QChar::category(character)) {
    case QChar::Other_Control:
    case QChar::Other_Format:
    case QChar::Other_Surrogate:
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph:
        return true;
    default:
        return false;
    }
}

QString withoutTreacherous(const QString &text)
{
    std::u32string characters = text.toStdU32String();
    std::ranges::replace_if(characters, isTreacherous, U' ');
    return QString::fromStdU32String(characters);
}

} // namespace McpAuth
