#include "demo/sampletools.h"
#include "demo/todostore_p.h"

#include <algorithm>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

QJsonObject toJson(const Todo &todo)
{
    return {{u"id"_s, todo.id}, {u"content"_s, todo.content}};
}

Result<Todo> TodoStore::create(const QString &user, const QString &content)
{
    User &owner = findOrAdd(user);
    if (owner.todos.size() >= maxTodosPerUser)
        return fail(u"too_many_todos"_s, u"There are %1 items already; delete some first."_s.arg(maxTodosPerUser));
    owner.todos.append({.id = QString::number(++owner.lastId), .content = content});
    return owner.todos.last();
}

QList<Todo> TodoStore::list(const QString &user)
{
    const User *owner = find(user);
    return owner ? owner->todos : QList<Todo>();
}

Result<Todo> TodoStore::remove(const QString &user, const QString &id)
{
    User *owner = find(user);
    const auto known = owner ? std::ranges::find(owner->todos, id, &Todo::id) : QList<Todo>::iterator();
    if (!owner || known == owner->todos.end())
        return fail(u"no_such_todo"_s, u"You have no item of this id."_s);
    Todo removed = *known;
    owner->todos.erase(known);
    return removed;
}

TodoStore::User *TodoStore::find(const QString &name)
{
    const auto known = m_byName.constFind(name);
    if (known == m_byName.constEnd())
        return nullptr;
    m_users.splice(m_users.begin(), m_users, *known);
    return &m_users.front();
}

TodoStore::User &TodoStore::findOrAdd(const QString &name)
{
    if (User *known = find(name))
        return *known;
    if (m_byName.size() >= maxTodoUsers) {
        m_byName.remove(m_users.back().name);
        m_users.pop_back();
    }
    m_users.push_front({.name = name, .lastId = 0, .todos = {}});
    m_byName.insert(name, m_users.begin());
    return m_users.front();
}

} // namespace McpAuth::Demo
