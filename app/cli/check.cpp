// mcp-auth check: audits providers.
#include "app/cli/command.h"
#include "app/cli/output.h"
#include "audit/report.h"

#include <QSaveFile>

#include <algorithm>
#include <deque>

namespace McpAuth::Cli {

namespace {

struct CheckOptions
{
    std::vector<std::string> issuers;
    std::string type = "auto";
    std::string revision = "2026-07-28";
    std::string format = "text";
    std::string output;
    bool allowHttp = false;
    double timeout = 10;
};

/// As many connections as Qt opens to one host: no request then spends its time waiting for its turn.
constexpr size_t auditsAtOnce = 6;

std::optional<Metadata::ServerType> serverType(const std::string &name)
{
    if (name == "oidc")
        return Metadata::ServerType::Oidc;
    if (name == "oauth")
        return Metadata::ServerType::OAuth;
    return std::nullopt;
}

QList<Audit::ProviderAudit> auditAll(const CheckOptions &options)
{
    Http::ClientOptions clientOptions;
    clientOptions.allowHttp = options.allowHttp;
    clientOptions.purpose = QStringLiteral("check");
    clientOptions.limits.timeout = std::chrono::milliseconds(static_cast<qint64>(options.timeout * 1000));
    Http::Client client(clientOptions);

    Audit::AuditOptions auditOptions;
    auditOptions.type = serverType(options.type);
    auditOptions.revision = QString::fromStdString(options.revision);
    std::deque<QCoro::Task<Audit::ProviderAudit>> running;
    QList<Audit::ProviderAudit> audits;
    const auto finishFirst = [&] {
        audits.append(QCoro::waitFor(std::move(running.front())));
        running.pop_front();
    };
    for (const QString &issuer : toStrings(options.issuers)) {
        if (running.size() == auditsAtOnce)
            finishFirst();
        running.push_back(Audit::auditProvider(&client, issuer, auditOptions));
    }
    while (!running.empty())
        finishFirst();
    return audits;
}

QString rendered(const QList<Audit::ProviderAudit> &audits, const CheckOptions &options)
{
    if (options.format == "json")
        return escapedJson(toJsonText(Audit::toJson(audits))) + u'\n';
    if (options.format == "junit")
        return Audit::toJunit(audits);
    if (options.format == "markdown")
        return Audit::toMarkdown(audits);
    if (options.format == "html")
        return Audit::toHtml(audits);
    return Audit::toText(audits, options.output.empty() && wantsColour());
}

bool write(const QString &report, const CheckOptions &options)
{
    if (options.output.empty())
        return print(report);
    QSaveFile file(QString::fromStdString(options.output));
    const QByteArray bytes = report.toUtf8();
    if (file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit())
        return true;
    printError(QStringLiteral("%1 cannot be written: %2.").arg(file.fileName(), file.errorString()));
    return false;
}

int run(const CheckOptions &options)
{
    const QList<Audit::ProviderAudit> audits = auditAll(options);
    if (!write(rendered(audits, options), options))
        return NotCarriedOut;
    const auto failed = std::ranges::find_if(audits, [](const auto &audit) { return audit.failure.has_value(); });
    if (failed != audits.end()) {
        Error failure = *failed->failure;
        failure.message.prepend(failed->issuer + QStringLiteral(": "));
        printError(failure);
        return NotCarriedOut;
    }
    return std::ranges::all_of(audits, &Audit::ProviderAudit::isCompatible) ? Yes : No;
}

} // namespace

Command checkCommand(CLI::App &program)
{
    auto options = std::make_shared<CheckOptions>();
    CLI::App *command = program.add_subcommand("check", "Check providers: is their metadata compatible with MCP?");
    command->add_option("ISSUER", options->issuers, "An issuer, or the URL of its metadata document")->required();
    command->add_option("--type", options->type, "auto, oidc or oauth: where the metadata is looked for")
        ->check(CLI::IsMember({"auto", "oidc", "oauth"}))
        ->capture_default_str();
    std::vector<std::string> revisions;
    for (const QString &revision : Audit::revisions())
        revisions.push_back(revision.toStdString());
    command->add_option("--revision", options->revision, "The MCP revision whose rules apply")
        ->check(CLI::IsMember(revisions))
        ->capture_default_str();
    command->add_option("--format", options->format, "text, json, junit, markdown or html")
        ->check(CLI::IsMember({"text", "json", "junit", "markdown", "html"}))
        ->capture_default_str();
    command->add_option("--output", options->output, "Write the report to this file");
    command->add_flag("--allow-http", options->allowHttp, "Allow plain http beyond this machine");
    command->add_option("--timeout", options->timeout, "Seconds that one request may take")
        ->check(CLI::Range(0.1, 600.0))
        ->capture_default_str();
    command->footer("Example: mcp-auth check https://login.example.com/realms/a --format json\n"
                    "Exit status: 0 all are compatible, 1 one is not, 2 one could not be read.");
    return {command, [options] { return run(*options); }};
}

} // namespace McpAuth::Cli
