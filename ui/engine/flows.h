// Authorization flows, run through or stepped by hand.
#pragma once

#include "oauth/flow.h"
#include "ui/engine/keychain.h"

#include <QCoroTask>
#include <QObject>

#include <functional>

class QUrl;

namespace McpAuth::Ui {

class Worker;

struct FlowRequest
{
    enum class Browser {
        System,   ///< the user's own
        SignedIn, ///< at the local issuer none, its first user counts as signed in; elsewhere the user's own
    };

    OAuth::FlowOptions options; ///< browser, onStep, gate, stop and store are the engine's
    Browser browser = Browser::System;
    OAuth::RedirectOptions redirect = {};
    Keeping keeping = Keeping::Nowhere;
    bool stepping = false; ///< every step but the first waits for Flows::proceed()
};

class Flows : public QObject
{
    Q_OBJECT

public:
    explicit Flows(Worker *worker);

    /// One at a time. Errors: flow_running, those of OAuth::authorize.
    QCoro::Task<Result<OAuth::Authorization>> run(FlowRequest request);
    /// Lets the step that waits run, and with `toTheEnd` all that follow.
    void proceed(bool toTheEnd);
    void cancel();
    /// In place of the system's browser; null: the system's again.
    void setBrowser(std::function<bool(const QUrl &url)> open) { m_browser = std::move(open); }
    /// Only http and https. False: nothing was opened.
    bool openBrowser(const QString &url);

Q_SIGNALS:
    /// What has changed since the last time, at most 30 times a second; the last word on every step before run() ends.
    void stepChanged(const McpAuth::OAuth::Step &step);
    /// `next` waits for proceed().
    void paused(McpAuth::OAuth::StepKind next);
    /// The user signs in there; whole, for another browser that the user may prefer.
    void browserOpened(const QString &url);

private:
    Worker *m_worker;
    std::function<bool(const QUrl &)> m_browser;
};

} // namespace McpAuth::Ui
