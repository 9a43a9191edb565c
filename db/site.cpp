// SPDX-License-Identifier: Apache-2.0
#include "db/site.hpp"

#include "db/connection.hpp"

namespace pointman::db {

Result<std::optional<SiteRow>> SiteRow::find(Session& session) {
    return session.connection().one("SELECT site_code, mode, host, files FROM site",
                                    [](Row const& row) -> Result<SiteRow> {
                                        return SiteRow{row.text(0), row.text(1), row.text(2), row.text(3)};
                                    });
}

Result<void> SiteRow::write(Transaction& transaction, SiteRow const& site) {
    auto const known = find(transaction);
    if (!known) return std::unexpected(known.error());
    if (*known == site) return {};
    return transaction.connection().execute(
        "INSERT INTO site (only_row, site_code, mode, host, files) VALUES (1, ?, ?, ?, ?)"
        " ON CONFLICT (only_row) DO UPDATE SET site_code = excluded.site_code, mode = excluded.mode,"
        " host = excluded.host, files = excluded.files",
        site.site_code, site.mode, site.host, site.files);
}

} // namespace pointman::db
