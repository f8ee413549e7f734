#include "base/base64url.h"
#include "jose/sign.h"
#include "jose/verify.h"
#include "support.h"
#include "support/clock.h"
#include "ui/token/checkspane.h"
#include "ui/token/claimsmodel.h"
#include "ui/token/judgement.h"
#include "ui/token/mintform.h"
#include "ui/token/pastedtoken.h"
#include "ui/token/timewords.h"
#include "ui/token/tokenjudge.h"
#include "ui/token/tokenpage.h"
#include "ui/token/verdictmodels.h"
#include "ui/token/verdictwords.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/jsonview.h"

#include <QAbstractButton>
#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QRegularExpression>
#include <QSettings>
#include <QSpinBox>
#include <QTableView>
#include <QTcpSocket>
#include <QTreeView>

#include <limits>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace McpAuth::Ui {

namespace {

using Test::Answering;
using Test::codeOf;
using Test::ManualClock;
using Test::namelessInputs;
using Test::wait;
using Test::waitFor;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

QByteArray part(const QByteArray &json)
{
    return encodeBase64Url(json);
}

/// Signed by nobody, but whole.
QByteArray unsignedToken(const QByteArray &header = R"({"alg":"ES256"})",
                         const QByteArray &claims = R"({"sub":"alice"})")
{
    return part(header) + '.' + part(claims) + '.' + part("signature");
}

ServerState todoServer()
{
    ServerState server;
    server.running = true;
    server.resource = u"http://127.0.0.1:1/mcp"_s;
    server.requiredScopes = {u"mcp"_s};
    server.tools = {{u"whoami"_s, {}, {}, {}},
                    {u"create_todo"_s, {}, {}, {u"create:todos"_s}},
                    {u"delete_todo"_s, {}, {}, {u"delete:todos"_s}}};
    return server;
}

Bearer::Verdict refusal()
{
    Bearer::Verdict verdict;
    verdict.status = 403;
    verdict.error = Bearer::BearerError::MissingRequiredScopes;
    verdict.errorDescription = u"Scopes are missing."_s;
    verdict.challenge = R"(Bearer error="insufficient_scope", scope="delete:todos")";
    verdict.missingScopes = {u"delete:todos"_s};
    return verdict;
}

QString cell(const QAbstractItemModel &model, int row, int column, const QModelIndex &parent = {})
{
    return model.index(row, column, parent).data().toString();
}

/// The value beside a member's name, anywhere in the tree.
QString valueOf(const QAbstractItemModel &model, const QString &name)
{
    const QModelIndexList found =
        model.match(model.index(0, 0), Qt::DisplayRole, name, 1, Qt::MatchExactly | Qt::MatchRecursive);
    return found.isEmpty() ? QString() : found.first().siblingAtColumn(ClaimsModel::Value).data().toString();
}

/// Empty settings for each test.
class Settings
{
public:
    Settings() { QSettings().clear(); }

