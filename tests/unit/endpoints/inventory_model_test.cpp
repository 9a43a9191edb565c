// SPDX-License-Identifier: Apache-2.0
// Random reports of two clients against a model in memory: full ones, deltas in and out of order, repeats,
// deltas that change what is not there, and documents that are broken.
#include "db/report_sequences.hpp"
#include "tests/unit/endpoints/inventory_report.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <tuple>

using namespace pointman;
using namespace pointman::test;

namespace {

constexpr int classes = 3;
constexpr int keys = 3;

struct Change {
    int content = 0; ///< New, Updated, Deleted
    int class_number = 0;
    int key = 0;
    int value = 0;
};

enum class Kind { full, delta, repeat, broken };

struct Report {
    Kind kind = Kind::full;
    int client = 0;
    int major_step = 0; ///< of a delta, beside what would follow
    int minor_step = 0;
    std::vector<Change> changes;
};

std::ostream& operator<<(std::ostream& out, Report const& report) {
    out << fmt::format("[{} of {}, {:+} {:+}:", static_cast<int>(report.kind), report.client,
                       report.major_step, report.minor_step);
    for (auto const& change : report.changes)
        out << fmt::format(" {}/{}/{}/{}", change.content, change.class_number, change.key, change.value);
    return out << "]";
}

rc::Gen<Report> any_report() {
    auto const change = rc::gen::build<Change>(
        rc::gen::set(&Change::content, rc::gen::weightedElement<int>({{3, 0}, {3, 1}, {2, 2}})),
        rc::gen::set(&Change::class_number, rc::gen::inRange(0, classes)),
        rc::gen::set(&Change::key, rc::gen::inRange(0, keys)),
        rc::gen::set(&Change::value, rc::gen::inRange(0, 3)));
    return rc::gen::build<Report>(
        rc::gen::set(&Report::kind,
                     rc::gen::weightedElement<Kind>(
                         {{3, Kind::full}, {8, Kind::delta}, {2, Kind::repeat}, {1, Kind::broken}})),
        rc::gen::set(&Report::client, rc::gen::inRange(0, 2)),
        rc::gen::set(&Report::major_step, rc::gen::weightedElement<int>({{12, 0}, {1, 1}, {1, -1}})),
        rc::gen::set(&Report::minor_step, rc::gen::weightedElement<int>({{12, 0}, {1, 1}, {1, -1}, {1, -2}})),
        rc::gen::set(&Report::changes, rc::gen::resize(6, rc::gen::container<std::vector<Change>>(change))));
}

constexpr std::array contents{"New", "Updated", "Deleted"};
constexpr std::array class_names{"Win32_LogicalDisk", "Vendor_Thing", "Vendor_Keyless"};

std::string key_of(Change const& change) {
    return change.class_number == 2 ? "[]" : fmt::format("[\"k{}\"]", change.key);
}

std::string xml_of(Change const& change) {
    db::InventoryProperties properties;
    if (change.class_number == 0) properties.push_back({"DeviceID", {fmt::format("k{}", change.key)}});
    if (change.class_number == 1) properties.push_back({"Name", {fmt::format("k{}", change.key)}});
    properties.push_back({"Value", {std::to_string(change.value)}});
    return instance_xml({contents.at(static_cast<std::size_t>(change.content)),
                         class_names.at(static_cast<std::size_t>(change.class_number)), properties});
}

using Place = std::pair<std::string, std::string>;                  ///< class and key
using Superseded = std::tuple<std::string, std::string, int, bool>; ///< class, key, value, deleted

/// What the site should know of one client.
struct Model {
    std::map<Place, int> now;
    std::multiset<Superseded> before;
    bool has_baseline = false;
    int major = 0;
    int minor = 0;
    std::string last; ///< text of the report that was loaded last
    bool pending = false;

    /// The reason of the refusal; "" = taken.
    std::string take(bool full, int in_major, int in_minor, std::string const& text,
                     std::vector<Change> const& changes) {
        if (has_baseline && text == last) return "";
        if (!full) {
            if (auto reason = out_of_order(in_major, in_minor); !reason.empty()) {
                pending = true;
                return reason;
            }
        }
        Model loaded = *this;
        if (full) {
            loaded.take_full(changes);
        } else if (!loaded.take_delta(changes)) {
            pending = true;
            return "NonExistentRow";
        }
        *this = std::move(loaded);
        has_baseline = true;
        major = in_major;
        minor = in_minor;
        last = text;
        return "";
    }

private:
    std::string out_of_order(int in_major, int in_minor) const {
        if (pending) return "ResyncPending";
        if (!has_baseline) return "NoBaseline";
        if (in_major != major) return "MajorMismatch";
        if (in_minor <= minor) return "Outdated";
        return in_minor > minor + 1 ? "DeltaMismatch" : "";
    }

