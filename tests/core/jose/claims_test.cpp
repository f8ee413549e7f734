#include "support/clock.h"
#include "testkeys.h"

namespace McpAuth::Jose {
namespace {

using namespace Test;

const ManualClock clock;

QJsonObject claims(const char *text)
{
    return json(text);
}

/// The check of that name, over a header and claims that have nothing else to look at.
Check check(const QString &name, const QJsonObject &header, const QJsonObject &claims, const ClaimRules &rules = {})
{
    for (const Check &one : checkClaims(header, claims, rules, clock.now()))
        if (one.name == name)
            return one;
    return {};
}

CheckOutcome outcome(const char *name, const QJsonObject &claims, const ClaimRules &rules = {})
{
    return check(QString::fromLatin1(name), {}, claims, rules).outcome;
}

QJsonObject at(const char *claim, double secondsFromNow)
{
    return {{QString::fromLatin1(claim), static_cast<double>(clock.seconds()) + secondsFromNow}};
}

const CheckOutcome Pass = CheckOutcome::Pass;
const CheckOutcome Fail = CheckOutcome::Fail;
const CheckOutcome Skipped = CheckOutcome::Skipped;

TEST(Claims, AreCheckedInOrder)
{
    QStringList names;
    for (const Check &one : checkClaims({}, {}, {}, clock.now())) {
        names.append(one.name);
        EXPECT_EQ(one.outcome, one.name == u"binding" ? Pass : Skipped) << one.name.toStdString();
        EXPECT_FALSE(one.detail.isEmpty());
    }
    EXPECT_EQ(names, QStringLiteral("type binding expiry not_before issued_at issuer audience").split(u' '));
}

// RFC 7519 §4.1.4: "on or after" exp the token must not be accepted.
TEST(Expiry, EndsAtTheVerySecond)
{
    const ClaimRules exact{.leeway = std::chrono::seconds(0)};
    EXPECT_EQ(outcome("expiry", at("exp", 1), exact), Pass);
    EXPECT_EQ(outcome("expiry", at("exp", 0.5), exact), Pass);
    EXPECT_EQ(outcome("expiry", at("exp", 0), exact), Fail);
    EXPECT_EQ(outcome("expiry", at("exp", -1), exact), Fail);
}

TEST(Expiry, HasAMinuteOfLeeway)
{
    EXPECT_EQ(outcome("expiry", at("exp", -59)), Pass);
    EXPECT_EQ(outcome("expiry", at("exp", -60)), Fail);
}

TEST(Expiry, SaysWhenInWords)
{
    const auto detail = [](double seconds) { return check(QStringLiteral("expiry"), {}, at("exp", seconds)).detail; };
    EXPECT_EQ(detail(600), u"The token expires in 10 minutes (2026-01-01T00:10:00Z).");
    EXPECT_EQ(detail(-180), u"The token expired 3 minutes ago (2025-12-31T23:57:00Z).");
    EXPECT_EQ(detail(-1), u"The token expired 1 second ago (2025-12-31T23:59:59Z), within the leeway of 60 seconds.");
    EXPECT_EQ(detail(3 * 86'400), u"The token expires in 3 days (2026-01-04T00:00:00Z).");
    EXPECT_EQ(detail(1e15), u"The token expires in 11574074074 days (after the year 9999).");
    EXPECT_TRUE(detail(-1e300).contains(u"before 1970"));
}

TEST(Expiry, IsRequiredInStrictMode)
{
    EXPECT_EQ(outcome("expiry", {}, {.kinds = TokenKinds::AccessToken}), Fail);
    EXPECT_EQ(outcome("expiry", at("exp", 60), {.kinds = TokenKinds::AccessToken}), Pass);
}

TEST(Times, MustBeNumbers)
{
    for (const char *check : {"expiry", "not_before", "issued_at"}) {
        const QString claim = QLatin1StringView(check) == u"expiry"       ? QStringLiteral("exp")
                              : QLatin1StringView(check) == u"not_before" ? QStringLiteral("nbf")
                                                                          : QStringLiteral("iat");
        for (const QJsonValue &value :
             {QJsonValue(QStringLiteral("4102444800")), QJsonValue(true), QJsonValue(QJsonValue::Null),
              QJsonValue(QJsonArray{1}), QJsonValue(QJsonObject())})
            EXPECT_EQ(outcome(check, {{claim, value}}), Fail) << check;
    }
}

// JSON has no infinity, but 1e999 becomes one in many readers.
TEST(Times, MustBeFinite)
{
    for (const double value : {qInf(), -qInf(), qQNaN()})
        EXPECT_NE(outcome("expiry", {{QStringLiteral("exp"), value}}), Pass);
    const auto parsed = parseJsonObject(R"({"exp":1e999})");
    if (parsed) {
        EXPECT_EQ(outcome("expiry", *parsed), Fail);
    }
}

TEST(NotBefore, MustHaveCome)
{
    EXPECT_EQ(outcome("not_before", at("nbf", -10)), Pass);
    EXPECT_EQ(outcome("not_before", at("nbf", 0)), Pass);
    EXPECT_EQ(outcome("not_before", at("nbf", 60)), Pass);
    EXPECT_EQ(outcome("not_before", at("nbf", 61)), Fail);
    EXPECT_EQ(check(QStringLiteral("not_before"), {}, at("nbf", 300)).detail,
              u"The token is not valid for another 5 minutes (2026-01-01T00:05:00Z).");
}

TEST(IssuedAt, IsNotInTheFuture)
{
    EXPECT_EQ(outcome("issued_at", at("iat", -10)), Pass);
    EXPECT_EQ(outcome("issued_at", at("iat", 60)), Pass);
    EXPECT_EQ(outcome("issued_at", at("iat", 61)), Fail);
    EXPECT_EQ(check(QStringLiteral("issued_at"), {}, at("iat", -7200)).detail,
              u"The token was issued 2 hours ago (2025-12-31T22:00:00Z).");
}

TEST(Issuer, IsComparedByteForByte)
{
    const ClaimRules rules{.issuers = {QStringLiteral("https://a.example"), QStringLiteral("https://b.example/")}};
    const auto of = [&](const char *text) { return outcome("issuer", claims(text), rules); };
    EXPECT_EQ(of(R"({"iss":"https://a.example"})"), Pass);
    EXPECT_EQ(of(R"({"iss":"https://b.example/"})"), Pass);
    EXPECT_EQ(of(R"({"iss":"https://a.example/"})"), Fail);
    EXPECT_EQ(of(R"({"iss":"https://b.example"})"), Fail);
    EXPECT_EQ(of(R"({"iss":"HTTPS://a.example"})"), Fail);
    EXPECT_EQ(of(R"({"iss":["https://a.example"]})"), Fail);
    EXPECT_EQ(of(R"({})"), Fail);
}

TEST(Audience, IsAStringOrAList)
{
    const ClaimRules rules{.audiences = {QStringLiteral("https://mcp.example/mcp"), QStringLiteral("api")}};
    const auto of = [&](const char *text) { return outcome("audience", claims(text), rules); };
    EXPECT_EQ(of(R"({"aud":"https://mcp.example/mcp"})"), Pass);
    EXPECT_EQ(of(R"({"aud":["other","api"]})"), Pass);
    EXPECT_EQ(of(R"({"aud":"https://mcp.example/mcp/"})"), Fail);
    EXPECT_EQ(of(R"({"aud":"api other"})"), Fail);
    EXPECT_EQ(of(R"({"aud":["api",1]})"), Fail);
    EXPECT_EQ(of(R"({"aud":[]})"), Fail);
    EXPECT_EQ(of(R"({"aud":{"api":true}})"), Fail);
    EXPECT_EQ(of(R"({})"), Fail);
}

CheckOutcome typeOf(const QJsonObject &header, const QJsonObject &claims = {}, const ClaimRules &rules = {})
{
    return check(QStringLiteral("type"), header, claims, rules).outcome;
}

QJsonObject typ(const char *value)
{
    return {{QStringLiteral("typ"), QString::fromLatin1(value)}};
}

TEST(Type, OfAnAccessTokenIsTaken)
{
    for (const char *known : {"at+jwt", "application/at+jwt", "JWT", "jwt", "AT+JWT"})
        EXPECT_EQ(typeOf(typ(known)), Pass) << known;
    EXPECT_EQ(typeOf({}), Skipped);
    EXPECT_EQ(typeOf(typ("Bearer")), Skipped);
    EXPECT_EQ(typeOf({{QStringLiteral("typ"), 1}}), Fail);
}

TEST(Type, OfAnotherKindOfJwtIsRefused) // RFC 8725 §3.11
{
    for (const char *other : {"dpop+jwt", "logout+jwt", "application/logout+jwt", "secevent+jwt", "id+JWT", "dc+sd-jwt",
                              "vc+sd-jwt", "application/kb+jwt"})
        EXPECT_EQ(typeOf(typ(other)), Fail) << other;
}

TEST(Type, IsAlsoToldByTheClaims) // RFC 8725 §3.12
{
    for (const char *claims : {R"({"at_hash":"x"})", R"({"c_hash":"x"})", R"({"typ":"ID"})", R"({"typ":"Refresh"})",
                               R"({"events":{"http://schemas.openid.net/event/backchannel-logout":{}}})"})
        EXPECT_EQ(typeOf(typ("JWT"), parseJsonObject(claims).value()), Fail) << claims;
    for (const char *claims : {R"({"typ":"Bearer"})", R"({"events":{}})", R"({"token_use":"access"})"})
        EXPECT_EQ(typeOf(typ("JWT"), parseJsonObject(claims).value()), Pass) << claims;
}

TEST(Type, IsRfc9068WholeWhereOnlyAccessTokensAreTaken) // RFC 9068 §2.2, §4
{
    const ClaimRules rules{.kinds = TokenKinds::AccessToken};
    const QJsonObject claims = parseJsonObject(R"({"aud":"a","client_id":"c","iat":1,"jti":"j"})").value();
    EXPECT_EQ(typeOf(typ("at+jwt"), claims, rules), Pass);
    EXPECT_EQ(typeOf(typ("application/at+jwt"), claims, rules), Pass);
    for (const auto &header : {typ("JWT"), typ("dpop+jwt"), typ("Bearer"), QJsonObject()})
        EXPECT_EQ(typeOf(header, claims, rules), Fail) << toJsonText(header).constData();
    for (const QString &member : claims.keys()) {
        QJsonObject fewer = claims;
        fewer.remove(member);
        const Check lacking = check(QStringLiteral("type"), typ("at+jwt"), fewer, rules);
        EXPECT_EQ(lacking.outcome, Fail) << member.toStdString();
        EXPECT_TRUE(lacking.detail.contains(member)) << lacking.detail.toStdString();
    }
}

TEST(Type, OfAnIdTokenWithoutHashesIsToldByItsClaims) // OpenID Connect Core 1.0 §2
{
    for (const char *text : {R"({"nonce":"x"})", R"({"auth_time":1,"ver":"2.0"})", R"({"token_use":"id","azp":"x"})"})
        EXPECT_EQ(typeOf(typ("JWT"), claims(text)), Fail) << text;
    for (const QString &member : QStringLiteral("scope scp scopes roles client_id azp appid cid").split(u' ')) {
        const QJsonObject access{{QStringLiteral("auth_time"), 1}, {member, QStringLiteral("x")}};
        EXPECT_EQ(typeOf(typ("JWT"), access), Pass) << member.toStdString();
    }
}

TEST(Binding, OfATokenToAKeyIsRefusedUnlessToldOtherwise) // RFC 7800 §3, RFC 9449 §6
{
    const QJsonObject bound = claims(R"({"cnf":{"jkt":"x"}})");
    EXPECT_EQ(outcome("binding", {}), Pass);
    EXPECT_EQ(outcome("binding", bound), Fail);
    EXPECT_EQ(outcome("binding", bound, {.ignoreBinding = true}), Skipped);
    EXPECT_EQ(typeOf(typ("at+jwt"), bound), Pass) << "a binding says nothing of the kind";
}

TEST(Details, StayShort)
{
    const QJsonObject verbose{{QStringLiteral("iss"), QString(10'000, u'x')}};
    EXPECT_LT(check(QStringLiteral("issuer"), {}, verbose, {.issuers = {QStringLiteral("a")}}).detail.size(), 400);
}

TEST(Details, QuoteWhoIssuedTheTokenAndWhomItIsFor)
{
    const QString longName(300, u'a');
    for (const QString &name : {QStringLiteral("https://a.example"), longName}) {
        const QJsonObject claims{{QStringLiteral("iss"), name}, {QStringLiteral("aud"), name}};
        const ClaimRules rules{.issuers = {name}, .audiences = {name}};
        const QString shown = name == longName ? longName.first(200) + QStringLiteral("…") : name;
        EXPECT_EQ(check(QStringLiteral("issuer"), {}, claims, rules).detail,
                  QStringLiteral("The token was issued by \"%1\".").arg(shown));
        EXPECT_EQ(check(QStringLiteral("audience"), {}, claims, rules).detail,
                  QStringLiteral("The token is meant for \"%1\".").arg(shown));
    }
}

TEST(Details, NameADifferenceThatIsEasilyOverlooked)
{
    struct Row
    {
        QString actual;
        QString ending;
    };
    const QString expected = QStringLiteral("https://mcp.example/Mcp");
    const QString named = QStringLiteral(" It differs from \"https://mcp.example/Mcp\" only ");
    const QString nothing = QStringLiteral("expected is \"https://mcp.example/Mcp\".");
    for (const auto &[actual, ending] :
         {Row{QStringLiteral("https://mcp.example/Mcp/"), named + QStringLiteral("by a slash at its end.")},
          Row{QStringLiteral("https://MCP.example/mcp"), named + QStringLiteral("in upper and lower case.")},
          Row{QStringLiteral("https://mcp.example:443/Mcp"), named + QStringLiteral("in the port.")},
          Row{QStringLiteral("https://mcp.example:8443/Mcp"), named + QStringLiteral("in the port.")},
          Row{QStringLiteral("https://mcp.example:8443/Mcp/"), nothing},
          Row{QStringLiteral("http://mcp.example/Mcp"), nothing},
          Row{QStringLiteral("https://mcp.example/Mcp//"), nothing}}) {
        const QJsonObject claims{{QStringLiteral("iss"), actual},
                                 {QStringLiteral("aud"), QJsonArray{QStringLiteral("api"), actual}}};
        const ClaimRules rules{.issuers = {expected}, .audiences = {expected}};
        for (const QString &name : {QStringLiteral("issuer"), QStringLiteral("audience")}) {
            const Check one = check(name, {}, claims, rules);
            EXPECT_EQ(one.outcome, Fail);
            EXPECT_TRUE(one.detail.endsWith(ending)) << one.detail.toStdString();
        }
    }
}

TEST(Scopes, ComeFromThreeClaimsInOrder)
{
    const auto of = [](const char *text) { return scopesOf(claims(text)).join(u','); };
    EXPECT_EQ(of(R"({"scope":"a b"})"), u"a,b");
    EXPECT_EQ(of(R"({"scope":" a  b "})"), u"a,b");
    EXPECT_EQ(of(R"({"scope":["a","b c"]})"), u"a,b c");
    EXPECT_EQ(of(R"({"scopes":["a"],"scp":"b"})"), u"a");
    EXPECT_EQ(of(R"({"scp":"a b"})"), u"a,b");
    EXPECT_EQ(of(R"({"scp":["a","b"]})"), u"a,b");
    EXPECT_EQ(of(R"({"scope":"","scp":"b"})"), u"");
    EXPECT_EQ(of(R"({"scope":1,"scp":"b"})"), u"b");
    EXPECT_EQ(of(R"({})"), u"");
}

TEST(ClientId, ComesFromFourClaimsInOrder)
{
    EXPECT_EQ(clientIdOf(claims(R"({"cid":"d","appid":"c","azp":"b","client_id":"a"})")), u"a");
    EXPECT_EQ(clientIdOf(claims(R"({"cid":"d","appid":"c","azp":"b"})")), u"b");
    EXPECT_EQ(clientIdOf(claims(R"({"cid":"d","appid":"c","azp":1})")), u"c");
    EXPECT_EQ(clientIdOf(claims(R"({"cid":"d"})")), u"d");
    EXPECT_EQ(clientIdOf({}), QString());
}

} // namespace
} // namespace McpAuth::Jose
