// The stores of registrations and tokens, for what runs on the worker's thread.
#pragma once

#include "ui/engine.h"

namespace McpAuth::Ui {

class Credentials
{
public:
    /// Null for Nowhere. Where the system has no keychain that can be reached, the one in memory takes its place.
    [[nodiscard]] std::shared_ptr<OAuth::CredentialStore> store(Keeping keeping);

private:
    std::shared_ptr<OAuth::CredentialStore> m_memory = OAuth::memoryCredentialStore();
    std::shared_ptr<OAuth::CredentialStore> m_keychain; ///< null until it is wanted
};

} // namespace McpAuth::Ui
