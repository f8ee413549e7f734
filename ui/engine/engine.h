// What the pages ask for, done on one worker thread so that the screen never waits; a part for each kind of work.
#pragma once

#include "http/exchangelog.h"

#include <QObject>

#include <memory>

namespace McpAuth::Ui {

class Checks;
class Connection;
class EmbeddedServer;
class Flows;
class Keychain;
class LocalIssuer;

/// Lives on the screen's thread; so do its parts, their tasks and signals. The parts live as long as it does.
class Engine : public QObject
{
    Q_OBJECT

public:
    explicit Engine(QObject *parent = nullptr);
    ~Engine() override; // stops everything and joins the worker

    /// Every exchange of every page goes there.
    [[nodiscard]] Http::ExchangeLog *exchangeLog() const;

    [[nodiscard]] LocalIssuer *issuer() const;
    [[nodiscard]] EmbeddedServer *server() const;
    [[nodiscard]] Checks *checks() const;
    [[nodiscard]] Flows *flows() const;
    [[nodiscard]] Connection *connection() const;
    [[nodiscard]] Keychain *keychain() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace McpAuth::Ui
