// Tokens, codes, client secrets and verifiers: values that must not reach a log by accident.
#pragma once

#include <QByteArray>
#include <QString>

namespace McpAuth {

/// What a log may show of a secret: `eyJh…(812 bytes)`; of one under 16 bytes only its length.
[[nodiscard]] QString redacted(QByteArrayView secret);

/// Whether two byte strings are equal, in a time that depends on their lengths only.
[[nodiscard]] bool equalInConstantTime(QByteArrayView a, QByteArrayView b);

class Secret
{
public:
    Secret() = default;
    explicit Secret(QByteArray value)
        : m_value(std::move(value))
    {
    }

    [[nodiscard]] bool isEmpty() const { return m_value.isEmpty(); }
    /// The value itself: for the wire, the crypto library, and a user who asked to see it.
    [[nodiscard]] const QByteArray &reveal() const { return m_value; }
    [[nodiscard]] QString redacted() const { return McpAuth::redacted(m_value); }

    /// In constant time.
    bool operator==(const Secret &other) const { return equalInConstantTime(m_value, other.m_value); }

private:
    QByteArray m_value;
};

/// For tables in memory: QHash seeds it at random.
[[nodiscard]] inline size_t qHash(const Secret &secret, size_t seed = 0) noexcept
{
    return qHash(QByteArrayView(secret.reveal()), seed);
}

} // namespace McpAuth
