// What a server has: tools, resources and prompts, as requests can be made for them. Pure functions.
#pragma once

#include "mcp/client.h"

namespace McpAuth::Ui {

enum class OfferKind { Tool, Resource, ResourceTemplate, Prompt };

struct Offer
{
    OfferKind kind = OfferKind::Tool;
    QString name; ///< a tool's or prompt's; a resource's URI; a template
    QString title = {};
    QString description = {};
    QJsonObject inputSchema = {}; ///< of what a request for it needs
    QJsonObject raw = {};         ///< as the server describes it

    friend bool operator==(const Offer &, const Offer &) = default;
};

/// Of a list's result; entries without a name are left out.
[[nodiscard]] QList<Offer> offersOf(OfferKind kind, const QJsonArray &listed);
[[nodiscard]] QList<Offer> offersOf(const QList<Mcp::ToolDescription> &tools);

struct OfferRequest
{
    QString method;
    QJsonObject params;
};

/// tools/call, resources/read or prompts/get.
[[nodiscard]] OfferRequest requestFor(const Offer &offer, const QJsonObject &arguments);

/// RFC 6570 to level 3, without the operators # . / ; &: such a template is itself the one variable `uri`.
[[nodiscard]] QString expanded(const QString &uriTemplate, const QJsonObject &variables);

/// What a resource holds or a prompt says, as content blocks like those of a tool.
[[nodiscard]] Mcp::CallResult resultOf(OfferKind kind, const QJsonObject &result);

} // namespace McpAuth::Ui
