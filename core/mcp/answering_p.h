// Acting on the messages of one payload, one after the other.
#pragma once

#include "mcp/admission_p.h"

namespace McpAuth::Mcp {

/// Answers to the messages of one payload, as they come.
struct Answers
{
    QByteArrayList texts;
    qsizetype next = 0; ///< of the payload's entries
    int status = 200;
};

/// Notes the answer to the message before `next`.
void take(const EndpointState &state, Passage &passage, const Admitted &admitted, Answers &answers,
          const RpcOutcome &outcome);
/// Acts on the next messages; stops at one whose answer comes later, and returns it.
[[nodiscard]] std::optional<QCoro::Task<RpcOutcome>> proceed(const EndpointStatePtr &state, Passage &passage,
                                                             const Admitted &admitted, Answers &answers);

} // namespace McpAuth::Mcp
