// The certificates that a program trusts.
#pragma once

#include "base/result.h"

#include <QFile>
#include <QSslCertificate>
#include <QSslConfiguration>

namespace McpAuth {

/// Trusts the certificates of a PEM file besides the system's, for every connection of this process from now on.
/// Errors: unreadable_file, no_certificate.
[[nodiscard]] inline Result<> trustCertificatesIn(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(QStringLiteral("unreadable_file"),
                    QStringLiteral("The certificates in %1 cannot be read: %2.").arg(path, file.errorString()));
    const QList<QSslCertificate> certificates = QSslCertificate::fromDevice(&file, QSsl::Pem);
    if (certificates.isEmpty())
        return fail(QStringLiteral("no_certificate"), QStringLiteral("%1 holds no certificate in PEM.").arg(path));
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setCaCertificates(QSslConfiguration::systemCaCertificates() + certificates);
    QSslConfiguration::setDefaultConfiguration(configuration);
    return {};
}

} // namespace McpAuth
