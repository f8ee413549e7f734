// Certificates for TLS on loopback, made when they are needed: no key is checked in.
#pragma once

#include <QSslConfiguration>

namespace McpAuth::Test {

struct CertificateOptions
{
    QString subjectAltName = QStringLiteral("IP:127.0.0.1,DNS:localhost");
    QString notBefore = QStringLiteral("20200101000000Z");
    QString notAfter = QStringLiteral("20990101000000Z");
};

/// A server's TLS configuration with a self-signed P-256 certificate. Needs the openssl program; ends the test program
/// without it.
[[nodiscard]] QSslConfiguration selfSignedTls(const CertificateOptions &options = {});

} // namespace McpAuth::Test
