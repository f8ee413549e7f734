#include "ui/token/pastedtoken.h"

#include "base/base64url.h"
#include "base/json.h"
#include "jose/jwt.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

struct DecodedTokenTexts
{
    Q_DECLARE_TR_FUNCTIONS(McpAuth::Ui::DecodedToken)
};

/// The rest of an Authorization line, with the lines that follow it as long as they look like more of a token.
QString authorizationLine(const QString &text)
{
    static const QRegularExpression field(
        uR"((?:^|[\n'"]|-H\s)\s*(?:proxy-)?authorization\s*["']?\s*:\s*(.*(?:\n[A-Za-z0-9_.=\s-]+(?=\n|$))*))"_s,
        QRegularExpression::CaseInsensitiveOption);
    const QRegularExpressionMatch match = field.match(text);
    return match.hasMatch() ? match.captured(1) : text;
}

QString accessTokenOf(const QString &text)
{
    const auto read = [](const QString &json) -> QString {
        const Result<QJsonObject> object = parseJsonObject(json.toUtf8());
        return object ? object->value("access_token"_L1).toString() : QString();
    };
    const QString token = read(text);
    // A terminal breaks long lines inside the string, where JSON allows none.
    return token.isEmpty() ? read(QString(text).remove(u'\n').remove(u'\r')) : token;
}

QString withoutBlanks(const QString &text)
{
    QString result;
    for (const QChar c : text) {
        const bool invisible = c.category() == QChar::Other_Format || c.category() == QChar::Other_Control;
        if (!c.isSpace() && !invisible)
            result.append(c);
    }
    return result;
}

/// Quotes and a Bearer prefix in any order and number; a header line taken from a command ends in a quote, perhaps
/// followed by the rest of the command.
QString unwrapped(QString text)
{
    static const QRegularExpression before(u"^(?:[\\s'\"`“”‘’«»<]+|bearer\\s+)"_s,
                                           QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression after(u"[\\s'\"`“”‘’«»>,;\\\\]+$"_s);
    static const QRegularExpression rest(u"['\"`“”‘’].*$"_s, QRegularExpression::DotMatchesEverythingOption);
    for (qsizetype length = -1; length != text.size();) {
        length = text.size();
        text.remove(before).remove(after);
    }
    return text.remove(rest);
}

QString wasAllCopied()
{
    return u' ' + DecodedTokenTexts::tr("Was all of it copied?");
}

QString partProblem(const QString &part, const Error &error)
{
    return DecodedTokenTexts::tr("%1 cannot be read: %2").arg(part, error.message);
}

/// Header and claims as far as they go, and the first part that is not what it should be.
void readParts(const QList<QByteArray> &parts, DecodedToken *decoded)
{
    const QStringList names{DecodedTokenTexts::tr("The header (part 1)"), DecodedTokenTexts::tr("The claims (part 2)"),
                            DecodedTokenTexts::tr("The signature (part 3)")};
    QJsonObject *const targets[] = {&decoded->header, &decoded->claims, nullptr};
    for (qsizetype i = 0; i < std::min<qsizetype>(parts.size(), 3); ++i) {
        const Result<QByteArray> bytes = decodeBase64Url(parts[i]);
        QString problem = bytes ? QString() : partProblem(names[i], bytes.error());
        if (bytes && targets[i]) {
            const Result<QJsonObject> object = parseJsonObject(*bytes);
            if (object)
                *targets[i] = *object;
            else
                problem = partProblem(names[i], object.error()) + wasAllCopied();
        }
        if (decoded->problem.isEmpty())
            decoded->problem = problem;
    }
    if (parts.size() != 3 && decoded->problem.isEmpty())
        decoded->problem =
            DecodedTokenTexts::tr(
                "A signed JWT has three parts with dots between them: header, claims, signature. This has %1.")
                .arg(parts.size()) +
            wasAllCopied();
}

/// Complete tokens in it, each with its three parts.
qsizetype tokensIn(const QString &text)
{
    static const QRegularExpression whole(u"(?:^|[^\\w.-])eyJ[\\w-]*\\.[\\w-]+\\.[\\w-]+(?![\\w.-])"_s);
    qsizetype count = 0;
    for (auto matches = whole.globalMatch(text); matches.hasNext(); matches.next())
        ++count;
    return count;
}

/// Why it is no token; empty when it may be one.
QString pasteProblem(const QString &text, const QByteArray &token, TokenKind kind)
{
    if (tokensIn(text) > 1)
        return DecodedTokenTexts::tr("There are two tokens in it, or more. Paste one of them.");
    if (kind != TokenKind::Opaque)
        return {};
    if (token.compare("Bearer", Qt::CaseInsensitive) == 0)
        return DecodedTokenTexts::tr("This is the word Bearer without the token that follows it.");
    if (token.startsWith('{'))
        return DecodedTokenTexts::tr("This is JSON without an access_token.");
    static const QRegularExpression blankInside(u"\\S[ \\t]+\\S"_s);
    if (blankInside.match(unwrapped(authorizationLine(text.trimmed()))).hasMatch())
        return DecodedTokenTexts::tr("This is no token: there are blanks in it.");
    if (token.startsWith("eyJ"))
        return DecodedTokenTexts::tr("This is the beginning of a JWT: it has no dots, so claims and signature are "
                                     "missing.") +
               wasAllCopied();
    return {};
}

QString opaqueText()
{
    return DecodedTokenTexts::tr(
        "There is no JWT in it: only the provider that issued it can say what it means, by introspection "
        "(RFC 7662). A server that checks JWTs refuses it. Many providers issue a JWT only when the request "
        "names an audience or a resource.");
}

QString encryptedText()
{
    return DecodedTokenTexts::tr(
        "A JWE is encrypted for one recipient, so its claims cannot be shown, and a server that checks "
        "signatures refuses it. Let the provider issue signed access tokens (at Auth0: request an audience).");
}

} // namespace

