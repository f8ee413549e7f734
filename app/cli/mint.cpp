// mcp-auth mint: signs a test token.
#include "app/cli/callarguments.h"
#include "app/cli/command.h"
#include "app/cli/keyfile.h"
#include "app/cli/output.h"
#include "jose/sign.h"

#include <QJsonArray>
#include <QSaveFile>

namespace McpAuth::Cli {

namespace {

struct MintOptions
{
    std::string key;
    bool demo = false;
    std::vector<std::string> claims;
    std::vector<std::string> header;
    qint64 lifetime = 900;
    std::string algorithm;
    std::string jwks;
    std::string format = "text";
};

constexpr auto demoAlgorithm = "ES256";

Result<const Jose::Algorithm *> namedAlgorithm(const std::string &name)
{
    if (const Jose::Algorithm *algorithm = Jose::findAlgorithm(QByteArray::fromStdString(name)))
        return algorithm;
    return fail(QStringLiteral("unsupported_algorithm"),
                QStringLiteral("--algorithm %1 is not known.").arg(QString::fromStdString(name)));
}

Result<Jose::Key> freshKey(const MintOptions &options)
{
    return namedAlgorithm(options.algorithm.empty() ? demoAlgorithm : options.algorithm)
        .and_then([](const Jose::Algorithm *algorithm) { return Jose::generateKey(*algorithm); });
}

Result<Jose::Key> signingKey(const MintOptions &options)
{
    if (options.demo)
        return freshKey(options);
    const auto key = keyFromFile(QString::fromStdString(options.key));
    if (!key || options.algorithm.empty())
        return key;
    return namedAlgorithm(options.algorithm).and_then([&](const Jose::Algorithm *algorithm) -> Result<Jose::Key> {
        if (const auto fits = key->fits(*algorithm); !fits)
            return std::unexpected(fits.error());
        return key->withAlg(algorithm->name);
    });
}

/// Put over `object`; null takes a member away.
Result<QJsonObject> withMembers(QJsonObject object, const std::vector<std::string> &words)
{
    for (const QString &word : toStrings(words)) {
        const auto pair = keyAndValue(word);
        if (!pair)
            return std::unexpected(pair.error());
        const QJsonValue value = jsonOrText(pair->second);
        if (value.isNull())
            object.remove(pair->first);
        else
            object.insert(pair->first, value);
    }
    return object;
}

QJsonObject timesOf(const MintOptions &options)
{
    const qint64 now = std::chrono::floor<std::chrono::seconds>(systemClock()()).time_since_epoch().count();
    return {{QStringLiteral("iat"), now}, {QStringLiteral("exp"), now + options.lifetime}};
}

/// For whoever is to verify the token: the public key; of a shared secret nothing.
QJsonObject keySetOf(const Jose::Key &key)
{
    if (key.type() == Jose::KeyType::Oct)
        return {{QStringLiteral("keys"), QJsonArray()}};
    return {{QStringLiteral("keys"), QJsonArray{key.publicJwk()}}};
}

Result<> writeKeySet(const QJsonObject &keySet, const std::string &path)
{
    if (path.empty())
        return {};
    QSaveFile file(QString::fromStdString(path));
    const QByteArray bytes = toJsonText(keySet) + '\n';
    if (file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit())
        return {};
    return fail(QStringLiteral("unwritable_file"),
                QStringLiteral("%1 cannot be written: %2.").arg(file.fileName(), file.errorString()));
}

struct Minted
{
    QByteArray token;
    QJsonObject claims;
    QJsonObject keySet;
};

Result<Minted> mint(const MintOptions &options)
{
    const auto claims = withMembers(timesOf(options), options.claims);
    if (!claims)
        return std::unexpected(claims.error());
    const auto header = withMembers({}, options.header);
    if (!header)
        return std::unexpected(header.error());
    const auto key = signingKey(options);
    if (!key)
        return std::unexpected(key.error());
    const auto token = Jose::signJwt(*header, *claims, *key);
    if (!token)
        return std::unexpected(token.error());
    return Minted{.token = *token, .claims = *claims, .keySet = keySetOf(*key)};
}

int run(const MintOptions &options)
{
    const bool asJson = options.format == "json";
    if (options.demo == !options.key.empty()) {
        printFailure({QStringLiteral("invalid_options"), QStringLiteral("Say who signs: --key FILE, or --demo.")},
                     asJson);
        return NotCarriedOut;
    }
    const auto minted = mint(options);
    if (!minted) {
        printFailure(minted.error(), asJson);
        return NotCarriedOut;
    }
    if (const auto written = writeKeySet(minted->keySet, options.jwks); !written) {
        printFailure(written.error(), asJson);
        return NotCarriedOut;
    }
    const QString token = QString::fromLatin1(minted->token);
    const bool printed = asJson ? printJson({{QStringLiteral("token"), token},
                                             {QStringLiteral("claims"), minted->claims},
                                             {QStringLiteral("jwks"), minted->keySet}})
                                : printLine(token);
    return printed ? Yes : NotCarriedOut;
}

} // namespace

Command mintCommand(CLI::App &program)
{
    auto options = std::make_shared<MintOptions>();
    CLI::App *command = program.add_subcommand("mint", "Sign a test token");
    command->add_option("--key", options->key, "The private key: PEM or JWK file (a JWK of type oct for HS256)");
    command->add_flag("--demo", options->demo, "Sign with a new key that is not kept; its public part goes to --jwks");
    command
        ->add_option("--claim", options->claims,
                     "NAME=VALUE: a claim, JSON where it reads as JSON; null removes iat or exp; repeatable")
        ->allow_extra_args(false);
    command
        ->add_option("--header", options->header,
                     "NAME=VALUE: a member of the header, read in the same way; repeatable")
        ->allow_extra_args(false);
    command->add_option("--lifetime", options->lifetime, "Seconds from iat to exp; negative for an expired token")
        ->check(CLI::Range(qint64{-4'000'000'000}, qint64{4'000'000'000}))
        ->capture_default_str();
    command->add_option("--algorithm", options->algorithm,
                        "By default the first that the key supports; ES256 for --demo");
    command->add_option("--jwks", options->jwks, "Write the public key set to this file, as verify and serve take it");
    addFormatOption(command, &options->format);
    command->footer(
        "Example: mcp-auth mint --demo --jwks keys.json --claim iss=https://issuer.example --claim sub=alice\n"
        "         mcp-auth serve --issuer https://issuer.example --jwks keys.json --audience …\n"
        "With --format json the key set comes with the token: {\"token\", \"claims\", \"jwks\"}.");
    return {command, [options] { return run(*options); }};
}

} // namespace McpAuth::Cli
