// One descriptor kept back, so that a process without any left can still answer.
#pragma once

#include <QByteArray>

namespace McpAuth::Http {

enum class TurnedAway {
    One,
    Nobody,     ///< whoever waited has left
    Impossible, ///< not even so: later is better
};

class SpareDescriptor
{
    Q_DISABLE_COPY_MOVE(SpareDescriptor)

public:
    SpareDescriptor() = default;
    ~SpareDescriptor();

    /// Nothing happens where the system refuses.
    void reserve();
    /// Accepts one connection in the spare descriptor's place, sends `words` (nothing when empty) and closes it.
    [[nodiscard]] TurnedAway turnAway(int listeningSocket, const QByteArray &words);

private:
    void release();

    int m_descriptor = -1;
};

} // namespace McpAuth::Http
