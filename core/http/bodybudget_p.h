// How much of requests' bodies one server holds, in all and of one address.
#pragma once

#include "http/limits.h"

#include <QHash>
#include <QHostAddress>

#include <memory>

namespace McpAuth::Http {

class BodyBudget
{
public:
    /// `group` is a peerGroup(). False: it would be over a limit, and nothing is taken.
    [[nodiscard]] bool take(const QHostAddress &group, qint64 bytes, const ServerLimits &limits);
    void giveBack(const QHostAddress &group, qint64 bytes);

private:
    qint64 m_held = 0;
    QHash<QHostAddress, qint64> m_perAddress;
};

/// What one body takes. It goes where the body goes, and gives back at its end.
class BodyLease
{
    Q_DISABLE_COPY_MOVE(BodyLease)

public:
    BodyLease(std::shared_ptr<BodyBudget> budget, const QHostAddress &peer);
    ~BodyLease();

    /// The body has `bytes` in all now. False: there is no room for them.
    [[nodiscard]] bool growTo(qint64 bytes, const ServerLimits &limits);

private:
    std::shared_ptr<BodyBudget> m_budget;
    QHostAddress m_group;
    qint64 m_bytes = 0;
};

} // namespace McpAuth::Http
