// Tokens that another JOSE library and a patient forger made, each with the one answer that is right.
#include "base/json.h"
#include "interop/node.h"

#include <QJsonArray>
#include <QTemporaryDir>

#include <algorithm>

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

class Forgeries : public Interop
{
protected:
    void SetUp() override
    {
        ASSERT_NO_FATAL_FAILURE(Interop::SetUp());
        m_forgeries = runScript(u"forgeries.mjs"_s);
        ASSERT_GT(m_forgeries.size(), 1);
        m_setup = m_forgeries.takeFirst();
    }

    [[nodiscard]] QStringList verifyWords() const
    {
        const QString path = m_folder.filePath(u"keys.json"_s);
        QFile file(path);
        EXPECT_TRUE(file.open(QIODevice::WriteOnly));
        file.write(toJsonText(m_setup.value(u"jwks").toObject()));
        QStringList words{u"verify"_s,     u"--batch"_s,
                          u"--jwks"_s,     path,
                          u"--issuer"_s,   m_setup.value(u"issuer").toString(),
                          u"--audience"_s, m_setup.value(u"audience").toString(),
                          u"--at"_s,       QString::number(m_setup.value(u"now").toInteger())};
        const QJsonArray scopes = m_setup.value(u"scopes").toArray();
        for (const QJsonValue &scope : scopes)
            words += {u"--scope"_s, scope.toString()};
        return words;
    }

    [[nodiscard]] QList<QJsonObject> ofKind(bool strict) const
    {
        QList<QJsonObject> chosen;
        std::ranges::copy_if(m_forgeries, std::back_inserter(chosen),
                             [&](const QJsonObject &forgery) { return forgery.value(u"strict") == strict; });
        return chosen;
    }

    QTemporaryDir m_folder;
    QJsonObject m_setup;
    QList<QJsonObject> m_forgeries;
};

QStringList failedChecks(const QJsonObject &verdict)
{
    QStringList failed;
    const QJsonArray checks = verdict.value(u"checks").toArray();
    for (const QJsonValue &check : checks) {
        if (check[u"outcome"_s] == u"fail"_s)
            failed.append(check[u"name"_s].toString());
    }
    return failed;
}

/// The right answer for the right reason.
void expectJudgedRight(const QJsonObject &forgery, const QJsonObject &verdict)
{
    SCOPED_TRACE(forgery.value(u"name").toString().toStdString());
    const bool isGood = forgery.value(u"expected").isNull();
    EXPECT_EQ(verdict.value(u"accepted").toBool(), isGood);
    EXPECT_EQ(verdict.value(u"error"), forgery.value(u"expected"));
    const QStringList failed = failedChecks(verdict);
    const QJsonArray reasons = forgery.value(u"checks").toArray();
    EXPECT_TRUE(isGood ? failed.isEmpty() : reasons.contains(failed.value(0))) << failed.join(u' ').toStdString();
}

void expectAllJudgedRight(const QList<QJsonObject> &forgeries, const QStringList &words)
{
    QByteArray tokens;
    for (const QJsonObject &forgery : forgeries)
        tokens += forgery.value(u"token").toString().toUtf8() + '\n';
    const QList<QJsonObject> verdicts = mcpAuthLines(words, tokens);
    ASSERT_EQ(verdicts.size(), forgeries.size());
    for (qsizetype i = 0; i < verdicts.size(); ++i)
        expectJudgedRight(forgeries.at(i), verdicts.at(i));
}

} // namespace

TEST_F(Forgeries, AreManyAndSoAreTheGoodTokensBesideThem)
{
    const auto good =
        std::ranges::count_if(m_forgeries, [](const auto &one) { return one.value(u"expected").isNull(); });
    EXPECT_GE(m_forgeries.size() - good, 200);
    EXPECT_GE(good, 30);
}

TEST_F(Forgeries, AreJudgedRightEachForItsReason)
{
    expectAllJudgedRight(ofKind(false), verifyWords());
}

TEST_F(Forgeries, OfTypeAndLifetimeAreJudgedRightWhenStrict)
{
    expectAllJudgedRight(ofKind(true), verifyWords() + QStringList{u"--strict"_s});
}
