#include "http/form.h"

#include <QStringDecoder>

#include <algorithm>

namespace McpAuth::Http {

using namespace Qt::StringLiterals;

namespace {

bool isUnescaped(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '*' || c == '-' ||
           c == '.' || c == '_';
}

void appendEscaped(QByteArray &text, const QString &value)
{
    for (const char c : value.toUtf8()) {
        if (isUnescaped(c))
            text += c;
        else if (c == ' ')
            text += '+';
        else
            text += '%' + QByteArray(1, c).toHex().toUpper();
    }
}

std::optional<int> hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = char(c | 0x20);
    if (lower >= 'a' && lower <= 'f')
        return lower - 'a' + 10;
    return {};
}

Result<QString> decoded(QByteArrayView text)
{
    QByteArray bytes;
    bytes.reserve(text.size());
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            bytes += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        const auto high = i + 2 < text.size() ? hexDigit(text[i + 1]) : std::nullopt;
        const auto low = i + 2 < text.size() ? hexDigit(text[i + 2]) : std::nullopt;
        if (!high || !low)
            return fail(u"invalid_form"_s, u"A '%' in the form is not followed by two hexadecimal digits."_s);
        bytes += char(*high << 4 | *low);
        i += 2;
    }
    QStringDecoder decode(QStringDecoder::Utf8);
    QString value = decode(bytes);
    if (decode.hasError())
        return fail(u"invalid_form"_s, u"The form is not UTF-8."_s);
    return value;
}

} // namespace

QByteArray toFormText(const Form &form)
{
    QByteArray text;
    for (const auto &[name, value] : form) {
        if (!text.isEmpty())
            text += '&';
        appendEscaped(text, name);
        text += '=';
        appendEscaped(text, value);
    }
    return text;
}

QString withQuery(const QString &url, const Form &form)
{
    const bool joins = url.endsWith(u'?') || url.endsWith(u'&');
    const QString mark = joins ? QString() : url.contains(u'?') ? u"&"_s : u"?"_s;
    return url + mark + QString::fromLatin1(toFormText(form));
}

Result<Form> parseForm(QByteArrayView text)
{
    Form form;
    while (!text.isEmpty()) {
        const qsizetype end = text.indexOf('&');
        const QByteArrayView field = end < 0 ? text : text.first(end);
        text = end < 0 ? QByteArrayView() : text.sliced(end + 1);
        if (field.isEmpty())
            continue;
        if (form.size() == maxFormFields)
            return fail(u"invalid_form"_s, u"The form has more than %1 fields."_s.arg(maxFormFields));
        const qsizetype equals = field.indexOf('=');
        auto name = decoded(equals < 0 ? field : field.first(equals));
        if (!name)
            return fail(name.error());
        auto value = decoded(equals < 0 ? QByteArrayView() : field.sliced(equals + 1));
        if (!value)
            return fail(value.error());
        form.emplace_back(*std::move(name), *std::move(value));
    }
    return form;
}

Result<std::optional<QString>> formValue(const Form &form, QStringView name)
{
    const auto named = [name](const auto &field) { return field.first == name; };
    const auto found = std::ranges::find_if(form, named);
    if (found == form.end())
        return std::nullopt;
    if (std::find_if(std::next(found), form.end(), named) != form.end()) {
        return fail(u"repeated_parameter"_s, u"The parameter %1 occurs more than once."_s.arg(name),
                    {{u"parameter"_s, name.toString()}});
    }
    return found->second;
}

} // namespace McpAuth::Http
