// The sample tools: whoami, add, and a to-do list where everyone sees only their own items.
#pragma once

#include "mcp/tool.h"

namespace McpAuth::Demo {

/// Items that one user may have, and users whose items are kept; the user longest unused is forgotten.
inline constexpr int maxTodosPerUser = 1'000;
inline constexpr int maxTodoUsers = 1'000;

/// whoami, add, create_todo (create:todos), list_todos (read:todos), delete_todo (delete:todos). The tools of one call
/// share one list; a user is issuer and subject together, or "anonymous" without auth.
[[nodiscard]] QList<Mcp::Tool> sampleTools();

} // namespace McpAuth::Demo