QByteArray tokenFromPaste(const QString &text)
{
    QString rest = QString(text).replace(u"\r\n"_s, u"\n"_s).trimmed();
    if (rest.startsWith(u'{')) {
        if (const QString token = accessTokenOf(rest); !token.isEmpty())
            rest = token;
        else
            return withoutBlanks(rest).toUtf8();
    }
    return withoutBlanks(unwrapped(authorizationLine(rest))).toUtf8();
}

DecodedToken decodeToken(const QByteArray &token)
{
    DecodedToken decoded;
    if (token.isEmpty())
        return decoded;
    const Result<Jose::Jws> jws = Jose::parseJws(token);
    const QString code = jws ? QString() : jws.error().code;
    if (code == "token_too_large"_L1) {
        decoded.kind = TokenKind::Malformed;
        decoded.problem = jws.error().message;
        return decoded;
    }
    readParts(token.split('.'), &decoded);
    if (code == "encrypted_token"_L1) {
        decoded.kind = TokenKind::Encrypted;
        decoded.claims = {};
        decoded.problem = encryptedText();
    } else if (code == "opaque_token"_L1) {
        decoded = {.kind = TokenKind::Opaque, .header = {}, .claims = {}, .problem = opaqueText()};
    } else if (!decoded.problem.isEmpty()) {
        decoded.kind = TokenKind::Malformed;
    } else {
        // What is readable but not allowed (crit, b64) is for the checks to say.
        decoded.kind = TokenKind::Jwt;
    }
    return decoded;
}

DecodedToken decodePaste(const QString &text)
{
    const QByteArray token = tokenFromPaste(text);
    DecodedToken decoded = decodeToken(token);
    if (const QString problem = pasteProblem(text, token, decoded.kind); !problem.isEmpty())
        decoded = {.kind = TokenKind::Malformed, .header = {}, .claims = {}, .problem = problem};
    return decoded;
}

} // namespace McpAuth::Ui
