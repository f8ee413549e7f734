#include "ui/provider/providerverdict.h"

#include "ui/widgets/counted.h"
#include "ui/widgets/words.h"

#include <QCoreApplication>

#include <algorithm>
#include <optional>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using Metadata::Finding;
using Metadata::FindingLevel;

namespace {

struct Words
{
    QLatin1StringView code;
    const char *title;
    const char *advice;
    Level level = Level::Error;
    VerdictAction action = VerdictAction::None;
};

/// Why a provider could not be read, by the error's code; the last row is for every other code.
constexpr std::array failures = {
    Words{"invalid_url"_L1, QT_TRANSLATE_NOOP("Verdict", "This is not an issuer URL"),
          QT_TRANSLATE_NOOP("Verdict",
                            "An issuer is a whole URL such as https://login.example.com/realms/main, without query "
                            "and fragment.")},
    Words{
        "insecure_url"_L1, QT_TRANSLATE_NOOP("Verdict", "Plain HTTP is refused"),
        QT_TRANSLATE_NOOP("Verdict", "Use https. In a network of your own, plain HTTP can be allowed for this check."),
        Level::Error, VerdictAction::AllowHttp},
    Words{"host_not_found"_L1, QT_TRANSLATE_NOOP("Verdict", "There is no such host"),
          QT_TRANSLATE_NOOP("Verdict", "Check the spelling, and whether a VPN is needed.")},
    Words{"connection_refused"_L1, QT_TRANSLATE_NOOP("Verdict", "No server answers there"),
          QT_TRANSLATE_NOOP("Verdict", "Is the provider running, and is this its port?")},
    Words{"connection_closed"_L1, QT_TRANSLATE_NOOP("Verdict", "The connection was closed before an answer came"),
          QT_TRANSLATE_NOOP("Verdict", "Is this port one for HTTPS, and is a proxy in between?")},
    Words{"tls_error"_L1, QT_TRANSLATE_NOOP("Verdict", "The TLS connection cannot be trusted"),
          QT_TRANSLATE_NOOP("Verdict",
                            "The provider needs a valid certificate for this host name. Add an authority of your own "
                            "to the system's certificates.")},
    Words{"timeout"_L1, QT_TRANSLATE_NOOP("Verdict", "The provider did not answer in time"),
          QT_TRANSLATE_NOOP("Verdict",
                            "Is the host reachable from here? A firewall that drops packets looks like this.")},
    Words{"metadata_not_found"_L1, QT_TRANSLATE_NOOP("Verdict", "No metadata found"),
          QT_TRANSLATE_NOOP("Verdict",
                            "Is the issuer complete, with its realm or tenant? Metadata of a provider without "
                            "discovery can be pasted."),
          Level::Error, VerdictAction::PasteMetadata},
    Words{"cancelled"_L1, QT_TRANSLATE_NOOP("Verdict", "The check was cancelled"), "", Level::Info},
    Words{""_L1, QT_TRANSLATE_NOOP("Verdict", "The provider could not be read"), ""},
};

QString tr(const char *text)
{
    return *text ? QCoreApplication::translate("Verdict", text) : QString();
}

/// Why nothing was reached, where the failure only says that.
QString innermostCode(const Error &error)
{
    const QString cause = error.details.value("cause"_L1).toObject().value("code"_L1).toString();
    return error.code == "provider_unreachable"_L1 && !cause.isEmpty() ? cause : error.code;
}

/// What Qt and URL parsers say ends without a full stop.
QString sentence(const QString &text)
{
    return text.isEmpty() || text.endsWith(u'.') || text.endsWith(u'?') ? text : text + u'.';
}

/// Some messages say what to do themselves.
QString withAdvice(const QString &message, const QString &advice)
{
    const QString first = advice.section(u'.', 0, 0);
    return first.isEmpty() || !message.contains(first, Qt::CaseInsensitive) ? u"%1 %2"_s.arg(message, advice).trimmed()
                                                                            : message;
}

ProviderVerdict failed(const Error &error)
{
    const QString code = innermostCode(error);
    const auto found = std::ranges::find_if(failures, [&](const Words &words) { return words.code == code; });
    const Words &words = found == failures.end() ? failures.back() : *found;
    return {words.level, tr(words.title), withAdvice(sentence(error.message), tr(words.advice)), {}, words.action};
}

/// The first answer of 500 or more; nothing where some place said something else than that it is down.
std::optional<int> downStatus(const Audit::ProviderAudit &audit)
{
    const auto isDown = [](const Metadata::Probe &probe) { return probe.status >= 500; };
    if (audit.probes.isEmpty() || !std::ranges::all_of(audit.probes, isDown))
        return {};
    return audit.probes.first().status;
}

ProviderVerdict down(int status)
{
    return {Level::Error,
            tr("The provider answers %1").arg(status),
            tr("It is down or overloaded, which says nothing about its metadata. Check again when it is up."),
            {},
            VerdictAction::None};
}

const Finding *findError(const QList<Finding> &findings)
{
    // These two explain all the others.
    for (const auto code : {"issuer_mismatch"_L1, "invalid_server_metadata"_L1}) {
        const auto found = std::ranges::find(findings, code, &Finding::code);
        if (found != findings.end())
            return &*found;
    }
    const auto found = std::ranges::find(findings, FindingLevel::Error, &Finding::level);
    return found == findings.end() ? nullptr : &*found;
}

QString errorTitle(const Finding &error, const Audit::ProviderAudit &audit)
{
    if (error.code == "issuer_mismatch"_L1)
        return tr("The provider calls itself by another issuer");
    if (error.code == "invalid_server_metadata"_L1 && audit.metadata.isEmpty())
        return tr("What the provider publishes is not usable metadata");
    return tr("Not compatible with MCP %1").arg(audit.revision);
}

QString facts(const Audit::ProviderAudit &audit, const QString &name, std::chrono::milliseconds took)
{
    QStringList parts;
    if (!name.isEmpty())
        parts.append(name);
    if (audit.type)
        parts.append(typeName(*audit.type));
    if (!audit.keys.isEmpty())
        parts.append(counted(audit.keys.size(), tr("1 key"), tr("%1 keys")));
    if (took.count() >= 0)
        parts.append(tr("%1 ms").arg(took.count()));
    return parts.join(u" · "_s);
}

} // namespace

ProviderVerdict verdictOf(const Audit::ProviderAudit &audit, const QString &name, std::chrono::milliseconds took)
{
    if (const auto status = downStatus(audit); audit.failure && status)
        return down(*status);
    if (audit.failure)
        return failed(*audit.failure);
    const int warnings = audit.count(FindingLevel::Warning);
    QStringList counts;
    if (const int errors = audit.count(FindingLevel::Error); errors > 0)
        counts.append(counted(errors, tr("1 error"), tr("%1 errors")));
    if (warnings > 0)
        counts.append(counted(warnings, tr("1 warning"), tr("%1 warnings")));
    ProviderVerdict verdict;
    verdict.aside = facts(audit, name, took);
    if (const Finding *error = findError(audit.findings)) {
        verdict.level = Level::Error;
        verdict.title = errorTitle(*error, audit);
        verdict.detail = error->detail;
    } else {
        verdict.level = Level::Ok;
        verdict.title = tr("Compatible with MCP %1").arg(audit.revision);
        verdict.detail = counted(audit.count(FindingLevel::Pass), tr("1 check passed."), tr("%1 checks passed."));
    }
    verdict.title = (QStringList{verdict.title} + counts).join(u" · "_s);
    return verdict;
}

} // namespace McpAuth::Ui
