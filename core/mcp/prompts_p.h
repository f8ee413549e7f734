// The prompts of one endpoint.
#pragma once

#include "mcp/caller_p.h"
#include "mcp/listing_p.h"
#include "mcp/prompt.h"

#include <QHash>

namespace McpAuth::Mcp {

class Prompts
{
public:
    /// Errors: invalid_prompt.
    [[nodiscard]] Result<> add(Prompt prompt);
    [[nodiscard]] bool isEmpty() const { return m_byName.isEmpty(); }
    [[nodiscard]] bool canComplete() const;
    [[nodiscard]] QStringList scopesOf(const QString &name) const;

    [[nodiscard]] RpcOutcome list(const QJsonObject &params, const Revision &revision) const;
    [[nodiscard]] RpcAnswer get(const RpcRequest &request, const Caller &caller) const;
    /// Of the prompt's arguments; null when there is no such prompt, or it offers none.
    [[nodiscard]] std::shared_ptr<const CompletionHandler> completionOf(const QString &name) const;

private:
    QHash<QString, std::shared_ptr<const Prompt>> m_byName;
    Listings m_list{"prompts"};
};

} // namespace McpAuth::Mcp
