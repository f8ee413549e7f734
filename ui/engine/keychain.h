// Where registrations and tokens stay.
#pragma once

#include "base/result.h"

#include <QCoroTask>
#include <QObject>

namespace McpAuth::Ui {

class Worker;

/// Where registrations and tokens stay for the next time.
enum class Keeping {
    Nowhere,
    Memory, ///< until the program ends
    Keychain,
};

class Keychain : public QObject
{
    Q_OBJECT

public:
    explicit Keychain(Worker *worker);

    /// Whether Keeping::Keychain means that; otherwise it means Memory.
    QCoro::Task<bool> isAvailable();

Q_SIGNALS:
    /// What was to be kept is in use all the same.
    void notKept(const McpAuth::Error &error);

private:
    Worker *m_worker;
};

} // namespace McpAuth::Ui
