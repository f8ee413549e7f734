// What the fuzz targets share: bytes in, and a stop at the first broken promise.
#pragma once

#include <QByteArray>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace McpAuth::Fuzz {

/// libFuzzer keeps the input that led here.
inline void expect(bool kept, const char *promise)
{
    if (kept)
        return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

inline QByteArrayView view(const uint8_t *data, size_t size)
{
    return {reinterpret_cast<const char *>(data), static_cast<qsizetype>(size)};
}

} // namespace McpAuth::Fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
