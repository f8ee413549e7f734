// The certificates that a program trusts.
#pragma once

#include "base/result.h"

#include <QFile>
#include <QFileInfo>
#include <QSslCertificate>
#include <QSslConfiguration>

namespace McpAuth {

/// Whether it is the system's own file, which SSL_CERT_FILE often names: Qt reads it by itself once it is needed, and
/// to read it at every start takes long.
[[nodiscard]] inline bool isSystemBundle(const QString &path)
{
    static const QStringList bundles{QStringLiteral("/etc/ssl/certs/ca-certificates.crt"),
                                     QStringLiteral("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
                                     QStringLiteral("/var/lib/ca-certificates/ca-bundle.pem")};
    return bundles.contains(QFileInfo(path).canonicalFilePath());
}

/// Trusts the certificates of a PEM file besides the system's, for every connection of this process from now on.
/// Errors: unreadable_file, no_certificate.
[[nodiscard]] inline Result<> trustCertificatesIn(const QString &path)
{
    if (isSystemBundle(path))
        return {};
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
