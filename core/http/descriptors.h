// How many connections the system lets a process have.
#pragma once

namespace McpAuth::Http {

/// Raises the soft limit of open files to the hard one, for a program that serves: with the usual 1,024 a server is
/// full long before ServerLimits::connections. Nothing happens where the system refuses.
void raiseDescriptorLimit();

} // namespace McpAuth::Http
