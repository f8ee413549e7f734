// The resources and templates of one endpoint, and how they are read.
#pragma once

#include "mcp/caller_p.h"
#include "mcp/listing_p.h"
#include "mcp/resource.h"

#include <QHash>
#include <QRegularExpression>

namespace McpAuth::Mcp {

/// Resources that one session or stream hears of, and the characters of their URIs together.
inline constexpr qsizetype maxSubscriptions = 200;
inline constexpr qsizetype maxSubscriptionLength = 32 * 1024;

class Resources
{
public:
    /// Errors: invalid_resource.
    [[nodiscard]] Result<> add(Resource resource);
    [[nodiscard]] Result<> add(ResourceTemplate resourceTemplate);
    [[nodiscard]] bool isEmpty() const { return m_byUri.isEmpty() && m_templates.isEmpty(); }
    [[nodiscard]] bool canComplete() const;
    /// Whether reading it may have an answer.
    [[nodiscard]] bool knows(const QString &uri) const;
    [[nodiscard]] QStringList scopesOf(const QString &uri) const;
    [[nodiscard]] QStringList scopesOfTemplate(const QString &uriTemplate) const;

    [[nodiscard]] RpcOutcome list(const QJsonObject &params, const Revision &revision) const;
    [[nodiscard]] RpcOutcome listTemplates(const QJsonObject &params, const Revision &revision) const;
    [[nodiscard]] RpcAnswer read(const RpcRequest &request, const Caller &caller) const;
    /// Of the template's variables; null when there is no such template, or it offers none.
    [[nodiscard]] std::shared_ptr<const CompletionHandler> completionOf(const QString &uriTemplate) const;

private:
    struct CompiledTemplate
    {
        ResourceTemplate about;
        QRegularExpression pattern;
        QStringList variables;  // as the groups of the pattern
        QList<bool> takesPaths; // which of them are {+name}
    };
    struct Match
    {
        std::shared_ptr<const CompiledTemplate> compiled;
        QMap<QString, QString> variables;
    };

    [[nodiscard]] static Result<std::shared_ptr<const CompiledTemplate>> compile(ResourceTemplate resourceTemplate);
    [[nodiscard]] std::optional<Match> match(const QString &uri) const;
    [[nodiscard]] std::shared_ptr<const CompiledTemplate> find(const QString &uriTemplate) const;

    QHash<QString, std::shared_ptr<const Resource>> m_byUri;
    QList<std::shared_ptr<const CompiledTemplate>> m_templates; // the first that matches is read
    Listings m_list{"resources"};
    Listings m_templateList{"resourceTemplates"};
};

} // namespace McpAuth::Mcp
