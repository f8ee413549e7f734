#include "credentials.h"
#include "oauth/storedcredentials_p.h"
#include "support/result.h"

namespace McpAuth::OAuth {
namespace {

using namespace Test;
using namespace Qt::StringLiterals;

TEST(MemoryStore, KeepsWhatItIsGivenByIssuerAndServer)
{
    const auto store = memoryCredentialStore(before);
    ASSERT_TRUE(wait(store->storeClient(registered())));
    ASSERT_TRUE(wait(store->storeAuthorization(granted())));
    expectSame(wait(store->client(issuer)).value().value(), registered());
    EXPECT_EQ(wait(store->authorization(mcpUrl)).value()->tokens.refreshToken.reveal(), "refresh");
    // Byte for byte: a slash makes another issuer.
    EXPECT_EQ(wait(store->client(issuer + u'/')).value(), std::nullopt);
    EXPECT_EQ(wait(store->authorization(mcpUrl + u'/')).value(), std::nullopt);

    ASSERT_TRUE(wait(store->removeClient(issuer)));
    ASSERT_TRUE(wait(store->removeAuthorization(mcpUrl)));
    EXPECT_EQ(wait(store->client(issuer)).value(), std::nullopt);
    EXPECT_EQ(wait(store->authorization(mcpUrl)).value(), std::nullopt);
}

// RFC 7591 §3.2.1
TEST(MemoryStore, GivesNoClientWhoseSecretHasExpired)
{
    const auto store = memoryCredentialStore(at(moment));
    ASSERT_TRUE(wait(store->storeClient(registered())));
    EXPECT_EQ(wait(store->client(issuer)).value(), std::nullopt);
    ClientInformation lasting = registered();
    lasting.secretExpiresAt.reset();
    ASSERT_TRUE(wait(store->storeClient(lasting)));
    EXPECT_NE(wait(store->client(issuer)).value(), std::nullopt);
}

TEST(MemoryStore, DropsTheOldestWhenItIsFull)
{
    const auto store = memoryCredentialStore(before);
    const auto name = [](int i) { return u"https://%1.example"_s.arg(i); };
    for (int i = 0; i <= maxStoredCredentials; ++i)
        ASSERT_TRUE(wait(store->storeClient(registered(name(i)))));
    EXPECT_EQ(wait(store->client(name(0))).value(), std::nullopt);
    EXPECT_NE(wait(store->client(name(1))).value(), std::nullopt);
    EXPECT_NE(wait(store->client(name(maxStoredCredentials))).value(), std::nullopt);
}

TEST(MemoryStore, TakesNothingThatCannotBeFoundAgain)
{
    const auto store = memoryCredentialStore();
    EXPECT_EQ(codeOf(wait(store->storeClient(registered(QString())))), u"invalid_stored_credentials");
    EXPECT_EQ(codeOf(wait(store->storeAuthorization(granted(QString())))), u"invalid_stored_credentials");
}

TEST(StoredCredentials, SurviveTheirText)
{
    expectSame(clientFromEntry(toEntry(registered()), issuer).value(), registered());
    const Authorization whole = granted();
    const QByteArray entry = toEntry(whole);
    expectSame(authorizationFromEntry(entry, mcpUrl).value(), whole);
    EXPECT_LT(entry.size(), 2'000); // without what only a flow needs
}

// 2026-07-28 client-registration, Authorization Server Binding
TEST(StoredCredentials, AreNotShownToAnotherServer)
{
    EXPECT_EQ(codeOf(clientFromEntry(toEntry(registered()), u"https://evil.example"_s)), u"invalid_stored_credentials");
    EXPECT_EQ(codeOf(authorizationFromEntry(toEntry(granted()), u"https://evil.example/mcp"_s)),
              u"invalid_stored_credentials");
}

TEST(StoredCredentials, ThatAreDamagedAreNotUsed)
{
    QByteArray cut = toEntry(granted());
    cut.chop(1);
    QJsonObject later = parseJsonObject(toEntry(granted())).value();
    later.insert(u"version"_s, 2);
    QJsonObject bare = parseJsonObject(toEntry(granted())).value();
    bare.remove(u"server"_s);
    for (const QByteArray &entry : {QByteArray(), QByteArray("[]"), cut, toJsonText(later), toJsonText(bare)}) {
        const auto read = authorizationFromEntry(entry, mcpUrl);
        EXPECT_EQ(codeOf(read), u"invalid_stored_credentials") << entry.toStdString();
        EXPECT_FALSE(toJsonText(toJson(read.error())).contains("refresh"));
    }
}

} // namespace
} // namespace McpAuth::OAuth
