#include "app/cli/keyfile.h"

#include <QFile>

namespace McpAuth::Cli {

Result<QByteArray> readFile(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(QStringLiteral("unreadable_file"),
                    QStringLiteral("%1 cannot be read: %2.").arg(path, file.errorString()));
    QByteArray bytes = file.read(maxKeyFileBytes + 1);
    if (bytes.size() > maxKeyFileBytes)
        return fail(QStringLiteral("file_too_large"),
                    QStringLiteral("%1 is larger than %2 bytes; is it the right file?").arg(path).arg(maxKeyFileBytes));
    return bytes;
}

Result<Jose::Key> keyFromFile(const QString &path)
{
    return readFile(path).and_then([](const QByteArray &bytes) { return Jose::keyFromText(bytes.trimmed()); });
}

Result<std::shared_ptr<Jose::KeySource>> keySetFrom(Http::Client *client, const QString &urlOrFile, const Clock &clock)
{
    if (urlOrFile.startsWith(QStringLiteral("https://")) || urlOrFile.startsWith(QStringLiteral("http://"))) {
        Jose::RemoteKeySetOptions options;
        options.clock = clock;
        return std::make_shared<Jose::RemoteKeySet>(client, urlOrFile, options);
    }
    return readFile(urlOrFile)
        .and_then([](const QByteArray &bytes) { return parseJsonObject(bytes); })
        .and_then([](const QJsonObject &document) { return Jose::parseKeySet(document); })
        .transform([](const Jose::KeySet &set) -> std::shared_ptr<Jose::KeySource> {
            return std::make_shared<Jose::StaticKeys>(set);
        });
}

} // namespace McpAuth::Cli
