#include "mcp/endpointstate_p.h"
#include "mcp/wire_p.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

QStringList spokenBy(const EndpointState &state)
{
    QStringList names = supportedProtocolVersions();
    names.removeIf([&](const QString &name) { return !state.speaks(findRevision(name)); });
    return names;
}

} // namespace

EndpointState::EndpointState(Endpoint *self, EndpointOptions about, std::unique_ptr<Bearer::BearerAuth> bearer)
    : options(std::move(about))
    , auth(std::move(bearer))
    , seals(std::make_shared<const Seals>(options.sealKey, options.name.toUtf8(), options.clock))
    , sessions(
          options.clock, [this](const QByteArray &session) { endSession(session); },
          options.sealKey.isEmpty() ? nullptr : seals)
    , endpoint(self)
    , spoken(spokenBy(*this))
{
    const QJsonObject meta{{MetaKey::serverInfo, implementationOf(options, revisions().first())}};
    m_serverMeta = toJsonText(meta);
    // What is behind a token is nobody else's, even where it is the same for all (utilities/caching.mdx, Security).
    m_cacheHints = R"(,"cacheScope":")" + QByteArray(auth ? "private" : "public") + R"(","ttlMs":)";
    m_timeToLive = QByteArray::number(std::max<qint64>(options.cacheTime.count(), 0));
}

std::shared_ptr<EventChannel> EndpointState::openChannel(const QByteArray &session, bool primed)
{
    auto channel = session.isEmpty() ? std::make_shared<EventChannel>() : channels.open(session, primed);
    m_channels.append(channel);
    return channel;
}

void EndpointState::keepStreamsAlive()
{
    listeners.endExpired(options.clock());
    for (const QByteArray &session : listeners.openSessions())
        sessions.touch(session);
    m_channels.removeIf([](const std::weak_ptr<EventChannel> &channel) { return channel.expired(); });
    const auto open = m_channels; // one that is lost meanwhile goes
    for (const auto &weak : open) {
        if (const auto channel = weak.lock())
            channel->keepAlive();
    }
}

void EndpointState::endSession(const QByteArray &session)
{
    listeners.close(session);
    calls->stop(session);
    clientRequests->close(session);
    channels.close(session);
}

const QByteArray &EndpointState::introductionIn(const Revision &revision)
{
    QByteArray &text = m_introductions[&revision];
    if (text.isEmpty())
        text = toJsonText(introduction(options, features, revision, spoken));
    return text;
}

QByteArray EndpointState::metaOf(QJsonObject own, const Revision &revision) const
{
    if (own.isEmpty())
        return m_serverMeta;
    if (revision.stateless)
        own.insert(MetaKey::serverInfo, implementationOf(options, revision));
    return toJsonText(own);
}

QByteArray EndpointState::complete(const RpcResultText &result, const Revision &revision) const
{
    if (!revision.stateless && result.meta.isEmpty())
        return result.text;
    QByteArray text;
    text.reserve(result.text.size() + m_serverMeta.size() + m_cacheHints.size() + 48);
    if (revision.stateless) {
        text += R"({"resultType":")";
        text += result.kind == ResultKind::InputRequired ? "input_required" : "complete";
        text += R"(",)";
    } else {
        text += '{';
    }
    text += R"("_meta":)";
    text += metaOf(result.meta, revision);
    if (revision.stateless && (result.kind == ResultKind::Cacheable || result.kind == ResultKind::Uncacheable)) {
        text += m_cacheHints;
        text += result.kind == ResultKind::Cacheable ? m_timeToLive : QByteArrayLiteral("0");
    }
    if (result.text.size() > 2) // more than {}
        text += ',';
    text += QByteArrayView(result.text).sliced(1);
    return text;
}

void EndpointState::changed(Change change)
{
    m_introductions.clear();
    listeners.tell(change);
}

} // namespace McpAuth::Mcp
