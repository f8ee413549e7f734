// A private certificate authority: --ca-file and SSL_CERT_FILE.
#include "http/router.h"
#include "jose/key.h"
#include "jose/sign.h"
#include "support/certificate.h"
#include "support/program.h"
#include "support/result.h"

#include <QJsonArray>
#include <QSslCertificate>
#include <QTemporaryDir>

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

class Trust : public testing::Test
{
protected:
    void SetUp() override
    {
        const QSslConfiguration tls = selfSignedTls();
        QFile pem(certificate);
        ASSERT_TRUE(pem.open(QIODevice::WriteOnly));
        pem.write(tls.localCertificate().toPem());
        router->add("GET", "/jwks", [this](const Http::Request &) -> QCoro::Task<Http::Response> {
            co_return Http::Response::json(200, {{u"keys"_s, QJsonArray{key.publicJwk()}}});
        });
        Http::ServerOptions options;
        options.tls = tls;
        ASSERT_TRUE(server.listen(options));
    }

    ProgramResult verify(const QStringList &more, const QProcessEnvironment &environment = {})
    {
        const QByteArray token = Jose::signJwt({}, {{u"sub"_s, u"alice"_s}}, key).value();
        return runProgram(
            mcpAuthProgram(),
            QStringList{u"verify"_s, u"-"_s, u"--jwks"_s, server.origin() + u"/jwks"_s, u"--signature-only"_s} + more,
            token, environment);
    }

    QTemporaryDir folder;
    QString certificate = folder.filePath(u"ca.pem"_s);
    Jose::Key key = Jose::generateKey(*Jose::findAlgorithm("ES256")).value();
    std::shared_ptr<Http::Router> router = std::make_shared<Http::Router>();
    Http::Server server{router};
};

} // namespace

TEST_F(Trust, StrangersAreRefusedWithARemedy)
{
    const ProgramResult result = verify({});
    EXPECT_EQ(result.status, 2);
    EXPECT_TRUE(result.error.contains("--ca-file")) << result.error.constData();
}

TEST_F(Trust, IsGivenByAFile)
{
    const ProgramResult result = verify({u"--ca-file"_s, certificate});
    EXPECT_EQ(result.status, 0) << result.error.constData() << result.output.constData();
}

TEST_F(Trust, IsGivenByTheEnvironment)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"SSL_CERT_FILE"_s, certificate);
    const ProgramResult result = verify({}, environment);
    EXPECT_EQ(result.status, 0) << result.error.constData() << result.output.constData();
}

TEST_F(Trust, NeedsAFileWithCertificates)
{
    EXPECT_EQ(verify({u"--ca-file"_s, u"/nonexistent"_s}).status, 2);
    QFile empty(folder.filePath(u"empty"_s));
    ASSERT_TRUE(empty.open(QIODevice::WriteOnly));
    empty.close();
    const ProgramResult result = verify({u"--ca-file"_s, empty.fileName()});
    EXPECT_EQ(result.status, 2);
    EXPECT_TRUE(result.error.contains("no certificate")) << result.error.constData();
}
