// A client of one event stream, which can be looked at while it comes.
#pragma once

#include "http/eventstream.h"
#include "support/rawclient.h"
#include "testserver.h"

namespace McpAuth::Test {

class EventTap
{
public:
    EventTap(TestServer &server, const QByteArray &method, const QByteArray &body, const Fields &fields,
             const QString &path = u"/mcp"_s)
        : m_client(std::make_unique<Http::Client>())
    {
        Http::ClientRequest sent;
        sent.method = method;
        sent.url = server.server.origin() + path;
        sent.body = body;
        for (const auto &[name, value] : fields)
            sent.headers.append(QLatin1StringView(name), QLatin1StringView(value));
        sent.readBody = [this](int, const QHttpHeaders &headers, const QByteArray &arrived) {
            m_isStream = Http::isEventStream(headers);
            m_body.append(arrived);
            return Http::BodyProgress::Incomplete;
        };
        m_task.emplace(ended(m_client->send(sent), &m_response));
    }

    EventTap(EventTap &&) = delete; // what arrives is told to this object
    ~EventTap() { leave(); }

    /// The messages so far.
    [[nodiscard]] QList<QJsonObject> messages() const
    {
        QList<QJsonObject> messages;
        for (const Http::ServerEvent &event : events()) {
            if (!event.data.isEmpty())
                messages.append(parseJsonObject(event.data).value_or(QJsonObject()));
        }
        return messages;
    }
    [[nodiscard]] QList<Http::ServerEvent> events() const { return Http::EventStream().feed(m_body); }
    [[nodiscard]] QByteArray lastId() const
    {
        Http::EventStream stream;
        (void)stream.feed(m_body);
        return stream.lastId();
    }
    [[nodiscard]] const QByteArray &body() const { return m_body; }
    [[nodiscard]] bool isStream() const { return m_isStream; }
    [[nodiscard]] bool waitForMessages(qsizetype count)
    {
        return waitUntil([this, count] { return messages().size() >= count || hasEnded(); }) &&
               messages().size() >= count;
    }
    [[nodiscard]] bool hasEnded() const { return m_response.has_value(); }
    [[nodiscard]] bool waitForEnd()
    {
        return waitUntil([this] { return hasEnded(); });
    }
    /// 0 when there was no response.
    [[nodiscard]] int status() const { return m_response && *m_response ? (*m_response)->status : 0; }
    /// Closes the connection.
    void leave()
    {
        m_client.reset();
        EXPECT_TRUE(waitForEnd());
    }

private:
    static QCoro::Task<> ended(QCoro::Task<Result<Http::ClientResponse>> task,
                               std::optional<Result<Http::ClientResponse>> *response)
    {
        Result<Http::ClientResponse> result = co_await task;
        *response = std::move(result);
    }

    std::unique_ptr<Http::Client> m_client;
    QByteArray m_body;
    bool m_isStream = false;
    std::optional<Result<Http::ClientResponse>> m_response;
    std::optional<QCoro::Task<>> m_task;
};

} // namespace McpAuth::Test
