#include "base/race.h"
#include "mcp/clientinput_p.h"
#include "mcp/clienturls_p.h"
#include "mcp/clientwire_p.h"

#include <QDeadlineTimer>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

QJsonArray pagesIn(const Error &error)
{
    return error.details.value("data"_L1)["elicitations"_L1].toArray();
}

} // namespace

bool asksForVisits(const Connection &connection, const Error &error)
{
    const QJsonArray pages = pagesIn(error);
    const auto isWhole = [](const QJsonValue &page) { return page["elicitationId"_L1].isString(); };
    return rpcCodeOf(error) == RpcErrorCode::UrlElicitationRequired && !isStateless(connection.speaker.revision) &&
           connection.options.features.elicitByUrl && !pages.isEmpty() && pages.size() <= maxServerRequests &&
           std::ranges::all_of(pages, isWhole);
}

QCoro::Task<Result<>> visited(ConnectionPtr connection, Error error, std::stop_token stop)
{
    QList<CompletionPtr> completions; // before anybody is asked: the server may tell at once
    for (const QJsonValue page : pagesIn(error))
        completions.append(connection->completionOf(page["elicitationId"_L1].toString()));
    for (const QJsonValue page : pagesIn(error)) {
        QJsonObject params = page.toObject();
        params.insert(u"mode"_s, u"url"_s); // no other is allowed in this error
        const Result<QJsonObject> input =
            co_await inputFor(connection->options.features, u"elicitation/create"_s, params, stop);
        if (!input)
            co_return std::unexpected(input.error());
        if (input->value("action"_L1) != "accept"_L1)
            co_return std::unexpected(error);
    }
    const QDeadlineTimer deadline(maxCompletionTime); // for all of them
    for (const CompletionPtr &completion : completions) {
        const std::chrono::milliseconds left(std::max<qint64>(1, deadline.remainingTime()));
        [[maybe_unused]] const Result<> told =
            co_await raced(awaited(completion->future()), stop, cancelledRequest(), left);
    }
    if (stop.stop_requested())
        co_return fail(cancelledRequest());
    co_return Result<>();
}

} // namespace McpAuth::Mcp
