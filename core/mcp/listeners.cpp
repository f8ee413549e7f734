#include "mcp/listeners_p.h"
#include "mcp/wire_p.h"

#include <QJsonArray>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

constexpr QLatin1StringView changeMethods[] = {"notifications/tools/list_changed"_L1,
                                               "notifications/prompts/list_changed"_L1,
                                               "notifications/resources/list_changed"_L1};

QJsonObject subscriptionMeta(const Listener &listener)
{
    return {{MetaKey::subscriptionId, listener.subscription}};
}

} // namespace

QByteArray acknowledgement(const Listener &listener)
{
    QJsonObject honored;
    if (listener.changes.contains(Change::Tools))
        honored.insert(u"toolsListChanged"_s, true);
    if (listener.changes.contains(Change::Prompts))
        honored.insert(u"promptsListChanged"_s, true);
    if (listener.changes.contains(Change::Resources))
        honored.insert(u"resourcesListChanged"_s, true);
    if (!listener.resources.isEmpty()) {
        QStringList uris(listener.resources.cbegin(), listener.resources.cend());
        uris.sort();
        honored.insert(u"resourceSubscriptions"_s, QJsonArray::fromStringList(uris));
    }
    return rpcNotificationText(u"notifications/subscriptions/acknowledged"_s,
                               {{u"_meta"_s, subscriptionMeta(listener)}, {u"notifications"_s, honored}});
}

bool Listeners::isFullFor(const SessionCaller &caller) const
{
    return m_listeners.size() >= maxListeners || m_counts.value(caller) >= maxListenersPerCaller;
}

void Listeners::add(Listener listener)
{
    ++m_counts[listener.caller];
    m_listeners.append(std::move(listener));
}

void Listeners::send(const Listener &listener, const QString &method, QJsonObject params)
{
    if (!listener.subscription.isUndefined())
        params.insert(u"_meta"_s, subscriptionMeta(listener));
    listener.channel->send(rpcNotificationText(method, params));
}

void Listeners::tell(Change change)
{
    const auto listeners = m_listeners; // one that is lost meanwhile goes
    for (const Listener &listener : listeners) {
        if (listener.changes.contains(change))
            send(listener, changeMethods[static_cast<size_t>(change)], {});
    }
}

void Listeners::tellUpdated(const QString &uri, const std::function<bool(const QByteArray &session)> &isSubscribed)
{
    const auto listeners = m_listeners;
    for (const Listener &listener : listeners) {
        const bool wants =
            listener.subscription.isUndefined() ? isSubscribed(listener.session) : listener.resources.contains(uri);
        if (wants)
            send(listener, u"notifications/resources/updated"_s, {{u"uri"_s, uri}});
    }
}

void Listeners::endExpired(TimePoint now)
{
    const auto listeners = m_listeners;
    for (const Listener &listener : listeners) {
        if (!listener.expiresAt || *listener.expiresAt > now)
            continue;
        if (listener.isWholeSession) {
            listener.channel->lose();
        } else if (listener.subscription.isUndefined()) {
            listener.channel->leaveConnection();
        } else {
            remove(listener.channel.get());
            listener.channel->end();
        }
    }
}

QByteArrayList Listeners::openSessions() const
{
    QByteArrayList sessions;
    for (const Listener &listener : m_listeners) {
        if (listener.subscription.isUndefined() && listener.channel->isConnected())
            sessions.append(listener.session);
    }
    return sessions;
}

QList<Listener>::iterator Listeners::find(const EventChannel *channel)
{
    return std::ranges::find(m_listeners, channel, [](const Listener &l) { return l.channel.get(); });
}

bool Listeners::renew(const EventChannel *channel, std::optional<TimePoint> expiresAt)
{
    const auto found = find(channel);
    if (found == m_listeners.end())
        return false;
    found->expiresAt = expiresAt;
    return true;
}

void Listeners::remove(const EventChannel *channel)
{
    const auto found = find(channel);
    if (found == m_listeners.end())
        return;
    if (--m_counts[found->caller] == 0)
        m_counts.remove(found->caller);
    m_listeners.erase(found);
}

void Listeners::close(const QByteArray &session)
{
    const auto listeners = m_listeners;
    for (const Listener &listener : listeners) {
        if (listener.subscription.isUndefined() && listener.session == session) {
            remove(listener.channel.get());
            listener.channel->end();
        }
    }
}

void Listeners::closeAll()
{
    const auto listeners = std::exchange(m_listeners, {});
    m_counts.clear();
    for (const Listener &listener : listeners) {
        if (!listener.subscription.isUndefined()) {
            const QJsonObject result{{u"resultType"_s, u"complete"_s}, {u"_meta"_s, subscriptionMeta(listener)}};
            listener.channel->send(toJsonText(rpcResult(listener.subscription, result)));
        }
        listener.channel->end();
    }
}

} // namespace McpAuth::Mcp
