// Requests that two parsers could read differently are refused, and nothing after them is read (RFC 9112 §11.2).
#include "support/servertest.h"

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

using namespace Test;

struct BadRequest
{
    const char *name;
    QByteArray bytes;
    int status = 400;
};

class ServerRefuses : public ServerTest, public testing::WithParamInterface<BadRequest>
{
};

TEST_P(ServerRefuses, AndCloses)
{
    start();
    RawClient client = connectClient();
    client.send(GetParam().bytes + getRequest);
    EXPECT_EQ(client.response().status, GetParam().status);
    EXPECT_TRUE(client.isClosedByPeer());
    EXPECT_EQ(client.everything(), QByteArray());
    EXPECT_TRUE(handled.isEmpty());
}

namespace {

BadRequest withFields(const char *name, const QByteArray &fields, int status = 400)
{
    return {name, "POST / HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n", status};
}

BadRequest withChunks(const char *name, const QByteArray &chunks)
{
    return {name, "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, 400};
}

BadRequest withTarget(const char *name, const QByteArray &target)
{
    return {name, "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 400};
}

std::string nameOf(const testing::TestParamInfo<BadRequest> &info)
{
    return info.param.name;
}

} // namespace

INSTANTIATE_TEST_SUITE_P(
    Lengths, ServerRefuses,
    testing::Values(withFields("LengthAndChunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
                    withFields("ChunksAndLength", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
                    withFields("TwoLengths", "Content-Length: 5\r\nContent-Length: 6\r\n"),
                    withFields("TheSameLengthTwice", "Content-Length: 5\r\nContent-Length: 5\r\n"),
                    withFields("AListOfLengths", "Content-Length: 5, 5\r\n"),
                    withFields("ANegativeLength", "Content-Length: -1\r\n"),
                    withFields("ASignedLength", "Content-Length: +1\r\n"),
                    withFields("AHexadecimalLength", "Content-Length: 0x10\r\n"),
                    withFields("AnEmptyLength", "Content-Length:\r\n"),
                    withFields("AnOverflowingLength", "Content-Length: 18446744073709551616\r\n"),
                    withFields("ALengthWithASpace", "Content-Length: 1 0\r\n"),
                    withFields("ChunkedTwice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
                    BadRequest{"ChunksInHttp10",
                               "POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}),
    nameOf);

INSTANTIATE_TEST_SUITE_P(
    Codings, ServerRefuses,
    testing::Values(withFields("AnUnknownCoding", "Transfer-Encoding: gzip\r\n", 501),
                    withFields("ACodingBeforeChunked", "Transfer-Encoding: gzip, chunked\r\n", 501),
                    withFields("IdentityCoding", "Transfer-Encoding: identity\r\n", 501),
                    withFields("AnUnknownExpectation", "Expect: the unexpected\r\nContent-Length: 0\r\n", 417)),
    nameOf);

INSTANTIATE_TEST_SUITE_P(Chunks, ServerRefuses,
                         testing::Values(withChunks("AChunkWithoutASize", "\r\nabc\r\n0\r\n\r\n"),
                                         withChunks("AChunkSizeThatIsNoNumber", "xyz\r\nabc\r\n0\r\n\r\n"),
                                         withChunks("AnOverflowingChunkSize", "fffffffffffffffff\r\n"),
                                         withChunks("ANegativeChunkSize", "-1\r\n"),
                                         withChunks("AChunkLongerThanItsSize", "3\r\nabcdef\r\n0\r\n\r\n"),
                                         withChunks("ABareLfAfterAChunkSize", "3\nabc\r\n0\r\n\r\n"),
                                         withChunks("ABareLfAfterAChunk", "3\r\nabc\n0\r\n\r\n"),
                                         withChunks("ASpaceAfterAChunkSize", "3 \r\nabc\r\n0\r\n\r\n"),
                                         withChunks("ALfInAChunkExtension", "3;a\nb\r\nabc\r\n0\r\n\r\n")),
                         nameOf);

INSTANTIATE_TEST_SUITE_P(
    Fields, ServerRefuses,
    testing::Values(withFields("ABareLf", "X: a\nY: b\r\n"), withFields("ABareCr", "X: a\rY: b\r\n"),
                    withFields("AFoldedField", "X: a\r\n b\r\n"), withFields("ATabFoldedField", "X: a\r\n\tb\r\n"),
                    withFields("ASpaceBeforeTheColon", "X : a\r\n"), withFields("AFieldWithoutAName", ": a\r\n"),
                    withFields("AFieldWithoutAColon", "X\r\n"), withFields("ABracketInAName", "X(Y): a\r\n"),
                    withFields("AnUmlautInAName", "X\xc3\xbc: a\r\n"),
                    withFields("ANulInAValue", QByteArray("X: a\0b\r\n", 8)),
                    withFields("AControlCharacterInAValue", "X: a\x01"
                                                            "b\r\n"),
                    withFields("ADeleteInAValue", "X: a\x7f"
                                                  "b\r\n"),
                    BadRequest{"ASpaceBeforeTheFirstField", "GET / HTTP/1.1\r\n Host: localhost\r\n\r\n"},
                    BadRequest{"OnlyLf", "GET / HTTP/1.1\nHost: localhost\n\n"}),
    nameOf);

// RFC 9112 §3.2
INSTANTIATE_TEST_SUITE_P(
    Hosts, ServerRefuses,
    testing::Values(BadRequest{"NoHost", "GET / HTTP/1.1\r\n\r\n"},
                    BadRequest{"TwoHosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"},
                    BadRequest{"AnEmptyHost", "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
                    BadRequest{"AHostWithASpace", "GET / HTTP/1.1\r\nHost: local host\r\n\r\n"},
                    BadRequest{"AHostWithAUser", "GET / HTTP/1.1\r\nHost: me@localhost\r\n\r\n"},
                    BadRequest{"AHostWithAPath", "GET / HTTP/1.1\r\nHost: localhost/x\r\n\r\n"},
                    BadRequest{"AHostWithABadPort", "GET / HTTP/1.1\r\nHost: localhost:8o\r\n\r\n"},
                    BadRequest{"AListOfHosts", "GET / HTTP/1.1\r\nHost: localhost, localhost\r\n\r\n"},
                    BadRequest{"AHostWithAnOpenBracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"},
                    BadRequest{"AnAbsoluteTargetOfAnotherHost",
                               "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n"}),
    nameOf);

INSTANTIATE_TEST_SUITE_P(Targets, ServerRefuses,
                         testing::Values(withTarget("ATargetWithAFragment", "/a#b"),
                                         withTarget("ATargetWithoutASlash", "a"), withTarget("AnAsteriskForGet", "*"),
                                         withTarget("AnUmlautInATarget", "/\xc3\xbc"),
                                         withTarget("AControlCharacterInATarget", "/\x01"),
                                         withTarget("ATargetWithASpace", "/a b"),
                                         withTarget("AnotherScheme", "ftp://localhost/")),
                         nameOf);

INSTANTIATE_TEST_SUITE_P(
    OtherProtocols, ServerRefuses,
    testing::Values(BadRequest{"Http2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}, BadRequest{"Http09", "GET /\r\n\r\n"},
                    BadRequest{"Http12", "GET / HTTP/1.2\r\nHost: localhost\r\n\r\n"},
                    BadRequest{"Http20", "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505},
                    BadRequest{"ATlsHello", QByteArray("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)},
                    BadRequest{"AnUnknownMethod", "HACK / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501},
                    BadRequest{"ALowerCaseMethod", "get / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501},
                    BadRequest{"AProxyTunnel", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n", 501},
                    BadRequest{"AResponse", "HTTP/1.1 200 OK\r\n\r\n"}),
    nameOf);

class ServerParsing : public ServerTest
{
};

TEST_F(ServerParsing, RefusesABadRequestAfterAnsweringTheGoodOneBeforeIt)
{
    start();
    RawClient client = connectClient();
    client.send(getRequest + "GET / HTTP/1.1\r\nBad Field: x\r\n\r\n" + getRequest);
    EXPECT_EQ(client.response().status, 200);
    EXPECT_EQ(client.response().status, 400);
    EXPECT_TRUE(client.isClosedByPeer());
    EXPECT_EQ(handled.size(), 1);
}

// RFC 9110 §9.3.2
TEST_F(ServerParsing, RefusesHeadWithoutABody)
{
    start();
    RawClient client = connectClient();
    const QByteArray answer = client.send("HEAD / HTTP/1.1\r\n\r\n").everything();
    EXPECT_TRUE(answer.startsWith("HTTP/1.1 400 ")) << answer.toStdString();
    EXPECT_TRUE(answer.endsWith("\r\n\r\n")) << answer.toStdString();
}

TEST_F(ServerParsing, TakesEmptyLinesBeforeARequest) // RFC 9112 §2.2
{
    start();
    RawClient client = connectClient();
    EXPECT_EQ(client.send("\r\n\r\n" + getRequest).response().status, 200);
}

TEST_F(ServerParsing, KeepsBytesOfValuesAsTheyCame)
{
    start();
    RawClient client = connectClient();
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\nX:  a\tb \xc3\xbc \r\n\r\n");
    ASSERT_EQ(client.response().status, 200);
    EXPECT_EQ(handled[0].header("x"), "a\tb \xc3\xbc"_ba);
}

} // namespace McpAuth::Http
