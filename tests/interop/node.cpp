#include "interop/node.h"

#include "base/json.h"

#include <QFileInfo>
#include <QJsonArray>
#include <QStandardPaths>

namespace McpAuth::Test {

using namespace Qt::StringLiterals;

namespace {

const QString folder = QStringLiteral(MCPAUTH_INTEROP_DIR);

QList<QJsonObject> objects(const QByteArray &output)
{
    QList<QJsonObject> lines;
    for (const QByteArray &line : output.trimmed().split('\n')) {
        const auto object = parseJsonObject(line);
        EXPECT_TRUE(object) << line.constData();
        lines.append(object.value_or(QJsonObject()));
    }
    return lines;
}

} // namespace

void Interop::SetUp()
{
    ASSERT_FALSE(nodeProgram().isEmpty()) << "node is not on the PATH; ./test installs it.";
    ASSERT_TRUE(QFileInfo::exists(folder + u"/node_modules/jose/package.json"_s))
        << "tests/interop/node_modules is missing; ./test installs it, or tools/npm-install.";
}

QString nodeProgram()
{
    return QStandardPaths::findExecutable(u"node"_s);
}

QStringList nodeWords(const QString &script, const QStringList &arguments)
{
    return QStringList{u"--no-warnings"_s, folder + u'/' + script} + arguments;
}

QList<QJsonObject> runScript(const QString &script, const QStringList &arguments, const QByteArray &input)
{
    const ProgramResult result = runProgram(nodeProgram(), nodeWords(script, arguments), input);
    EXPECT_EQ(result.status, 0) << result.error.constData();
    return objects(result.output);
}

Listening::Listening(const QString &program, const QStringList &words)
    : m_program(program, words)
{
    const QByteArray line = m_program.readLine();
    EXPECT_TRUE(line.startsWith("listening ")) << line.constData() << m_program.standardError().constData();
    m_url = QString::fromLatin1(line.split(' ').value(1));
}

QList<QJsonObject> mcpAuthLines(const QStringList &words, const QByteArray &input)
{
    const ProgramResult result = runProgram(mcpAuthProgram(), words + QStringList{u"--format"_s, u"json"_s}, input);
    EXPECT_TRUE(result.status == 0 || result.status == 1) << result.status << result.error.constData();
    return objects(result.output);
}

std::unique_ptr<Listening> serve(const QStringList &words)
{
    return std::make_unique<Listening>(mcpAuthProgram(), QStringList{u"serve"_s} + words);
}

QString argument(const QJsonObject &object)
{
    return QString::fromUtf8(toJsonText(object));
}

} // namespace McpAuth::Test
