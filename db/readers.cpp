// SPDX-License-Identifier: Apache-2.0
#include "db/readers.hpp"

namespace pointman::db {

/// One connection for the time of a read. Ends what the read left open, also when it throws.
class Readers::Lease {
public:
    explicit Lease(Readers& pool)
        : pool_(&pool) {
        std::unique_lock lock(pool_->mutex_);
        pool_->returned_.wait(lock, [&] { return !pool_->free_.empty(); });
        connection_ = std::move(pool_->free_.back());
        pool_->free_.pop_back();
    }
    ~Lease() {
        connection_->rollback();
        {
            std::scoped_lock const lock(pool_->mutex_);
            pool_->free_.push_back(std::move(connection_)); // within the capacity it had
        }
        pool_->returned_.notify_one();
    }
    Lease(Lease const&) = delete;
    Lease& operator=(Lease const&) = delete;

    Connection& connection() const { return *connection_; }

private:
    Readers* pool_;
    std::unique_ptr<Connection> connection_;
};

Result<void> Readers::run(std::function<void(Session&)> const& work) {
    Lease const lease(*this);
    if (auto begun = lease.connection().begin(Connection::Begin::deferred); !begun) return begun;
    Session session(lease.connection());
    work(session);
    return lease.connection().commit();
}

} // namespace pointman::db
