// Everyone's to-do items, bounded: what the to-do tools of one server share.
#pragma once

#include "base/json.h"

#include <QHash>
#include <QJsonArray>

#include <list>

namespace McpAuth::Demo {

struct Todo
{
    QString id; ///< "1", "2"…: its owner's own numbers
    QString content;
};

/// {"id", "content"}
[[nodiscard]] QJsonObject toJson(const Todo &todo);

class TodoStore
{
public:
    /// Errors: too_many_todos.
    [[nodiscard]] Result<Todo> create(const QString &user, const QString &content);
    [[nodiscard]] QList<Todo> list(const QString &user);
    /// Errors: no_such_todo, whether it never was or is somebody else's.
    [[nodiscard]] Result<Todo> remove(const QString &user, const QString &id);

private:
    struct User
    {
        QString name;
        qint64 lastId = 0;
        QList<Todo> todos;
    };
    /// Counts as a use; null for a user of whom nothing is kept.
    User *find(const QString &name);
    User &findOrAdd(const QString &name);

    std::list<User> m_users; // the last used first
    QHash<QString, std::list<User>::iterator> m_byName;
};

} // namespace McpAuth::Demo
