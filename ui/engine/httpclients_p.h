// Two HTTP clients of one purpose on the worker's thread: strict, and with plain http allowed beyond loopback.
#pragma once

#include "http/client.h"

#include <array>
#include <memory>

namespace McpAuth::Ui {

class HttpClients
{
public:
    /// Of `options` allowHttp is not looked at.
    explicit HttpClients(Http::ClientOptions options)
        : m_options(std::move(options))
    {
    }

    /// Made on the thread that first asks for it.
    [[nodiscard]] Http::Client *get(bool allowHttp)
    {
        auto &client = m_clients.at(allowHttp ? 1 : 0);
        if (!client) {
            m_options.allowHttp = allowHttp;
            client = std::make_unique<Http::Client>(m_options);
        }
        return client.get();
    }

    void close() { m_clients = {}; }

private:
    Http::ClientOptions m_options;
    std::array<std::unique_ptr<Http::Client>, 2> m_clients;
};

} // namespace McpAuth::Ui
