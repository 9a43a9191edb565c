// SPDX-License-Identifier: Apache-2.0
// Private to db.
#pragma once

#include "db/connection.hpp"
#include "db/store.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace pointman::db {

/// The reading connections. Who finds none free waits for one.
class Readers {
public:
    explicit Readers(std::vector<std::unique_ptr<Connection>> connections)
        : free_(std::move(connections)) {}

    Result<Snapshot> snapshot();

private:
    friend class Snapshot;
    void give_back(std::unique_ptr<Connection> connection);

    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<Connection>> free_;
};

} // namespace pointman::db
