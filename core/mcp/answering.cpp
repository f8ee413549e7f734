#include "mcp/answering_p.h"
#include "mcp/streams_p.h"

namespace McpAuth::Mcp {

/// A protocol error of a message that is one is an answer like any other: it comes with 200, but for two of the
/// stateless era.
void take(const EndpointState &state, Passage &passage, const Admitted &admitted, Answers &answers,
          const RpcOutcome &outcome)
{
    const QJsonValue &id = admitted.payload.entries.at(answers.next - 1).id;
    if (outcome) {
        answers.texts.append(rpcResultText(id, state.complete(*outcome, *admitted.caller.revision)));
        return;
    }
    note(passage.event, outcome.error());
    answers.texts.append(toJsonText(rpcError(id, outcome.error())));
    const auto code = static_cast<RpcErrorCode>(outcome.error().code);
    if (!admitted.caller.revision || !admitted.caller.revision->stateless)
        return;
    if (code == RpcErrorCode::MissingRequiredClientCapability)
        answers.status = 400;
    else if (code == RpcErrorCode::MethodNotFound)
        answers.status = 404;
}

std::optional<QCoro::Task<RpcOutcome>> proceed(const EndpointStatePtr &state, Passage &passage,
                                               const Admitted &admitted, Answers &answers)
{
    while (answers.next < admitted.payload.entries.size()) {
        const RpcEntry &entry = admitted.payload.entries.at(answers.next++);
        if (const RpcRequest *request = requestIn(entry)) {
            RpcAnswer answered = answerIn(state, *request, admitted.caller);
            if (auto *later = std::get_if<QCoro::Task<RpcOutcome>>(&answered))
                return std::move(*later);
            take(*state, passage, admitted, answers, std::get<RpcOutcome>(answered));
        } else if (!entry.message) {
            take(*state, passage, admitted, answers, std::unexpected(entry.message.error()));
        } else if (!admitted.caller.session.isEmpty()) {
            hear(*state, admitted.caller.session, *entry.message);
        }
    }
    return std::nullopt;
}

} // namespace McpAuth::Mcp
