// mcp-auth verify: what the server would answer to a token, and why.
#include "jose/verify.h"

#include "app/cli/command.h"
#include "app/cli/keyfile.h"
#include "app/cli/output.h"
#include "bearer/bearerauth.h"
#include "metadata/discovery.h"
#include "metadata/endpoint.h"

#include <QDateTime>
#include <QJsonArray>
#include <QTimeZone>

#include <cstdio>

namespace McpAuth::Cli {

namespace {

struct VerifyOptions
{
    std::string token;
    std::string issuer;
    std::string jwks;
    std::string key;
    std::string secret;
    std::vector<std::string> audience;
    std::vector<std::string> scopes;
    std::vector<std::string> implies;
    std::vector<std::string> algorithms;
    qint64 leeway = 60;
    std::string at;
    bool strict = false;
    bool ignoreBinding = false;
    bool signatureOnly = false;
    bool batch = false;
    bool allowHttp = false;
    std::string format = "text";
};

/// Lines of a batch and tokens on standard input are read up to here; a longer one is judged as too large.
constexpr size_t maxLineBytes = 64 * 1024;

/// Seconds since the epoch, or ISO 8601.
Result<Clock> clockAt(const std::string &text)
{
    if (text.empty())
        return systemClock();
    const QString given = QString::fromStdString(text);
    bool isNumber = false;
    const qint64 seconds = given.toLongLong(&isNumber);
    const QDateTime time =
        isNumber ? QDateTime::fromSecsSinceEpoch(seconds, QTimeZone::UTC) : QDateTime::fromString(given, Qt::ISODate);
    if (!time.isValid())
        return fail(
            QStringLiteral("invalid_time"),
            QStringLiteral("--at takes seconds since 1970 or a time like 2026-01-31T12:00:00Z, not %1.").arg(given));
    const TimePoint point{std::chrono::milliseconds(time.toMSecsSinceEpoch())};
    return [point] { return point; };
}

/// What signatures and `iss` are held against.
struct Measures
{
    QString issuer; ///< as its metadata writes it, where that was asked for
    std::shared_ptr<Jose::KeySource> keys;
};

QCoro::Task<Result<Measures>> discovered(Http::Client *client, QString issuer, Clock clock)
{
    const Metadata::Discovery discovery =
        co_await Metadata::discover(client, issuer, {.needed = {QStringLiteral("jwks_uri")}});
    if (!discovery.config)
        co_return fail(discovery.config.error());
    const auto url = Metadata::jwksUriOf(discovery.config->metadata, client->options().allowHttp);
    if (!url)
        co_return fail(url.error());
    const auto keys = keySetFrom(client, *url, clock);
    if (!keys)
        co_return fail(keys.error());
    co_return Measures{discovery.config->metadata.issuer, *keys};
}

Result<std::shared_ptr<Jose::KeySource>> oneKey(Result<Jose::Key> key)
{
    return std::move(key).transform([](const Jose::Key &one) -> std::shared_ptr<Jose::KeySource> {
        return std::make_shared<Jose::StaticKeys>(QList{one});
    });
}

Result<std::shared_ptr<Jose::KeySource>> givenKeys(Http::Client *client, const VerifyOptions &options,
                                                   const Clock &clock)
{
    if (!options.jwks.empty())
        return keySetFrom(client, QString::fromStdString(options.jwks), clock);
    if (!options.key.empty())
        return oneKey(keyFromFile(QString::fromStdString(options.key)));
    return oneKey(Jose::keyFromSecret(Secret(QByteArray::fromStdString(options.secret))));
}

Result<Measures> measures(Http::Client *client, const VerifyOptions &options, const Clock &clock)
{
    const QString issuer = QString::fromStdString(options.issuer);
    if (options.jwks.empty() && options.key.empty() && options.secret.empty())
        return QCoro::waitFor(discovered(client, issuer, clock));
    return givenKeys(client, options, clock).transform([&](const auto &keys) { return Measures{issuer, keys}; });
}

QList<QByteArray> allowedAlgorithms(const VerifyOptions &options)
{
    QList<QByteArray> names;
    for (const std::string &name : options.algorithms)
        names.append(QByteArray::fromStdString(name));
    return names;
}

Bearer::BearerAuth bearerAuth(const Measures &measured, const VerifyOptions &options,
                              const QHash<QString, QStringList> &impliedScopes, const Clock &clock)
{
    Bearer::BearerAuthOptions rules;
    rules.requiredScopes = toStrings(options.scopes);
    rules.impliedScopes = impliedScopes;
    rules.audience = toStrings(options.audience);
    rules.leeway = std::chrono::seconds(options.leeway);
    rules.algorithms = allowedAlgorithms(options);
    rules.kinds = options.strict ? Jose::TokenKinds::AccessToken : Jose::TokenKinds::Common;
    rules.ignoreBinding = options.ignoreBinding;
    rules.clock = clock;
    rules.cache = false;
    return Bearer::BearerAuth({Bearer::trustedIssuer(measured.issuer, measured.keys)}, rules);
}

/// The signature alone, as a verdict of the same shape: the payload may be any bytes.
QCoro::Task<Bearer::Verdict> judgeSignature(std::shared_ptr<Jose::KeySource> keys, Secret token,
                                            QList<QByteArray> allowed)
{
    Bearer::Verdict verdict;
    const auto refuse = [&verdict](const QString &check, const Error &error,
                                   Bearer::BearerError kind = Bearer::BearerError::InvalidToken) {
        const Bearer::BearerErrorInfo &why = Bearer::info(kind);
        verdict.status = why.status;
        verdict.error = why.error;
        verdict.errorDescription = why.description;
        verdict.cause = error;
        verdict.checks.append({check, CheckOutcome::Fail, error.message});
    };
    const auto jws = Jose::parseJws(token.reveal());
    if (!jws) {
        refuse(QStringLiteral("format"), jws.error());
        co_return verdict;
    }
    verdict.header = jws->header;
    verdict.checks.append({QStringLiteral("format"), CheckOutcome::Pass, QStringLiteral("A compact JWS.")});
    const auto candidates = co_await keys->candidates(*jws);
    if (!candidates) {
        refuse(QStringLiteral("key"), candidates.error(), Bearer::blameFor(candidates.error()));
        co_return verdict;
    }
    Result<> verified = fail(QStringLiteral("no_matching_key"), QStringLiteral("No key fits."));
    for (const Jose::Key &key : *candidates) {
        verified = Jose::verifySignature(*jws, key, allowed);
        if (verified) {
            verdict.accepted = true;
            verdict.keyId = key.kid();
            verdict.keyJwk = key.publicJwk();
            verdict.checks.append({QStringLiteral("signature"), CheckOutcome::Pass,
                                   QStringLiteral("%1 holds.").arg(QString::fromLatin1(jws->alg))});
            co_return verdict;
        }
    }
    refuse(QStringLiteral("signature"), verified.error(), Bearer::blameFor(verified.error()));
    co_return verdict;
}

QString text(const Bearer::Verdict &verdict)
{
    static const QHash<CheckOutcome, QString> marks{{CheckOutcome::Pass, QStringLiteral("✔")},
                                                    {CheckOutcome::Fail, QStringLiteral("✖")},
                                                    {CheckOutcome::Skipped, QStringLiteral("·")}};
    const QString headline = verdict.accepted
                                 ? QStringLiteral("✔ accepted")
                                 : QStringLiteral("✖ refused: HTTP %1 %2. %3")
                                       .arg(verdict.status)
                                       .arg(Bearer::info(verdict.error).code, oneLine(verdict.errorDescription));
    const char *colour = verdict.accepted ? "32" : "31";
    QString report = wantsColour() ? QStringLiteral("\x1b[1;%1m%2\x1b[0m\n").arg(QLatin1StringView(colour), headline)
                                   : headline + u'\n';
    for (const Check &check : verdict.checks)
        report += QStringLiteral("  %1 %2 %3\n")
                      .arg(marks.value(check.outcome), check.name.leftJustified(12), sentence(check.detail));
    if (!verdict.challenge.isEmpty())
        report += QStringLiteral("  WWW-Authenticate: %1\n").arg(oneLine(QString::fromLatin1(verdict.challenge)));
    return report;
}

/// False when standard input has ended.
bool readLine(QByteArray *line)
{
    line->clear();
    int character = 0;
    bool any = false;
    while ((character = std::getc(stdin)) != EOF) {
        any = true;
        if (character == '\n')
            break;
        if (static_cast<size_t>(line->size()) < maxLineBytes)
            line->append(static_cast<char>(character));
    }
    return any;
}

using Judge = std::function<Bearer::Verdict(const QByteArray &)>;

int runBatch(const Judge &judge)
{
    QByteArray line;
    while (readLine(&line)) {
        const Bearer::Verdict verdict = judge(line.trimmed());
        if (verdict.error == Bearer::BearerError::ServerError) {
            printError(verdict.cause);
            return NotCarriedOut;
        }
        if (!printJson(Bearer::toJson(verdict)))
            return NotCarriedOut;
    }
    return Yes;
}

int runOne(const Judge &judge, const VerifyOptions &options)
{
    QByteArray token = QByteArray::fromStdString(options.token);
    if (token == "-")
        readLine(&token);
    const Bearer::Verdict verdict = judge(token.trimmed());
    if (verdict.error == Bearer::BearerError::ServerError) {
        printFailure(verdict.cause, options.format == "json");
        return NotCarriedOut;
    }
    if (!(options.format == "json" ? printJson(Bearer::toJson(verdict)) : print(text(verdict))))
        return NotCarriedOut;
    return verdict.accepted ? Yes : No;
}

/// The environment's secret stands in only where the command line says nothing of keys.
VerifyOptions withEnvironment(VerifyOptions options)
{
    if (options.issuer.empty() && options.jwks.empty() && options.key.empty() && options.secret.empty())
        options.secret = qgetenv("MCP_AUTH_SECRET").toStdString();
    return options;
}

/// A usage error, or nothing.
QString usageError(const VerifyOptions &options)
{
    const int sources = int(!options.jwks.empty()) + int(!options.key.empty()) + int(!options.secret.empty());
    if (sources == 0 && options.issuer.empty())
        return QStringLiteral("Say where the keys are: --issuer, --jwks, --key or --secret.");
    if (sources > 1)
        return QStringLiteral("Give one of --jwks, --key and --secret.");
    if (options.batch && !options.token.empty() && options.token != "-")
        return QStringLiteral("--batch reads its tokens from standard input; give no TOKEN.");
    if (options.token.empty() && !options.batch)
        return QStringLiteral("Give a TOKEN, or - to read it from standard input.");
    for (const QByteArray &name : allowedAlgorithms(options)) {
        if (!Jose::findAlgorithm(name))
            return QStringLiteral("--algorithm %1 is not known.").arg(QString::fromUtf8(name));
    }
    return {};
}

int run(const VerifyOptions &options)
{
    const bool asJson = options.format == "json";
    if (const QString wrong = usageError(options); !wrong.isEmpty()) {
        printFailure({QStringLiteral("invalid_options"), wrong}, asJson);
        return NotCarriedOut;
    }
    const auto clock = clockAt(options.at);
    if (!clock) {
        printFailure(clock.error(), asJson);
        return NotCarriedOut;
    }
    const auto implied =
        scopesByName(toStrings(options.implies), QStringLiteral("--implies"), QStringLiteral("WIDE=NARROW"));
    if (!implied) {
        printFailure(implied.error(), asJson);
        return NotCarriedOut;
    }
    Http::ClientOptions clientOptions;
    clientOptions.purpose = QStringLiteral("verify");
    clientOptions.allowHttp = options.allowHttp;
    Http::Client client(clientOptions);
    const auto measured = measures(&client, options, *clock);
    if (!measured) {
        printFailure(measured.error(), asJson);
        return NotCarriedOut;
    }
    QList<QByteArray> allowed = allowedAlgorithms(options);
    if (allowed.isEmpty()) {
        for (const Jose::Algorithm &algorithm : Jose::algorithms())
            allowed.append(algorithm.name); // what does not match the key is refused anyway
    }
    const Bearer::BearerAuth auth = bearerAuth(*measured, options, *implied, *clock);
    const Judge judge = [&](const QByteArray &token) {
        return QCoro::waitFor(options.signatureOnly ? judgeSignature(measured->keys, Secret(token), allowed)
                                                    : auth.judge(Secret(token)));
    };
    return options.batch ? runBatch(judge) : runOne(judge, options);
}

} // namespace

Command verifyCommand(CLI::App &program)
{
    auto options = std::make_shared<VerifyOptions>();
    CLI::App *command = program.add_subcommand("verify", "Verify a token as a server would, and say why");
    command->add_option("TOKEN", options->token, "The token; - reads it from standard input");
    command->add_option("--issuer", options->issuer, "The expected iss; alone, its keys are discovered too");
    command->add_option("--jwks", options->jwks, "A key set: URL or file");
    command->add_option("--key", options->key, "A public key: PEM or JWK file");
    command->add_option(
        "--secret", options->secret,
        "A shared secret for HS256, HS384 and HS512; where none of --issuer, --jwks, --key and --secret "
        "is given, the environment's MCP_AUTH_SECRET");
    command->add_option("--audience", options->audience, "An accepted aud; repeatable, one must match")
        ->allow_extra_args(false);
    command->add_option("--scope", options->scopes, "A required scope; repeatable, all must be there")
        ->allow_extra_args(false);
    command->add_option("--implies", options->implies, "WIDE=NARROW: a scope that includes another; repeatable")
        ->allow_extra_args(false);
    command->add_option("--algorithm", options->algorithms, "An accepted alg; repeatable")->allow_extra_args(false);
    command->add_option("--leeway", options->leeway, "Seconds that clocks may differ")
        ->check(CLI::Range(qint64{0}, qint64{86'400}))
        ->capture_default_str();
    command->add_option("--at", options->at, "Verify as of this time: seconds since 1970, or ISO 8601");
    command->add_flag("--strict", options->strict,
                      "Require a JWT access token as RFC 9068 has it: typ at+jwt and its claims");
    command->add_flag("--ignore-binding", options->ignoreBinding,
                      "Judge a token that is bound to a key (cnf) as a bearer token");
    command->add_flag("--signature-only", options->signatureOnly,
                      "Check the signature only; the payload may be any bytes");
    command->add_flag("--allow-http", options->allowHttp, "Allow plain http beyond this machine");
    command->add_flag("--batch", options->batch, "Read one token a line, write one JSON verdict a line");
    addFormatOption(command, &options->format);
    command->footer(
        "Example: mcp-auth verify - --issuer https://login.example.com --audience https://mcp.example.com/mcp < token\n"
        "Exit status: 0 accepted, 1 refused, 2 it could not be verified. With --batch 0 if every line has a "
        "verdict.");
    return {command, [options] { return run(withEnvironment(*options)); }};
}

} // namespace McpAuth::Cli
