#include "jose/keysource.h"

namespace McpAuth::Jose {

QCoro::Task<Result<QList<Key>>> StaticKeys::candidates(Jws jws)
{
    co_return candidateKeys(m_keys, jws);
}

std::optional<Result<QList<Key>>> StaticKeys::candidatesNow(const Jws &jws)
{
    return candidateKeys(m_keys, jws);
}

} // namespace McpAuth::Jose
