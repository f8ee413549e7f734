#include "base/json.h"
#include "http/address.h"
#include "http/url.h"
#include "support/result.h"

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

using Test::codeOf;

TEST(SplitUrl, TakesApartWithoutChangingAByte)
{
    const Result<UrlParts> parts = splitUrl(u"https://Login.Example:8443/Realms/%7Ea/./b/?x=%2f&y#z"_s);
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->scheme, u"https"_s);
    EXPECT_EQ(parts->authority, u"Login.Example:8443"_s);
    EXPECT_EQ(parts->host, u"login.example"_s);
    EXPECT_EQ(parts->port, 8443);
    EXPECT_EQ(parts->path, u"/Realms/%7Ea/./b/"_s);
    EXPECT_EQ(parts->query, u"x=%2f&y"_s);
    EXPECT_TRUE(parts->hasQuery);
    EXPECT_TRUE(parts->hasFragment);
    EXPECT_EQ(parts->origin(), u"https://Login.Example:8443"_s);
}

TEST(SplitUrl, TellsAnEmptyPathFromARoot)
{
    EXPECT_EQ(splitUrl(u"https://a.example"_s)->path, QString());
    EXPECT_EQ(splitUrl(u"https://a.example/"_s)->path, u"/"_s);
    EXPECT_EQ(splitUrl(u"https://a.example?q"_s)->query, u"q"_s);
    EXPECT_EQ(splitUrl(u"https://a.example"_s)->port, -1);
}

TEST(SplitUrl, TellsAnEmptyQueryFromNone)
{
    EXPECT_TRUE(splitUrl(u"https://a.example/?"_s)->hasQuery);
    EXPECT_FALSE(splitUrl(u"https://a.example/"_s)->hasQuery);
    EXPECT_TRUE(splitUrl(u"https://a.example/#"_s)->hasFragment);
    EXPECT_FALSE(splitUrl(u"https://a.example/#?x"_s)->hasQuery);
}

TEST(SplitUrl, ReadsSchemesInAnyCase)
{
    EXPECT_EQ(splitUrl(u"HTTPS://a.example"_s)->scheme, u"https"_s);
    EXPECT_EQ(splitUrl(u"HTTPS://a.example"_s)->origin(), u"https://a.example"_s);
}

TEST(SplitUrl, ReadsIpv6Addresses)
{
    const Result<UrlParts> parts = splitUrl(u"http://[2001:DB8::1]:80/mcp"_s);
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->host, u"2001:db8::1"_s);
    EXPECT_EQ(parts->port, 80);
    EXPECT_EQ(parts->authority, u"[2001:DB8::1]:80"_s);
}

struct BadUrl
{
    const char16_t *url;
    const char16_t *reason; // part of the sentence
};

class SplitUrlRefuses : public testing::TestWithParam<BadUrl>
{
};

TEST_P(SplitUrlRefuses, WithASentence)
{
    const Result<UrlParts> parts = splitUrl(QString(GetParam().url));
    ASSERT_EQ(codeOf(parts), u"invalid_url"_s) << QString(GetParam().url).toStdString();
    EXPECT_TRUE(parts.error().message.contains(QString(GetParam().reason))) << parts.error().message.toStdString();
}

TEST(SplitUrl, ItsErrorsTellNoSecrets)
{
    for (const auto *url : {u"https://alice:s3cret@a.example/", u"https://a.example/ ?token=s3cret", u"alice:s3cret@a",
                            u"https:/alice:s3cret@a.example", u"https://alice:s3/s3cret@a.example", u"ftp://a#s3cret",
                            u"ftp://a/?s3cret", u"ftp://a/?x=1&x=s3cret#y=s3cret"}) {
        const Result<UrlParts> parts = splitUrl(QString(url));
        ASSERT_FALSE(parts) << QString(url).toStdString();
        EXPECT_FALSE(toJsonText(toJson(parts.error())).contains("s3cret")) << QString(url).toStdString();
    }
}