    [[nodiscard]] QByteArray everything() const
    {
        QSettings().sync();
        QFile file(QSettings().fileName());
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
};

} // namespace

TEST(PastedToken, TakesTheTokenOutOfWhatPeopleCopy)
{
    const QByteArray token = unsignedToken();
    const QString t = QString::fromLatin1(token);
    const QString half = t.first(20);
    const QString rest = t.sliced(20);
    const QStringList pastes{
        t,
        u"  \n"_s + t + u"\r\n"_s,
        u"Bearer "_s + t,
        u"bearer   "_s + t,
        u"\""_s + t + u"\""_s,
        u"'Bearer "_s + t + u"',"_s,
        u"“"_s + t + u"”"_s,
        half + u"\n"_s + rest,
        half + u" \r\n\t"_s + rest,
        half + QChar(0x200b) + rest,
        u"Authorization: Bearer "_s + t,
        u"authorization:bearer "_s + t,
        u"\"Authorization\": \"Bearer "_s + t + u"\""_s,
        u"Authorization: Bearer "_s + half + u"\n"_s + rest,
        u"POST /mcp HTTP/1.1\nHost: mcp.example\nAuthorization: Bearer "_s + t + u"\nAccept: */*\n\n{}"_s,
        u"curl -H 'Authorization: Bearer "_s + t + u"' https://mcp.example/mcp"_s,
        u"curl https://mcp.example/mcp -H \"Authorization: Bearer "_s + t + u"\" -d '{}'"_s,
        u"{\"access_token\":\""_s + t + u"\",\"token_type\":\"Bearer\",\"expires_in\":900}"_s,
        u"{\n  \"token_type\": \"Bearer\",\n  \"access_token\": \""_s + half + u"\n"_s + rest + u"\"\n}"_s,
    };
    for (const QString &paste : pastes)
        EXPECT_EQ(tokenFromPaste(paste), token) << paste.toStdString();
}

TEST(PastedToken, LeavesAloneWhatItDoesNotKnow)
{
    EXPECT_EQ(tokenFromPaste(u""_s), "");
    EXPECT_EQ(tokenFromPaste(u" \n "_s), "");
    EXPECT_EQ(tokenFromPaste(u"Bearer"_s), "Bearer");
    EXPECT_EQ(tokenFromPaste(u"opaque_token-value~1"_s), "opaque_token-value~1");
    EXPECT_EQ(tokenFromPaste(u"{\"error\": \"invalid_grant\"}"_s), R"({"error":"invalid_grant"})");
}

TEST(DecodedToken, ReadsHeaderAndClaimsWithoutBelievingThem)
{
    const DecodedToken decoded = decodeToken(unsignedToken());
    EXPECT_EQ(decoded.kind, TokenKind::Jwt);
    EXPECT_EQ(decoded.header[u"alg"].toString(), u"ES256");
    EXPECT_EQ(decoded.claims[u"sub"].toString(), u"alice");
    EXPECT_EQ(decoded.problem, QString());
    EXPECT_EQ(decodeToken({}).kind, TokenKind::Empty);
}

TEST(DecodedToken, NamesOpaqueAndEncryptedTokens)
{
    EXPECT_EQ(decodeToken("gho_16C7e42F292c6912E7710c838347Ae178B4a").kind, TokenKind::Opaque);
    EXPECT_FALSE(decodeToken("gho_16C7e42F292c6912E7710c838347Ae178B4a").problem.isEmpty());
    const DecodedToken jwe =
        decodeToken(part(R"({"alg":"dir","enc":"A256GCM"})") + "..AAAA.AAAA.AAAA"); // RFC 7516 §3.1
    EXPECT_EQ(jwe.kind, TokenKind::Encrypted);
    EXPECT_EQ(jwe.header[u"enc"].toString(), u"A256GCM");
    EXPECT_TRUE(jwe.claims.isEmpty());
}

TEST(DecodedToken, SaysWhichPartIsBroken)
{
    const auto problem = [](const QByteArray &token) {
        const DecodedToken decoded = decodeToken(token);
        EXPECT_EQ(decoded.kind, TokenKind::Malformed) << token.toStdString();
        return decoded.problem;
    };
    const QByteArray header = part(R"({"alg":"ES256"})");
    EXPECT_TRUE(problem(header + ".!!!." + part("s")).contains(u"part 2"));
    EXPECT_TRUE(problem(header + '.' + part("no json") + '.' + part("s")).contains(u"part 2"));
    EXPECT_TRUE(problem(header + '.' + part("{}") + ".=").contains(u"part 3"));
    EXPECT_TRUE(problem(header + '.' + part(R"({"sub":"a"})")).contains(u"2"));
}

TEST(DecodedToken, NamesWhatIsNoToken)
{
    const QString token = QString::fromLatin1(unsignedToken());
    const auto problem = [](const QString &text) {
        const DecodedToken decoded = decodePaste(text);
        EXPECT_EQ(decoded.kind, TokenKind::Malformed) << text.toStdString();
        return decoded.problem;
    };
    EXPECT_TRUE(problem(u"Bearer"_s).contains(u"word Bearer"_s));
    EXPECT_TRUE(problem(u"eyJhbGciOi not a token"_s).contains(u"blanks"_s));
    EXPECT_TRUE(problem(token.section(u'.', 0, 0)).contains(u"beginning of a JWT"_s));
    EXPECT_TRUE(problem(token + u'\n' + token).contains(u"two tokens"_s));
    EXPECT_TRUE(problem(token + u' ' + token).contains(u"two tokens"_s));
    EXPECT_TRUE(problem(u"{\"error\":\"invalid_grant\"}"_s).contains(u"access_token"_s));
    EXPECT_EQ(decodePaste(u"Bearer "_s + token).kind, TokenKind::Jwt);
    EXPECT_EQ(decodePaste(token.first(30) + u'\n' + token.sliced(30)).kind, TokenKind::Jwt);
    EXPECT_EQ(decodePaste(u"gho_16C7e42F292c6912E7710c838347Ae178B4a"_s).kind, TokenKind::Opaque);
}

TEST(DecodedToken, AsksWhetherAllWasCopiedWhenTheClaimsAreCut)
{
    const QByteArray token = unsignedToken(R"({"alg":"ES256"})", R"({"iss":"https://a.example","exp":1767225600})");
    const qsizetype claims = token.indexOf('.') + 1;
    const DecodedToken cut = decodePaste(QString::fromLatin1(token.first(claims + 40)));
    EXPECT_EQ(cut.kind, TokenKind::Malformed);
    EXPECT_TRUE(cut.problem.endsWith(u"Was all of it copied?"_s)) << cut.problem.toStdString();
}

TEST(NearMiss, NamesTheDifferenceAndMarksTheCharacter)
{
    const QString base = u"https://mcp.example/mcp"_s;
    EXPECT_TRUE(nearMiss(base + u'/', base).contains(u"slash at the end"_s));
    EXPECT_TRUE(nearMiss(base + u'/', base).contains(u"/mcp⟦/⟧"_s));
    EXPECT_TRUE(nearMiss(base, base + u'/').contains(u"missing"_s));
    EXPECT_TRUE(nearMiss(u"https://mcp.example/MCP"_s, base).contains(u"/⟦M⟧CP"_s));
    EXPECT_TRUE(nearMiss(u"https://mcp.example:8443/mcp"_s, base).contains(u"⟦:8443⟧"_s));
    EXPECT_TRUE(nearMiss(u"http://mcp.example/mcp"_s, base).contains(u"⟦http⟧://"_s));
    EXPECT_EQ(nearMiss(base, base), QString());
    EXPECT_EQ(nearMiss(u"https://other.example"_s, base), QString());
    EXPECT_EQ(nearMiss({base, base + u'/'}, QStringList{base}), QString());
    EXPECT_TRUE(nearMiss({u"x"_s, base + u'/'}, QStringList{u"y"_s, base}).contains(u"slash"_s));
}

TEST(VerdictWords, CountTheChecksThatFail)
{
    Bearer::Verdict verdict;
    verdict.status = 401;
    verdict.error = Bearer::BearerError::InvalidIssuer;
    verdict.checks = {{u"algorithm"_s, CheckOutcome::Fail, {}},
                      {u"expiry"_s, CheckOutcome::Pass, {}},
                      {u"issuer"_s, CheckOutcome::Fail, {}},
                      {u"audience"_s, CheckOutcome::Fail, {}}};
    EXPECT_EQ(bannerWords(verdict, {}).title, u"3 checks fail: algorithm, issuer, audience"_s);
    verdict.checks = {{u"audience"_s, CheckOutcome::Fail, {}}};
    EXPECT_EQ(bannerWords(verdict, {}).title, u"Wrong audience"_s);
}

TEST(VerdictWords, AnAcceptedTokenNamesTheToolsThatRefuseIt)
{
    Bearer::Verdict verdict;
    verdict.accepted = true;
    verdict.claims = {{u"sub"_s, u"alice"_s}};
    const VerdictWords words = bannerWords(verdict, {.tools = 5, .refusedTools = {u"a"_s, u"b"_s}});
    EXPECT_TRUE(words.title.contains(u"not 2 of its 5 tools"_s)) << words.title.toStdString();
    EXPECT_TRUE(words.detail.contains(u"Refused: a, b."_s)) << words.detail.toStdString();
}

TEST(VerdictWords, FailuresComeFirstAndWhatIsNotApplicableIsOneRow)
{
    Bearer::Verdict verdict;
    verdict.claims = {{u"aud"_s, u"https://mcp.example/mcp/"_s}};
    verdict.checks = {{u"type"_s, CheckOutcome::Skipped, u"No type."_s},
                      {u"expiry"_s, CheckOutcome::Pass, {}},
                      {u"not_before"_s, CheckOutcome::Skipped, u"No nbf."_s},
                      {u"audience"_s, CheckOutcome::Fail, u"Other."_s}};
    const QList<Check> checks = arrangedChecks(verdict, {}, {u"https://mcp.example/mcp"_s});
    ASSERT_EQ(checks.size(), 3);
    EXPECT_EQ(checks[0].name, u"audience"_s);
    EXPECT_TRUE(checks[0].detail.contains(u"slash"_s));
    EXPECT_EQ(checks[1].name, u"expiry"_s);
    EXPECT_EQ(checks[2].name, notApplicableCheck);
    ChecksModel model;
    model.setChecks(checks);
    EXPECT_EQ(cell(model, 2, ChecksModel::Detail), u"Type, Not before"_s);
}

TEST(DecodedToken, KeepsWhatCanBeReadOfABrokenToken)
{
    const DecodedToken decoded = decodeToken(part(R"({"alg":"ES256"})") + '.' + part(R"({"sub":"alice"})"));
    EXPECT_EQ(decoded.header[u"alg"].toString(), u"ES256");
    EXPECT_EQ(decoded.claims[u"sub"].toString(), u"alice");
}

TEST(TimeWords, SayMomentsInWords)
{
    const ManualClock clock; // 2026-01-01T00:00:00Z
    const auto words = [&](qint64 offset) {
        return timeInWords(static_cast<double>(clock.seconds() + offset), clock.now(), QTimeZone::UTC);
    };
    EXPECT_EQ(words(0), u"now (00:00:00)");
    EXPECT_EQ(words(1), u"in 1 second (00:00:01)");
    EXPECT_EQ(words(90), u"in 90 seconds (00:01:30)");
    EXPECT_EQ(words(9 * 60 + 5), u"in 9 minutes (00:09:05)");
    EXPECT_EQ(words(3 * 3600), u"in 3 hours (03:00:00)");
    EXPECT_EQ(words(-60 * 3), u"3 minutes ago (2025-12-31 23:57:00)");
    EXPECT_EQ(words(3 * 86'400), u"in 3 days (2026-01-04 00:00:00)");
    EXPECT_EQ(words(-800 * 86'400LL), u"2 years ago (2023-10-24 00:00:00)");
}

TEST(TimeWords, ANumberThatIsNoDateIsSaidToBeNone) // RFC 7519 §2: NumericDate counts seconds
{
    const ManualClock clock;
    EXPECT_TRUE(timeInWords(static_cast<double>(clock.seconds()) * 1000, clock.now()).contains(u"milliseconds"));
    EXPECT_EQ(timeInWords(1e300, clock.now()), u"no date");
    EXPECT_EQ(timeInWords(std::numeric_limits<double>::infinity(), clock.now()), u"no date");
}

TEST(TimeWords, TheRemainingLifeTicks)
{
    ManualClock clock;
    const QJsonObject claims{{u"exp"_s, clock.seconds() + 552}};
    EXPECT_EQ(remainingLife(claims, clock.now()), u"9 min 12 s left");
    clock.advance(1s);
    EXPECT_EQ(remainingLife(claims, clock.now()), u"9 min 11 s left");
    EXPECT_TRUE(remainingLife({{u"exp"_s, qint64(9'999'999'999)}}, clock.now()).endsWith(u" years left"));
    clock.advance(600s);
    EXPECT_EQ(remainingLife(claims, clock.now()), u"expired 49 s ago");
    EXPECT_EQ(remainingLife({}, clock.now()), u"never expires");
}

TEST(ClaimsModel, MomentsGoWithTheClockAndKeepTheirNumber)
{
    ManualClock clock;
    ClaimsModel model(clock.clock());
    DecodedToken token =
        decodeToken(unsignedToken(R"({"alg":"ES256"})", R"({"aud":["a","b"],"act":{"sub":"x"},"sub":"alice"})"));
    token.claims[u"exp"_s] = clock.seconds() + 600;
    model.setToken(token);
    EXPECT_TRUE(valueOf(model, u"exp"_s).startsWith(u"in 10 minutes"));
    EXPECT_EQ(valueOf(model, u"aud"_s), u"a, b");
    EXPECT_EQ(valueOf(model, u"alg"_s), u"ES256");
    clock.advance(60s);
    model.tick();
    EXPECT_TRUE(valueOf(model, u"exp"_s).startsWith(u"in 9 minutes"));
    const QModelIndex exp =
        model.match(model.index(0, 0), Qt::DisplayRole, u"exp"_s, 1, Qt::MatchExactly | Qt::MatchRecursive).value(0);
    EXPECT_EQ(exp.data(ClaimsModel::RawRole).toString(), QString::number(clock.seconds() - 60 + 600));
    model.setToken({});
    EXPECT_EQ(model.rowCount(), 0);
    model.tick();
}

TEST(ChecksModel, ShowsEachCheckWithItsOutcome)
{
    ChecksModel model;
    model.setChecks(
        {{u"not_before"_s, CheckOutcome::Pass, u"Begun."_s}, {u"audience"_s, CheckOutcome::Fail, u"Other."_s}});
    EXPECT_EQ(cell(model, 0, ChecksModel::Name), u"Not before");
    EXPECT_EQ(cell(model, 1, ChecksModel::Detail), u"Other.");
    EXPECT_EQ(model.index(1, 0).data(ChecksModel::OutcomeRole).toInt(), static_cast<int>(CheckOutcome::Fail));
    EXPECT_NE(model.index(0, 0).data(Qt::AccessibleTextRole), model.index(1, 0).data(Qt::AccessibleTextRole));
}

TEST(ChecksModel, AToolTipIsNeverMarkup)
{
    ChecksModel model;
    model.setChecks({{u"issuer"_s, CheckOutcome::Fail, u"<img src=x>"_s}});
    EXPECT_FALSE(model.index(0, 0).data(Qt::ToolTipRole).toString().contains(u"<img"));
}

TEST(MatrixModel, HoldsOneVerdictAToolAndIsBounded)
{
    MatrixModel model;
    QList<MatrixRow> rows{{QString(), {}}};
    for (int i = 0; i < maxMatrixTools + 50; ++i)
        rows.append({u"tool%1"_s.arg(i), {u"a"_s, u"b"_s}});
    model.setRows(rows);
    EXPECT_EQ(model.rowCount(), maxMatrixTools);
    EXPECT_EQ(cell(model, 1, MatrixModel::Scopes), u"a b");
    model.setVerdict(u"tool0"_s, refusal());
    model.setVerdict(u"no such tool"_s, refusal());
    EXPECT_EQ(cell(model, 1, MatrixModel::Verdict), u"403 missing delete:todos");
    EXPECT_EQ(cell(model, 2, MatrixModel::Verdict), u"…");
    model.setRows(rows);
    EXPECT_EQ(cell(model, 1, MatrixModel::Verdict), u"403 missing delete:todos");
    model.clearVerdicts();
    EXPECT_EQ(cell(model, 1, MatrixModel::Verdict), u"…");
}

TEST(HttpAnswer, IsTheWholeMessageThatTheServerSends)
{
    const Bearer::Verdict verdict = refusal();
    const QString text = httpAnswer(verdict);
    EXPECT_TRUE(text.startsWith(u"HTTP/1.1 403 Forbidden\n"));
    EXPECT_TRUE(text.contains(u"\nwww-authenticate: Bearer error=\"insufficient_scope\", scope=\"delete:todos\"\n",
                              Qt::CaseInsensitive));
    const QByteArray body = Bearer::toResponse(verdict).body;
    EXPECT_TRUE(text.contains(u"\nContent-Length: %1\n"_s.arg(body.size())));
    EXPECT_TRUE(text.endsWith(u"\n\n"_s + QString::fromUtf8(body)));
}

TEST(MintForm, PresetsFollowTheServer)
{
    const ServerState server = todoServer();
    EXPECT_THAT(scopesOf(server), ElementsAre(u"mcp"_s, u"create:todos"_s, u"delete:todos"_s));
    EXPECT_THAT(presetForm(Preset::Good, server).audience, ElementsAre(server.resource));
    EXPECT_LT(presetForm(Preset::Expired, server).lifetime, -60);
    EXPECT_THAT(presetForm(Preset::WrongAudience, server).audience, Not(Contains(server.resource)));
    EXPECT_THAT(presetForm(Preset::MissingScope, server).scopes, ElementsAre(u"mcp"_s, u"create:todos"_s));
    for (const Preset preset : presets())
        EXPECT_FALSE(titleOf(preset).isEmpty());
}

TEST(MintForm, ExtraClaimsMustBeAJsonObject)
{
    EXPECT_EQ(codeOf(mintRequest({.extraClaims = u"[1]"_s})), u"invalid_claims");
    EXPECT_EQ(codeOf(mintRequest({.extraClaims = u"{\"a\":1,\"a\":2}"_s})), u"invalid_claims");
    EXPECT_EQ(codeOf(mintRequest({.extraClaims = u" \n"_s})), u"");
    EXPECT_EQ(mintRequest({.extraClaims = u"{\"nbf\":null}"_s})->claims, (QJsonObject{{u"nbf"_s, QJsonValue::Null}}));
}

TEST(MintForm, AForgedTokenSaysTheSameUnderAnotherSignature)
{
    const Jose::Key key = *Jose::generateKey(*Jose::findAlgorithm("ES256"));
    const QByteArray good = *Jose::signJwt({}, {{u"sub"_s, u"alice"_s}}, key);
    const Result<QByteArray> forged = forge(good);
    ASSERT_TRUE(forged.has_value());
    EXPECT_EQ(forged->first(forged->lastIndexOf('.')), good.first(good.lastIndexOf('.')));
    const Jose::Jws jws = *Jose::parseJws(*forged);
    EXPECT_EQ(jws.kid, key.kid());
    EXPECT_EQ(codeOf(Jose::verifySignature(jws, key, {"ES256"})), u"signature_mismatch");
    EXPECT_FALSE(forge("rubbish").has_value());
}

class TokenPageTest : public testing::Test
{
protected:
    void startIssuer() { ASSERT_TRUE(wait(engine.issuer()->start()).has_value()); }

    void startServer()
    {
        Mcp::ServerOptions options;
        Bearer::AuthServer issuer;
        issuer.issuer = engine.issuer()->url();
        options.authServers = {issuer};
        ASSERT_TRUE(wait(engine.server()->start(options)).has_value());
    }

    void open()
    {
        page = std::make_unique<TokenPage>(&engine);
        page->resize(940, 480);
        page->show();
    }

    void openWithServer()
    {
        startIssuer();
        startServer();
        open();
        ASSERT_TRUE(waitFor([this] { return isJudged() && banner()->level() == Level::Ok; }))
            << banner()->title().toStdString();
    }

    template<typename Widget>
    Widget *find(const QString &name)
    {
        auto *widget = page->findChild<Widget *>(name);
        if (!widget)
            ADD_FAILURE() << "no widget " << name.toStdString();
        return widget;
    }

    Banner *banner() { return find<Banner>(u"tokenBanner"_s); }
    QAbstractItemModel &matrix() { return *find<QTableView>(u"tokenMatrix"_s)->model(); }
    QAbstractItemModel &claims() { return *find<QTreeView>(u"tokenClaims"_s)->model(); }
    QPlainTextEdit *text() { return find<QPlainTextEdit>(u"tokenText"_s); }
    void judgeFor(JudgeTarget::Kind kind)
    {
        find<QComboBox>(u"tokenTarget"_s)->setCurrentIndex(static_cast<int>(kind));
    }
    void enter(const QString &field, const QString &value) { find<QLineEdit>(field)->setText(value); }
    QString measures() { return find<QLabel>(u"tokenTargetWords"_s)->text(); }
    bool waitForVerdict()
    {
        return waitFor([this] { return banner()->level() != Level::Busy && banner()->level() != Level::Info; });
    }
    QString answer() { return find<JsonView>(u"tokenAnswer"_s)->text(); }

    bool isJudged()
    {
        for (int row = 0; row < matrix().rowCount(); ++row) {
            if (cell(matrix(), row, MatrixModel::Verdict) == u"…")
                return false;
        }
        return matrix().rowCount() > 0;
    }

    QStringList verdicts()
    {
        QStringList result;
        for (int row = 0; row < matrix().rowCount(); ++row)
            result.append(cell(matrix(), row, MatrixModel::Verdict));
        return result;
    }

    int rowOf(const QString &tool)
    {
        return matrix().match(matrix().index(0, 0), Qt::DisplayRole, tool, 1, Qt::MatchExactly).value(0).row();
    }

    /// Another token than before has come and was judged by every tool.
    bool mint(Preset preset)
    {
        const QString before = text()->toPlainText();
        find<QAction>(u"tokenPreset%1"_s.arg(static_cast<int>(preset)))->trigger();
        return waitFor([&] { return text()->toPlainText() != before && isJudged(); });
    }

    bool paste(const QString &content)
    {
        bool startedAnew = false; // every row forgets its verdict at once
        const auto connection = QObject::connect(
            &matrix(), &QAbstractItemModel::dataChanged, page.get(),
            [&](const QModelIndex &from, const QModelIndex &to) { startedAnew |= from.row() != to.row(); });
        text()->setPlainText(content);
        const bool judged = waitFor([&] { return startedAnew && isJudged(); });
        QObject::disconnect(connection);
        return judged;
    }

    Settings settings;
    Engine engine;
    std::unique_ptr<TokenPage> page;
};

TEST_F(TokenPageTest, MintsAGoodTokenAtTheFirstOpening)
{
    openWithServer();
    EXPECT_FALSE(text()->toPlainText().isEmpty());
    for (const QString &verdict : verdicts())
        EXPECT_EQ(verdict, u"allowed");
    EXPECT_GE(verdicts().size(), 6);
    EXPECT_EQ(valueOf(claims(), u"sub"_s), u"alice");
    EXPECT_TRUE(valueOf(claims(), u"exp"_s).startsWith(u"in "));
    EXPECT_TRUE(banner()->aside().contains(u"left"));
    EXPECT_TRUE(answer().startsWith(u"HTTP/1.1 200 OK"));
    const auto *title = find<QLabel>(u"tokenAnswerTitle"_s);
    EXPECT_EQ(title->text(), u"The server would let it pass");
    find<QTableView>(u"tokenMatrix"_s)->selectRow(rowOf(u"whoami"_s));
    EXPECT_EQ(title->text(), u"The server would let it pass: whoami answers");
    EXPECT_TRUE(find<QLabel>(u"tokenKeyWords"_s)->text().contains(u"EC P-256"));
}

TEST_F(TokenPageTest, AnExpiredTokenIsRefusedByEveryTool) // RFC 6750 §3.1: invalid_token
{
    openWithServer();
    ASSERT_TRUE(mint(Preset::Expired));
    for (const QString &verdict : verdicts())
        EXPECT_TRUE(verdict.startsWith(u"401")) << verdict.toStdString();
    EXPECT_EQ(banner()->level(), Level::Error);
    EXPECT_TRUE(banner()->aside().startsWith(u"expired"));
    EXPECT_TRUE(answer().contains(u"WWW-Authenticate: Bearer", Qt::CaseInsensitive));
    const QAbstractItemModel &checks = *find<QTableView>(u"tokenChecks"_s)->model();
    const QModelIndex expiry =
        checks.match(checks.index(0, 0), Qt::DisplayRole, u"Expiry"_s, 1, Qt::MatchExactly).value(0);
    ASSERT_TRUE(expiry.isValid());
    EXPECT_EQ(expiry.data(ChecksModel::OutcomeRole).toInt(), static_cast<int>(CheckOutcome::Fail));
}

TEST_F(TokenPageTest, AWrongAudienceIsRefused)
{
    openWithServer();
    ASSERT_TRUE(mint(Preset::WrongAudience));
    EXPECT_EQ(cell(matrix(), 0, MatrixModel::Verdict), u"401 invalid_audience");
    EXPECT_EQ(valueOf(claims(), u"aud"_s), u"https://other.example/mcp");
}

TEST_F(TokenPageTest, AMissingScopeIsMissedByItsToolOnly)
{
    openWithServer();
    ASSERT_TRUE(mint(Preset::MissingScope));
    EXPECT_EQ(cell(matrix(), rowOf(u"whoami"_s), MatrixModel::Verdict), u"allowed");
    const int row = rowOf(u"delete_todo"_s);
    EXPECT_EQ(cell(matrix(), row, MatrixModel::Verdict), u"403 missing delete:todos");
    find<QTableView>(u"tokenMatrix"_s)->selectRow(row);
    EXPECT_TRUE(answer().startsWith(u"HTTP/1.1 403 Forbidden"));
    EXPECT_TRUE(answer().contains(u"insufficient_scope"));
    EXPECT_EQ(banner()->level(), Level::Error);
}

TEST_F(TokenPageTest, TheAnswerIsWhatTheServerReallySends)
{
    openWithServer();
    ASSERT_TRUE(mint(Preset::WrongAudience));
    const QUrl url(engine.server()->state().url);
    QTcpSocket socket;
    socket.connectToHost(url.host(), static_cast<quint16>(url.port()));
    socket.write(
        "POST " + url.path().toLatin1() + " HTTP/1.1\r\nHost: " + url.authority().toLatin1() +
        "\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nAuthorization: Bearer " +
        text()->toPlainText().toLatin1() + "\r\nContent-Length: 2\r\n\r\n{}");
    QByteArray received;
    ASSERT_TRUE(waitFor([&] {
        received += socket.readAll();
        return received.endsWith('}');
    }));
    // What the connection adds: its date, its end before the body is read, and what browsers' scripts may read.
    static const QRegularExpression common(u"\n(Date|Connection|Vary|Access-Control-[A-Za-z-]+): [^\n]*"_s,
                                           QRegularExpression::CaseInsensitiveOption);
    EXPECT_EQ(answer(), QString::fromUtf8(received).remove(u'\r').remove(common));
}

TEST_F(TokenPageTest, AForgedSignatureIsRefused)
{
    openWithServer();
    ASSERT_TRUE(mint(Preset::Forged));
    EXPECT_TRUE(cell(matrix(), 0, MatrixModel::Verdict).startsWith(u"401"));
    EXPECT_TRUE(find<JsonView>(u"tokenKey"_s)->text().isEmpty() || find<JsonView>(u"tokenKey"_s)->isHidden());
}

TEST_F(TokenPageTest, TheFormMintsWhatItSays)
{
    openWithServer();
    const QString before = text()->toPlainText();
    find<QLineEdit>(u"mintSubject"_s)->setText(u"bob"_s);
    find<QCheckBox>(u"mintScope:create:todos"_s)->setChecked(false);
    find<QLineEdit>(u"mintOtherScopes"_s)->setText(u"extra"_s);
    find<QSpinBox>(u"mintLifetime"_s)->setValue(7200);
    find<QPlainTextEdit>(u"mintClaims"_s)->setPlainText(u"{\"role\":\"admin\"}"_s);
    find<QAbstractButton>(u"mintButton"_s)->click();
    ASSERT_TRUE(waitFor([&] { return text()->toPlainText() != before && isJudged(); }));
    EXPECT_EQ(valueOf(claims(), u"sub"_s), u"bob");
    EXPECT_EQ(valueOf(claims(), u"role"_s), u"admin");
    EXPECT_TRUE(valueOf(claims(), u"scope"_s).contains(u"extra"));
    EXPECT_EQ(cell(matrix(), rowOf(u"create_todo"_s), MatrixModel::Verdict), u"403 missing create:todos");
}

TEST_F(TokenPageTest, ExtraClaimsThatAreNoJsonAreSaidInPlace)
{
    openWithServer();
    const QString before = text()->toPlainText();
    find<QPlainTextEdit>(u"mintClaims"_s)->setPlainText(u"role: admin"_s);
    find<QAbstractButton>(u"mintButton"_s)->click();
    EXPECT_FALSE(find<QLabel>(u"mintProblem"_s)->isHidden());
    EXPECT_EQ(text()->toPlainText(), before);
    EXPECT_TRUE(find<QAbstractButton>(u"mintButton"_s)->isEnabled());
}

TEST_F(TokenPageTest, AnotherAlgorithmGivesTheIssuerANewKey)
{
    openWithServer();
    auto *algorithms = find<QComboBox>(u"mintAlgorithm"_s);
    algorithms->setCurrentIndex(algorithms->findData(QByteArray("EdDSA")));
    const QString before = text()->toPlainText();
    find<QAbstractButton>(u"mintButton"_s)->click();
    ASSERT_TRUE(waitFor([&] { return text()->toPlainText() != before; }));
    EXPECT_EQ(valueOf(claims(), u"alg"_s), u"EdDSA");
}

TEST_F(TokenPageTest, APastedTokenIsCleanedAndJudged)
{
    openWithServer();
    const QString token = text()->toPlainText();
    ASSERT_TRUE(paste(u"Authorization: Bearer "_s + token));
    EXPECT_EQ(banner()->level(), Level::Ok);
    EXPECT_EQ(valueOf(claims(), u"sub"_s), u"alice");
}

TEST_F(TokenPageTest, NamesOpaqueEncryptedAndBrokenTokens)
{
    openWithServer();
    ASSERT_TRUE(paste(u"gho_16C7e42F292c6912E7710c838347Ae178B4a"_s));
    EXPECT_TRUE(banner()->title().contains(u"opaque"));
    EXPECT_TRUE(answer().startsWith(u"HTTP/1.1 401"));
    ASSERT_TRUE(paste(QString::fromLatin1(part(R"({"alg":"dir","enc":"A256GCM"})") + "..AAAA.AAAA.AAAA")));
    EXPECT_TRUE(banner()->title().contains(u"JWE"));
    ASSERT_TRUE(paste(QString::fromLatin1(part(R"({"alg":"ES256"})") + ".!!!.AAAA")));
    EXPECT_EQ(banner()->level(), Level::Error);
    EXPECT_TRUE(banner()->detail().contains(u"part 2"));
}

TEST_F(TokenPageTest, WithoutAServerTheTokenIsReadAndAButtonStartsOne)
{
    startIssuer();
    open();
    EXPECT_EQ(matrix().rowCount(), 0);
    auto *start = find<QAbstractButton>(u"tokenStartServer"_s);
    EXPECT_TRUE(start->isVisible());
    text()->setPlainText(QString::fromLatin1(unsignedToken()));
    ASSERT_TRUE(waitFor([this] { return valueOf(claims(), u"sub"_s) == u"alice"; }));
    EXPECT_EQ(banner()->level(), Level::Info);
    start->click();
    ASSERT_TRUE(waitFor([this] { return isJudged(); }));
    EXPECT_FALSE(start->isVisible());
    EXPECT_EQ(banner()->level(), Level::Error);
}

TEST_F(TokenPageTest, AServerThatCannotStartSaysWhy)
{
    open(); // the local issuer does not run
    find<QAbstractButton>(u"tokenStartServer"_s)->click();
    EXPECT_EQ(banner()->level(), Level::Error);
    EXPECT_TRUE(find<QAbstractButton>(u"tokenStartServer"_s)->isEnabled());
    EXPECT_FALSE(find<QAbstractButton>(u"tokenPresets"_s)->isEnabled());
}

TEST_F(TokenPageTest, ClearForgetsTheTokenForGood)
{
    openWithServer();
    const QByteArray token = text()->toPlainText().toUtf8();
    find<QAbstractButton>(u"tokenClear"_s)->click();
    EXPECT_TRUE(text()->toPlainText().isEmpty());
    text()->undo();
    EXPECT_TRUE(text()->toPlainText().isEmpty());
    EXPECT_EQ(claims().rowCount(), 0);
    EXPECT_TRUE(answer().isEmpty());
    EXPECT_EQ(find<QTableView>(u"tokenChecks"_s)->model()->rowCount(), 0);
    page.reset();
    EXPECT_FALSE(settings.everything().contains(token));
}

TEST_F(TokenPageTest, FollowsTheServerThatStops)
{
    openWithServer();
    wait(engine.server()->stop());
    EXPECT_EQ(matrix().rowCount(), 0);
    EXPECT_EQ(banner()->level(), Level::Info);
    EXPECT_EQ(valueOf(claims(), u"sub"_s), u"alice");
}

TEST_F(TokenPageTest, JudgesForTheTokensOwnIssuer)
{
    openWithServer();
    Engine elsewhere;
    ASSERT_TRUE(wait(elsewhere.issuer()->start()).has_value());
    Demo::MintRequest request;
    request.audience = {u"https://other.example/mcp"_s};
    const Result<QByteArray> token = wait(elsewhere.issuer()->mint(request));
    ASSERT_TRUE(token.has_value());
    ASSERT_TRUE(paste(QString::fromLatin1(*token)));
    EXPECT_EQ(banner()->level(), Level::Error);
    auto *action = find<QAbstractButton>(u"bannerAction"_s);
    ASSERT_TRUE(action->isVisible());
    action->click();
    ASSERT_TRUE(waitForVerdict());
    EXPECT_EQ(banner()->level(), Level::Ok) << banner()->title().toStdString() << banner()->detail().toStdString();
    EXPECT_TRUE(measures().contains(elsewhere.issuer()->url())) << measures().toStdString();
    EXPECT_TRUE(measures().contains(u"https://other.example/mcp"_s));
    EXPECT_FALSE(find<QTableView>(u"tokenMatrix"_s)->isVisible());
}

TEST_F(TokenPageTest, JudgesForAnMcpServerByItsMetadata)
{
    openWithServer();
    const Answering other([this](const Http::Request &) {
        Http::Response response;
        response.status = 200;
        response.body = toJsonText(QJsonObject{{u"resource"_s, u"https://other.example/mcp/"_s},
                                               {u"authorization_servers"_s, QJsonArray{engine.issuer()->url()}}});
        return response;
    });
    ASSERT_TRUE(mint(Preset::Good));
    judgeFor(JudgeTarget::Kind::McpServer);
    EXPECT_EQ(banner()->level(), Level::Info);
    enter(u"tokenTargetUrl"_s, engine.server()->state().url);
    find<QAbstractButton>(u"tokenTargetCheck"_s)->click();
    ASSERT_TRUE(waitForVerdict());
    EXPECT_EQ(banner()->level(), Level::Ok) << banner()->detail().toStdString();
    enter(u"tokenTargetUrl"_s, other.origin() + u"/mcp"_s);
    find<QAbstractButton>(u"tokenTargetCheck"_s)->click();
    ASSERT_TRUE(waitFor([this] { return banner()->level() == Level::Error; }));
    EXPECT_EQ(banner()->title(), u"Wrong audience"_s);
    EXPECT_TRUE(measures().contains(u"https://other.example/mcp/"_s)) << measures().toStdString();
}

TEST_F(TokenPageTest, AServerWithoutResourceMetadataSaysWhatToDo)
{
    openWithServer();
    const Answering bare([](const Http::Request &) {
        Http::Response response;
        response.status = 404;
        return response;
    });
    judgeFor(JudgeTarget::Kind::McpServer);
    enter(u"tokenTargetUrl"_s, bare.origin() + u"/mcp"_s);
    find<QAbstractButton>(u"tokenTargetCheck"_s)->click();
    ASSERT_TRUE(waitForVerdict());
    EXPECT_EQ(banner()->title(), u"The token could not be judged"_s);
    EXPECT_TRUE(banner()->detail().contains(u"Values given by hand"_s)) << banner()->detail().toStdString();
}

TEST_F(TokenPageTest, JudgesByValuesGivenByHand)
{
    openWithServer();
    judgeFor(JudgeTarget::Kind::ByHand);
    EXPECT_EQ(banner()->level(), Level::Info);
    enter(u"tokenTargetIssuer"_s, engine.issuer()->url());
    enter(u"tokenTargetAudience"_s, engine.server()->state().resource + u'/');
    find<QAbstractButton>(u"tokenTargetCheck"_s)->click();
    ASSERT_TRUE(waitForVerdict());
    EXPECT_EQ(banner()->title(), u"Wrong audience"_s);
    const QAbstractItemModel &checks = *find<QTableView>(u"tokenChecks"_s)->model();
    EXPECT_TRUE(cell(checks, 0, ChecksModel::Detail).contains(u"slash at the end"_s));
    enter(u"tokenTargetAudience"_s, engine.server()->state().resource);
    enter(u"tokenTargetScopes"_s, u"no-such-scope"_s);
    find<QAbstractButton>(u"tokenTargetCheck"_s)->click();
    ASSERT_TRUE(waitFor([this] { return banner()->title() == u"Missing scope: no-such-scope"_s; }));
    EXPECT_TRUE(answer().startsWith(u"HTTP/1.1 403"_s));
    judgeFor(JudgeTarget::Kind::EmbeddedServer);
    ASSERT_TRUE(waitFor([this] { return isJudged() && banner()->level() == Level::Ok; }));
    EXPECT_GE(matrix().rowCount(), 6);
}

TEST_F(TokenPageTest, AnIssuerThatIsDownIsNoFaultOfTheToken)
{
    openWithServer();
    judgeFor(JudgeTarget::Kind::ByHand);
    enter(u"tokenTargetIssuer"_s, u"http://127.0.0.1:9"_s);
    page->setToken(unsignedToken(R"({"alg":"ES256"})", R"({"iss":"http://127.0.0.1:9","sub":"a"})"));
    ASSERT_TRUE(waitForVerdict());
    EXPECT_EQ(banner()->level(), Level::Warning) << banner()->title().toStdString();
    EXPECT_EQ(banner()->title(), u"The token could not be judged"_s);
}

TEST_F(TokenPageTest, HandsTheTokenToTheConsole)
{
    openWithServer();
    QByteArray given;
    QObject::connect(page.get(), &TokenPage::tokenForConsole, page.get(),
                     [&given](const QByteArray &token) { given = token; });
    find<QAbstractButton>(u"tokenToConsole"_s)->click();
    EXPECT_EQ(QString::fromLatin1(given), text()->toPlainText());
    find<QAbstractButton>(u"tokenClear"_s)->click();
    EXPECT_FALSE(find<QAbstractButton>(u"tokenToConsole"_s)->isEnabled());
}

TEST_F(TokenPageTest, MayGoWhileATokenIsJudged)
{
    openWithServer();
    page->setToken(unsignedToken());
    page.reset();
    // The answers still come, to nobody.
    wait(engine.server()->judge(Secret(unsignedToken()), {}));
    SUCCEED();
}

TEST_F(TokenPageTest, FitsTheSmallestWindowAndEveryControlHasItsNames)
{
    openWithServer();
    EXPECT_LE(page->minimumSizeHint().width(), 900);
    EXPECT_LE(page->minimumSizeHint().height(), 460);
    EXPECT_THAT(namelessInputs(page.get()), IsEmpty());
}

} // namespace McpAuth::Ui
