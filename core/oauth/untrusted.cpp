#include "base/text.h"
#include "http/url.h"
#include "oauth/untrusted_p.h"

using namespace Qt::StringLiterals;

namespace McpAuth::OAuth {

namespace {

constexpr qsizetype errorCodeLength = 64;
constexpr qsizetype errorUriLength = 500;
constexpr qsizetype shortestSecret = 4; // a shorter one occurs in any sentence

bool isShown(char32_t character)
{
    const QChar::Category category = QChar::category(character);
    return !isTreacherous(character) && category != QChar::Other_PrivateUse && category != QChar::Other_NotAssigned;
}

QString withoutSecrets(QString text, const QList<Secret> &secrets)
{
    for (const Secret &secret : secrets) {
        if (secret.reveal().size() >= shortestSecret)
            text.replace(QString::fromUtf8(secret.reveal()), secret.redacted());
    }
    return text;
}

} // namespace

QString untrustedText(const QString &text, qsizetype longest)
{
    QString shown;
    for (const char32_t character : QStringView(text).first(qMin(text.size(), 4 * longest)).toUcs4()) {
        shown += isShown(character) ? QString::fromUcs4(&character, 1) : u" "_s;
    }
    return shortened(shown.simplified(), longest);
}

QJsonObject untrustedError(const QJsonObject &answer, const QList<Secret> &secrets)
{
    QJsonObject error;
    const auto take = [&](const QString &name, qsizetype longest) {
        const QString text = untrustedText(withoutSecrets(answer.value(name).toString(), secrets), longest);
        if (!text.isEmpty())
            error.insert(name, text);
    };
    take(u"error"_s, errorCodeLength);
    take(u"error_description"_s, untrustedTextLength);
    if (Http::splitUrl(answer.value(u"error_uri").toString()))
        take(u"error_uri"_s, errorUriLength);
    return error;
}

QStringList dropNulls(QJsonObject &answer, const QStringList &members)
{
    QStringList remarks;
    for (const QString &member : members) {
        if (answer.value(member).isNull() && answer.contains(member)) {
            answer.remove(member);
            remarks.append(
                u"`%1` is null in the answer, where it should be left out; it reads as absent."_s.arg(member));
        }
    }
    return remarks;
}

QString errorInWords(const QJsonObject &error)
{
    const QString code = error.value(u"error").toString();
    const QString description = error.value(u"error_description").toString();
    return code.isEmpty() || description.isEmpty() ? code : u"%1 (%2)"_s.arg(code, description);
}

} // namespace McpAuth::OAuth
