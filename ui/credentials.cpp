#include "ui/credentials_p.h"

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

std::shared_ptr<OAuth::CredentialStore> Credentials::store(Keeping keeping)
{
    if (keeping == Keeping::Nowhere)
        return nullptr;
    if (keeping == Keeping::Memory || !OAuth::isKeychainAvailable())
        return m_memory;
    if (!m_keychain)
        m_keychain = OAuth::keychainCredentialStore(u"mcp-auth-tester"_s);
    return m_keychain;
}

} // namespace McpAuth::Ui
