// What a person pastes, and the token in it.
#pragma once

#include "base/result.h"

#include <QByteArray>
#include <QJsonObject>
#include <QString>

namespace McpAuth::Ui {

/// Takes the token out of what was copied: quotes, blanks and line breaks around and inside, a `Bearer ` prefix, an
/// `Authorization:` line (alone, within a request, or as curl's -H), a token response as JSON (its access_token). Text
/// that is none of these comes back without its blanks.
[[nodiscard]] QByteArray tokenFromPaste(const QString &text);

enum class TokenKind {
    Empty,
    Jwt,       ///< header and claims can be read
    Encrypted, ///< a JWE: nobody but its recipient reads the claims
    Opaque,    ///< no JWT at all: only its issuer can say what it means
    Malformed, ///< was meant to be a JWT
};

/// As far as a token can be read without believing it.
struct DecodedToken
{
    TokenKind kind = TokenKind::Empty;
    QJsonObject header;
    QJsonObject claims;
    QString problem; ///< why it is not a Jwt, at which part, and what that means; empty for Jwt and Empty
};

[[nodiscard]] DecodedToken decodeToken(const QByteArray &token);

/// The same of what was pasted, which also tells what is no token at all: two tokens, the beginning of one, words with
/// blanks between them, the word Bearer alone, JSON without an access_token.
[[nodiscard]] DecodedToken decodePaste(const QString &text);

} // namespace McpAuth::Ui
