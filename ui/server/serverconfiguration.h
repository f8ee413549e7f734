// What the Server page's form says, as a value: checked, remembered, and turned into the options of the server.
#pragma once

#include "demo/demoserver.h"

#include <QCoroTask>
#include <QList>
#include <QMap>
#include <QPointer>
#include <QString>
#include <QStringList>

class QSettings;

namespace McpAuth::Ui {

class Engine;

struct IssuerEntry
{
    bool local = false; ///< the local issuer, whose URL changes with every start; `issuer` is ignored
    QString issuer = {};
    Metadata::ServerType type = Metadata::ServerType::Oidc;

    bool operator==(const IssuerEntry &) const = default;
};

struct ServerConfiguration
{
    bool authorizationServerMode = false;
    QList<IssuerEntry> issuers = {IssuerEntry{.local = true}};
    QString resource = {};     ///< empty: the server's own URL
    QStringList audience = {}; ///< empty: the resource
    QStringList requiredScopes = {};
    QStringList impliedScopes = {};             ///< WIDE=NARROW: a scope that includes another
    QMap<QString, QStringList> toolScopes = {}; ///< tools that differ from the sample tools' own scopes
    quint16 port = 0;                           ///< 0: any free one
    bool showErrorDetails = false;

    bool operator==(const ServerConfiguration &) const = default;
};

/// Where on the form a problem belongs.
enum class ServerField { None, Mode, Issuers, Resource, RequiredScopes, ImpliedScopes, ToolScopes, Port };

struct FieldProblem
{
    ServerField field = ServerField::None;
    QString message; ///< one sentence, with what to do

    bool operator==(const FieldProblem &) const = default;
};

/// Everything that is wrong with it before anything is started: issuers (RFC 8414 §2), resource (RFC 8707 §2), scopes
/// (RFC 6749 §3.3), number of issuers in authorization server mode, a local issuer that does not run.
[[nodiscard]] QList<FieldProblem> problemsOf(const ServerConfiguration &configuration, const QString &localIssuer);

/// Why a start failed, in words, and beside which field they belong.
[[nodiscard]] FieldProblem startProblem(const Error &error, quint16 port);

[[nodiscard]] Mcp::ServerOptions toOptions(const ServerConfiguration &configuration, const QString &localIssuer);

/// The name and own scopes of each sample tool, in their order.
[[nodiscard]] QList<std::pair<QString, QStringList>> sampleToolScopes();

/// Words between blanks or commas, each once, in their order.
[[nodiscard]] QStringList wordsOf(const QString &text);
/// Whether it is a scope token (RFC 6749 §3.3).
[[nodiscard]] bool isScope(const QString &text);

/// No secret is among it. What is absent or of another type keeps its default.
[[nodiscard]] ServerConfiguration loadServerConfiguration(QSettings &settings);
void saveServerConfiguration(const ServerConfiguration &configuration, QSettings &settings);

/// Starts the embedded server as the Server page would. The error's message names that page.
[[nodiscard]] QCoro::Task<Result<>> startSavedServer(QPointer<Engine> engine);

} // namespace McpAuth::Ui
