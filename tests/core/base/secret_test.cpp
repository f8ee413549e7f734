#include "base/secret.h"
#include "support/result.h"

using namespace McpAuth;

TEST(Secret, ShowsItsStartAndLengthOnly)
{
    EXPECT_EQ(redacted(QByteArray("eyJh").append(QByteArray(808, 'x'))), u"eyJh…(812 bytes)");
    EXPECT_EQ(redacted("hunter2"), u"…(7 bytes)");
    EXPECT_EQ(Secret("0123456789abcdef").redacted(), u"0123…(16 bytes)");
}

TEST(Secret, ComparesByValue)
{
    EXPECT_TRUE(equalInConstantTime("abc", "abc"));
    EXPECT_FALSE(equalInConstantTime("abc", "abd"));
    EXPECT_FALSE(equalInConstantTime("abc", "abcd"));
    const QByteArray text = "a token of twenty-nine bytes.";
    EXPECT_TRUE(equalInConstantTime(text, QByteArray(text.constData(), text.size())));
    for (qsizetype i = 0; i < text.size(); ++i) {
        QByteArray other = text;
        other[i] = '~';
        EXPECT_FALSE(equalInConstantTime(text, other)) << i;
    }
    EXPECT_EQ(Secret("a"), Secret("a"));
    EXPECT_FALSE(Secret("a") == Secret("b"));
}
