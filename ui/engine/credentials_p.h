// The stores of registrations and tokens, for what runs on the worker's thread.
#pragma once

#include "oauth/credentialstore.h"
#include "ui/engine/keychain.h"

#include <QPromise>

namespace McpAuth::Ui {

/// Of each store, one operation runs at a time, in the order in which they were asked for: what is removed last is
/// gone.
class Credentials
{
public:
    using Store = std::shared_ptr<OAuth::CredentialStore>;

    Credentials();

    /// Null for Nowhere. Where the system had no keychain when it was first asked for, the one in memory takes its
    /// place; a keychain that goes later makes its operations fail. `credentials` must outlive the task.
    static QCoro::Task<Store> store(Credentials *credentials, Keeping keeping);
    /// Wherever something may have been kept. `credentials` must outlive the task.
    static QCoro::Task<QList<Store>> stores(Credentials *credentials);
    /// Asked once; the answer may take a while. `credentials` must outlive the task.
    static QCoro::Task<bool> hasKeychain(Credentials *credentials);

private:
    Store m_memory;
    Store m_keychain;                              ///< null until it is wanted
    std::shared_ptr<QPromise<bool>> m_hasKeychain; ///< null until it is asked for
};

} // namespace McpAuth::Ui
