// How many files and sockets the system lets a process have.
#pragma once

namespace McpAuth::Http {

/// Raises the soft limit of open files to the hard one, for a program that serves: with the usual 1,024 a server is
/// full long before ServerLimits::connections. Nothing happens where the system refuses.
void raiseDescriptorLimit();

/// How many more files and sockets this process may open now; a very large number where the system does not tell.
[[nodiscard]] int freeDescriptors();

} // namespace McpAuth::Http
