#include "http/message.h"
#include "support/result.h"

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

TEST(Request, SplitsItsTargetAtTheFirstQuestionMark)
{
    Request request;
    request.target = "/a%2Fb?x=1?y";
    EXPECT_EQ(request.path(), "/a%2Fb"_ba);
    EXPECT_EQ(request.query(), "x=1?y"_ba);
    request.target = "/a";
    EXPECT_EQ(request.path(), "/a"_ba);
    EXPECT_EQ(request.query(), QByteArray());
}

TEST(Request, GivesAHeaderOnlyWhenItIsTheOnlyOne)
{
    Request request;
    request.headers.append("Authorization"_L1, "Bearer a"_L1);
    EXPECT_EQ(request.header("authorization"), "Bearer a"_ba);
    EXPECT_EQ(request.headerCount("AUTHORIZATION"), 1);
    request.headers.append("authorization"_L1, "Bearer b"_L1);
    EXPECT_EQ(request.header("Authorization"), QByteArray());
    EXPECT_EQ(request.headerCount("authorization"), 2);
    EXPECT_EQ(request.headerCount("cookie"), 0);
}

TEST(Response, ReplacesAField)
{
    Response response;
    response.set("Cache-Control", "no-store").set("cache-control", "no-cache");
    EXPECT_EQ(response.headers.values("Cache-Control"_L1), QList{"no-cache"_ba});
}

// RFC 9110 §5.5: a field value holds no CR, LF or NUL.
TEST(Response, KeepsControlCharactersOutOfValues)
{
    Response response;
    response.set("X-Note", QByteArray("a\r\nSet-Cookie: b\0c", 18));
    EXPECT_EQ(response.headers.value("x-note"_L1).toByteArray(), "a  Set-Cookie: b c"_ba);
    EXPECT_FALSE(response.headers.contains("Set-Cookie"_L1));
}

TEST(Response, KnowsItsContentType)
{
    EXPECT_EQ(Response::text(200, u"ü"_s).body, "\xc3\xbc"_ba);
    EXPECT_EQ(Response::text(200, {}).headers.value("content-type"_L1).toByteArray(), "text/plain; charset=utf-8"_ba);
    EXPECT_EQ(Response::html(200, {}).headers.value("content-type"_L1).toByteArray(), "text/html; charset=utf-8"_ba);
    EXPECT_EQ(Response::json(200, {}).headers.value("content-type"_L1).toByteArray(), "application/json"_ba);
    EXPECT_TRUE(Response::empty(204).headers.isEmpty());
}

TEST(Response, ServesJsonTextByteForByte)
{
    EXPECT_EQ(Response::jsonText(200, "{ \"a\" :1}").body, "{ \"a\" :1}"_ba);
}

TEST(Response, WritesErrorsAsOAuthDoes) // RFC 6749 §5.2
{
    const Response response = Response::error(400, u"invalid_request"_s, u"Why."_s);
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.body, R"({"error":"invalid_request","error_description":"Why."})"_ba);
}

TEST(ReasonPhrase, NamesRegisteredStatusesOnly)
{
    EXPECT_EQ(reasonPhrase(200), "OK"_ba);
    EXPECT_EQ(reasonPhrase(404), "Not Found"_ba);
    EXPECT_EQ(reasonPhrase(431), "Request Header Fields Too Large"_ba);
    EXPECT_EQ(reasonPhrase(299), QByteArray());
    EXPECT_EQ(reasonPhrase(0), QByteArray());
}

} // namespace McpAuth::Http