TEST(ShownUrl, KeepsWhatIsNoSecret)
{
    EXPECT_EQ(shownUrl(u"https://a.example:80/p/q"_s), u"https://a.example:80/p/q"_s);
    EXPECT_EQ(shownUrl(u"https://alice:pw@a.example/p?x=1&y&z=#f"_s), u"https://…@a.example/p?x=…&…&z=…"_s);
    EXPECT_EQ(shownUrl(u"https://a.example#f"_s), u"https://a.example#…"_s);
    EXPECT_EQ(shownUrl(u"nonsense"_s), u"nonsense"_s);
    EXPECT_EQ(shownUrl(QString(10'000, u'x')).size(), 501);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, SplitUrlRefuses,
    testing::Values(BadUrl{u"", u"empty"}, //
                    BadUrl{u"login.example/realms", u"scheme is missing"},
                    BadUrl{u"//login.example", u"scheme is missing"}, BadUrl{u"://login.example", u"scheme is missing"},
                    BadUrl{u"ftp://login.example", u"not ftp"}, BadUrl{u"javascript://alert", u"not javascript"},
                    BadUrl{u"https:/a.example", u"scheme is missing"}, BadUrl{u"https://", u"host is missing"},
                    BadUrl{u"https:///path", u"host is missing"}, BadUrl{u"https://:80/", u"host is missing"},
                    BadUrl{u"https://user@a.example", u"user information"},
                    BadUrl{u"https://user:pw@a.example", u"user information"}, BadUrl{u"https://a.example:", u"port"},
                    BadUrl{u"https://a.example:0", u"port"}, BadUrl{u"https://a.example:65536", u"port"},
                    BadUrl{u"https://a.example:99999999999", u"port"}, BadUrl{u"https://a.example:8a", u"port"},
                    BadUrl{u"https://a.example:+80", u"port"}, BadUrl{u"https://a b.example", u"space"},
                    BadUrl{u" https://a.example", u"space"}, BadUrl{u"https://a.example/\n", u"control"},
                    BadUrl{u"https://a.example/\\b", u"percent-encoded"},
                    BadUrl{u"https://a.example/\u00fc", u"percent-encoded"},
                    BadUrl{u"https://a.example/%zz", u"hexadecimal"}, BadUrl{u"https://a.example/%4", u"hexadecimal"},
                    BadUrl{u"https://a%2eexample/", u"host name"}, BadUrl{u"https://[::1", u"IPv6"},
                    BadUrl{u"https://[127.0.0.1]/", u"IPv6"}, BadUrl{u"https://[::1%25lo]/", u"IPv6"},
                    BadUrl{u"https://[::1]x/", u"port"}));

TEST(SameOrigin, ComparesSchemeHostAndPort) // RFC 6454 §5
{
    const auto parts = [](const char16_t *url) { return splitUrl(QString::fromUtf16(url)).value(); };
    EXPECT_TRUE(haveSameOrigin(parts(u"HTTPS://A.example/x"), parts(u"https://a.example:443/y?z")));
    EXPECT_TRUE(haveSameOrigin(parts(u"http://a.example:80"), parts(u"http://a.example")));
    for (const auto *other : {u"http://a.example/x", u"https://b.example/x", u"https://a.example:8443/x"})
        EXPECT_FALSE(haveSameOrigin(parts(u"https://a.example/x"), parts(other)));
}

TEST(DotSegments, AreFoundPercentEncodedToo) // RFC 3986 §3.3
{
    for (const auto *path : {u"/a/../b", u"/./a", u"/a/%2E%2e", u"/.%2e/a"})
        EXPECT_TRUE(hasDotSegments(QString::fromUtf16(path)));
    for (const auto *path : {u"", u"/", u"/a..b/.c/...", u"/a.json"})
        EXPECT_FALSE(hasDotSegments(QString::fromUtf16(path)));
}

TEST(PeerGroup, IsTheAddressOrThe64OfIpv6)
{
    const auto group = [](const char *address) {
        return peerGroup(QHostAddress(QLatin1StringView(address))).toString();
    };
    EXPECT_EQ(group("192.0.2.7"), u"192.0.2.7"_s);
    EXPECT_EQ(group("2001:db8:1:2:3:4:5:6"), u"2001:db8:1:2::"_s);
    EXPECT_EQ(group("2001:db8:1:2:ffff::1"), u"2001:db8:1:2::"_s);
    EXPECT_EQ(group("2001:db8:1:3::1"), u"2001:db8:1:3::"_s);
}

} // namespace McpAuth::Http
