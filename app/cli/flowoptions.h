// What `login` and `call --login` share: the options of a flow, its steps on standard error, and its outcome.
#pragma once

#include "oauth/flow.h"

#include <QJsonArray>

#include <CLI/CLI.hpp>
#include <string>

namespace McpAuth::Cli {

/// As the command line has them.
struct FlowArguments
{
    std::string url;
    std::string revision = "2026-07-28";
    std::string registration = "auto";
    std::string clientId;
    std::string clientSecretFile;
    std::string clientKey;
    std::string clientAuthMethod;
    std::string assertionAudience = "issuer";
    std::string clientMetadataUrl;
    std::string grant = "authorization_code";
    std::string authorizationServer;
    std::vector<std::string> scopes;
    std::string prompt;
    std::vector<std::string> authorizationParameters; ///< NAME=VALUE
    std::string redirectHost = "127.0.0.1";
    int redirectPort = 0;
    std::string redirectPath = "/callback";
    int wait = 300;
    bool noBrowser = false;
    OAuth::Overrides overrides;
};

/// `promptOption`: the name for the authorization request's prompt, where the command has another use for that word.
void addFlowOptions(CLI::App *command, FlowArguments *arguments, const std::string &promptOption = "--prompt");

/// With a browser, and a memory for registrations. Errors: those of readFile and Jose::keyFromText, invalid_options.
[[nodiscard]] Result<OAuth::FlowOptions> flowOptions(const FlowArguments &arguments);

/// Follows a flow's steps: text goes to standard error as they come.
class FlowReport
{
public:
    explicit FlowReport(bool asText)
        : m_asText(asText)
    {
    }

    void add(const OAuth::Step &step);
    [[nodiscard]] QJsonArray toJson() const;

private:
    bool m_asText;
    QList<OAuth::Step> m_steps;
};

/// No where the provider, the server or a rule refused; NotCarriedOut where it never came to that.
[[nodiscard]] int exitStatus(const Error &error);

} // namespace McpAuth::Cli
