#include "jose/keysource.h"

namespace McpAuth::Jose {

QCoro::Task<bool> KeySource::refresh(quint64 seen)
{
    co_return generation() != seen;
}

QCoro::Task<Result<QList<Key>>> StaticKeys::candidates(Jws jws)
{
    co_return candidateKeys(m_set, jws);
}

std::optional<Result<QList<Key>>> StaticKeys::candidatesNow(const Jws &jws)
{
    return candidateKeys(m_set, jws);
}

} // namespace McpAuth::Jose
