// Keys that the command line names: files, URLs, secrets.
#pragma once

#include "jose/keysource.h"

namespace McpAuth::Cli {

/// A key file is read up to here.
inline constexpr qint64 maxKeyFileBytes = 1024 * 1024;

/// Errors: unreadable_file with the system's reason, file_too_large.
[[nodiscard]] Result<QByteArray> readFile(const QString &path);

/// A PEM or JWK file. Errors: those of readFile and Jose::keyFromText.
[[nodiscard]] Result<Jose::Key> keyFromFile(const QString &path);

/// A key set at a URL, or in a file. Errors, for a file: those of readFile, parseJsonObject and Jose::parseKeySet.
[[nodiscard]] Result<std::shared_ptr<Jose::KeySource>> keySetFrom(Http::Client *client, const QString &urlOrFile,
                                                                  const Clock &clock);

} // namespace McpAuth::Cli
