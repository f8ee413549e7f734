// Makes the checks of a schema; gone once they are made.
#pragma once

#include "mcp/schema_p.h"

#include <QHash>

namespace McpAuth::Mcp {

class SchemaCompiler
{
public:
    explicit SchemaCompiler(const QJsonObject &root)
        : m_root(root)
    {
    }

    [[nodiscard]] Result<Schema> compile();

    /// The node of the schema at a JSON pointer (RFC 6901) of the document; the same for the same pointer.
    [[nodiscard]] Result<const SchemaNode *> node(const QJsonValue &schema, const QString &pointer);
    [[nodiscard]] Result<QList<const SchemaNode *>> nodes(const QJsonValue &schemas, const QString &pointer);
    using NamedNodes = QList<std::pair<QString, const SchemaNode *>>;
    [[nodiscard]] Result<NamedNodes> namedNodes(const QJsonValue &schemas, const QString &pointer);
    /// Where a reference leads, which is checked at the end.
    [[nodiscard]] Result<SchemaCheck> reference(const QJsonValue &target, const QString &pointer);
    [[nodiscard]] Result<> nameAnchor(const QJsonValue &name, const SchemaNode *node);

private:
    struct Reference
    {
        QString anchor;
        QString pointer; // of the keyword
        std::shared_ptr<const SchemaNode *> target;
    };
    [[nodiscard]] Result<> fill(SchemaNode *node, const QJsonObject &schema, const QString &pointer);
    [[nodiscard]] Result<> addKeyword(SchemaNode *node, const QJsonObject &schema, const QString &keyword,
                                      const QString &pointer);
    [[nodiscard]] Result<> addGroups(SchemaNode *node, const QJsonObject &schema, const QString &pointer);
    [[nodiscard]] std::optional<QJsonValue> valueAt(const QString &pointer) const;

    QJsonObject m_root;
    Schema m_schema;
    QHash<QString, const SchemaNode *> m_byPointer;
    QHash<QString, const SchemaNode *> m_byAnchor;
    QList<Reference> m_references;
    int m_depth = 0;
};

/// The check of a keyword that holds schemas and needs no other keyword; null when `keyword` is not one of them.
[[nodiscard]] Result<SchemaCheck> applicator(SchemaCompiler &compiler, const QString &keyword, const QJsonValue &rule,
                                             const QString &pointer);
/// Keywords that are read together: members of objects, items of arrays, contains, if/then/else. Null when absent.
[[nodiscard]] Result<SchemaCheck> memberCheck(SchemaCompiler &compiler, const QJsonObject &schema,
                                              const QString &pointer);
[[nodiscard]] Result<SchemaCheck> itemCheck(SchemaCompiler &compiler, const QJsonObject &schema,
                                            const QString &pointer);
[[nodiscard]] Result<SchemaCheck> containsCheck(SchemaCompiler &compiler, const QJsonObject &schema,
                                                const QString &pointer);
[[nodiscard]] Result<SchemaCheck> conditionCheck(SchemaCompiler &compiler, const QJsonObject &schema,
                                                 const QString &pointer);

/// An error of a schema: "/properties/x/pattern: it must be a string".
[[nodiscard]] std::unexpected<Error> badSchema(const QString &pointer, const QString &why);
/// A JSON pointer one member further down.
[[nodiscard]] QString below(const QString &pointer, const QString &member);

} // namespace McpAuth::Mcp
