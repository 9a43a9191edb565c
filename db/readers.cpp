// SPDX-License-Identifier: Apache-2.0
#include "db/readers.hpp"

namespace pointman::db {

Result<Snapshot> Readers::snapshot() {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return !free_.empty(); });
    Snapshot snapshot(*this, std::move(free_.back()));
    free_.pop_back();
    lock.unlock();
    if (auto begun = snapshot.session().connection().begin(Connection::Begin::deferred); !begun)
        return std::unexpected(std::move(begun.error()));
    return snapshot;
}

void Readers::give_back(std::unique_ptr<Connection> connection) {
    {
        std::scoped_lock const lock(mutex_);
        free_.push_back(std::move(connection)); // within the capacity it had
    }
    returned_.notify_one();
}

Snapshot::Snapshot(Readers& readers, std::unique_ptr<Connection> connection)
    : readers_(&readers)
    , connection_(std::move(connection))
    , session_(*connection_) {}

Snapshot::Snapshot(Snapshot&& other) noexcept
    : readers_(other.readers_)
    , connection_(std::move(other.connection_))
    , session_(other.session_.connection()) {}

Snapshot::~Snapshot() {
    end();
}

void Snapshot::end() {
    if (!connection_) return;
    connection_->end_read();
    readers_->give_back(std::move(connection_));
}

} // namespace pointman::db
