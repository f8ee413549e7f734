#include "mcp/running_p.h"

namespace McpAuth::Mcp {

std::unexpected<Error> thrownBy(const HandlerName &name)
{
    try {
        throw;
    } catch (const std::exception &exception) {
        qWarning("A handler threw an exception: %s", exception.what());
    } catch (...) {
        qWarning("A handler threw something that is no exception.");
    }
    return fail(QStringLiteral("handler_failed"), name.sentence(u"failed"));
}

} // namespace McpAuth::Mcp
