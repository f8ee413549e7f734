// Credentials in the system's keychain: the only folder that needs QtKeychain, and with it D-Bus.
#pragma once

#include "oauth/credentialstore.h"

namespace McpAuth::OAuth {

/// QtKeychain: Secret Service, KWallet, Windows, macOS; its plain-text fallback stays off. Somebody may have to unlock
/// the keychain first: after two minutes the error is keychain_unavailable. Errors: keychain_unavailable,
/// keychain_denied.
[[nodiscard]] std::shared_ptr<CredentialEntries> keychainCredentialEntries(QString service);
[[nodiscard]] std::shared_ptr<CredentialStore> keychainCredentialStore(QString service, Clock clock = systemClock());

/// Whether the system has a keychain, and it can be reached: on the session bus, where that is the way. A bus may be
/// slow to answer, or silent: it is asked on a thread of its own, and after `keychainPatience` the answer is no.
[[nodiscard]] QCoro::Task<bool> isKeychainAvailable();
inline constexpr std::chrono::seconds keychainPatience{10};

} // namespace McpAuth::OAuth