    void leave(Place const& place, bool deleted) {
        before.emplace(place.first, place.second, now.at(place), deleted);
        if (deleted) now.erase(place);
    }

    void put(Place const& place, int value) {
        if (now.contains(place) && now.at(place) != value) leave(place, false);
        now[place] = value;
    }

    void take_full(std::vector<Change> const& changes) {
        std::map<Place, int> said;
        for (auto const& change : changes) {
            if (change.content != 2) said[place_of(change)] = change.value;
        }
        auto const had = now;
        for (auto const& [place, value] : had) {
            if (!said.contains(place)) leave(place, true);
        }
        for (auto const& [place, value] : said) put(place, value);
        pending = false;
    }

    bool take_delta(std::vector<Change> const& changes) {
        for (auto const& change : changes) {
            auto const place = place_of(change);
            if (change.content != 0 && !now.contains(place)) return false;
            if (change.content == 2) {
                leave(place, true);
            } else {
                put(place, change.value);
            }
        }
        return true;
    }

    static Place place_of(Change const& change) {
        return {class_names.at(static_cast<std::size_t>(change.class_number)), key_of(change)};
    }
};

int value_of(db::InventoryState const& state) {
    return std::stoi(state.properties.back().values.front());
}

/// The endpoint and the model side by side.
class Site {
public:
    /// For two clients that nobody has heard of.
    void begin() {
        for (auto& [smsid, model] : clients_) {
            smsid = fmt::format("GUID:00000000-0000-0000-0000-{:012}", ++last_client_);
            model = {};
            bench_.enroll(smsid, fmt::format("PC{}", last_client_));
        }
    }

    void submit(Report const& report) {
        auto& [smsid, model] = clients_.at(static_cast<std::size_t>(report.client));
        if (report.kind == Kind::broken) {
            auto const text = hardware_report("Full", "9.0", "<Instance Class=\"V\"><V>", "", smsid);
            RC_ASSERT_FALSE(bench_.deliver(hardware_draft(text, smsid)).has_value());
            return;
        }
        bool const repeats = report.kind == Kind::repeat && model.has_baseline;
        bool const full = report.kind != Kind::delta;
        int const major = std::max(0, model.major + (full ? 1 : report.major_step));
        int const minor = full ? 0 : std::max(0, model.minor + 1 + report.minor_step);
        auto const text = repeats ? model.last : written(report, full, major, minor, smsid);
        auto const expected = model.take(full, major, minor, text, report.changes);
        auto const reply = bench_.deliver(hardware_draft(text, smsid));
        RC_ASSERT(reply.has_value());
        RC_ASSERT((reply->refusal ? std::string(name_of(reply->refusal->code)) : "") == expected);
    }

    void compare() {
        for (auto const& [smsid, model] : clients_) {
            std::map<Place, int> now;
            std::multiset<Superseded> before;
            for (auto const& state : history(bench_, "", smsid)) {
                if (state.until) {
                    before.emplace(state.class_name, state.key, value_of(state), state.deleted);
                } else {
                    now[{state.class_name, state.key}] = value_of(state);
                }
            }
            RC_ASSERT(now == model.now);
            RC_ASSERT(before == model.before);
            auto const id = ClientId::parse(smsid).value();
            auto const sequence = bench_.store().read(
                [&id](db::Session& session) { return db::ReportSequences(session).find(id, "0001"); });
            RC_ASSERT(sequence.value().resync_pending == model.pending);
        }
    }

private:
    static std::string written(Report const& report, bool full, int major, int minor,
                               std::string const& smsid) {
        std::string instances;
        for (auto const& change : report.changes) instances += xml_of(change);
        return hardware_report(full ? "Full" : "Delta", fmt::format("{}.{}", major, minor), instances,
                               "20100315083007.104000+060", smsid);
    }

    Bench bench_;
    std::array<std::pair<std::string, Model>, 2> clients_;
    int last_client_ = 0;
};

} // namespace

TEST_CASE("state and history follow the reports as the model does") {
    Site site;
    CHECK(rc::check("any sequence of reports", [&site] {
        // Twenty sequences a time, a hundred times.
        auto const sequences = *rc::gen::container<std::vector<std::vector<Report>>>(
            20, rc::gen::resize(12, rc::gen::container<std::vector<Report>>(any_report())));
        for (auto const& reports : sequences) {
            site.begin();
            for (auto const& report : reports) {
                site.submit(report);
                site.compare();
            }
        }
    }));
}
