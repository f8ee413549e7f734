// A URL taken apart without changing a byte of it: QUrl normalises, identifiers must not be (RFC 8414 §3.3).
#pragma once

#include "base/result.h"

#include <QString>

namespace McpAuth::Http {

struct UrlParts
{
    QString scheme;    ///< in lower case
    QString authority; ///< as written: host, and port where it is given
    QString host;      ///< in lower case, without the brackets of IPv6
    int port = -1;     ///< -1: not given
    QString path;      ///< as written: empty, or with its leading slash
    QString query;     ///< as written, without '?'; empty also when there is none
    bool hasQuery = false;
    bool hasFragment = false;

    /// scheme "://" authority, as written but for the scheme
    [[nodiscard]] QString origin() const;
};

/// For messages and error details, of any text that was meant as a URL: "…" stands for user information, the values of
/// the query and the fragment; a long one is cut.
[[nodiscard]] QString shownUrl(const QString &url);

/// Absolute http and https URLs only, without user information. Errors: invalid_url, with a sentence that says what is
/// wrong ("the scheme is missing: https://…"), and details `url` as shownUrl() has it.
[[nodiscard]] Result<UrlParts> splitUrl(const QString &url);

/// Scheme, host and port, where 443 and 80 stand for one that is not given (RFC 6454 §4, §5).
[[nodiscard]] bool haveSameOrigin(const UrlParts &a, const UrlParts &b);

/// Whether a segment is "." or "..", also percent-encoded (RFC 3986 §3.3).
[[nodiscard]] bool hasDotSegments(const QString &path);

} // namespace McpAuth::Http
