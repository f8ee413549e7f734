#include "support/certificate.h"

#include <QFile>
#include <QProcess>
#include <QSslCertificate>
#include <QSslKey>
#include <QTemporaryDir>

namespace McpAuth::Test {

namespace {

QByteArray contents(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%ls cannot be read", qUtf16Printable(path));
    return file.readAll();
}

} // namespace

QSslConfiguration selfSignedTls(const CertificateOptions &options)
{
    const QTemporaryDir folder;
    const QString key = folder.filePath(QStringLiteral("key.pem"));
    const QString certificate = folder.filePath(QStringLiteral("certificate.pem"));
    QProcess openssl;
    openssl.start(QStringLiteral("openssl"),
                  {QStringLiteral("req"), QStringLiteral("-x509"), QStringLiteral("-nodes"), QStringLiteral("-newkey"),
                   QStringLiteral("ec"), QStringLiteral("-pkeyopt"), QStringLiteral("ec_paramgen_curve:P-256"),
                   QStringLiteral("-keyout"), key, QStringLiteral("-out"), certificate, QStringLiteral("-subj"),
                   QStringLiteral("/CN=loopback test"), QStringLiteral("-addext"),
                   QStringLiteral("subjectAltName=") + options.subjectAltName, QStringLiteral("-not_before"),
                   options.notBefore, QStringLiteral("-not_after"), options.notAfter});
    if (!openssl.waitForFinished() || openssl.exitCode() != 0)
        qFatal("openssl made no certificate: %s", openssl.readAllStandardError().constData());
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setLocalCertificate(QSslCertificate(contents(certificate)));
    configuration.setPrivateKey(QSslKey(contents(key), QSsl::Ec));
    return configuration;
}

} // namespace McpAuth::Test
