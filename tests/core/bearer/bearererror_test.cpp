#include "bearer/bearererror.h"
#include "support/result.h"

#include <QSet>

using namespace McpAuth;
using namespace McpAuth::Bearer;

namespace {

struct Row
{
    BearerError error;
    const char *code;
    int status;
    const char *registered;
};

// mcp-auth.md, Errors; the last column is RFC 6750 §3.1.
const Row table[] = {
    {BearerError::None, "", 200, ""},
    {BearerError::MissingAuthHeader, "missing_auth_header", 401, ""},
    {BearerError::InvalidAuthHeaderFormat, "invalid_auth_header_format", 401, "invalid_request"},
    {BearerError::MissingBearerToken, "missing_bearer_token", 401, ""},
    {BearerError::InvalidIssuer, "invalid_issuer", 401, "invalid_token"},
    {BearerError::InvalidAudience, "invalid_audience", 401, "invalid_token"},
    {BearerError::MissingRequiredScopes, "missing_required_scopes", 403, "insufficient_scope"},
    {BearerError::InvalidToken, "invalid_token", 401, "invalid_token"},
    {BearerError::TokenVerificationFailed, "token_verification_failed", 401, "invalid_token"},
    {BearerError::ServerError, "server_error", 500, ""},
};

} // namespace

TEST(BearerError, EveryErrorHasItsCodeStatusAndRegisteredWord)
{
    for (const Row &row : table) {
        const BearerErrorInfo &entry = info(row.error);
        EXPECT_EQ(entry.error, row.error);
        EXPECT_EQ(entry.code, QString::fromLatin1(row.code));
        EXPECT_EQ(entry.status, row.status) << row.code;
        EXPECT_EQ(entry.registered, QByteArray(row.registered)) << row.code;
    }
}

TEST(BearerError, DescriptionsAreDistinctAndFitIntoAQuotedString) // RFC 6750 §3: %x20-21 / %x23-5B / %x5D-7E
{
    QSet<QString> seen;
    for (const Row &row : table) {
        const QString description = info(row.error).description;
        EXPECT_FALSE(seen.contains(description)) << row.code;
        seen.insert(description);
        EXPECT_EQ(description.isEmpty(), row.error == BearerError::None);
        for (const QChar c : description)
            EXPECT_TRUE(c >= u' ' && c <= u'~' && c != u'"' && c != u'\\') << row.code;
    }
}
