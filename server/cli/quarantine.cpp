// SPDX-License-Identifier: Apache-2.0
#include "db/quarantine.hpp"

#include "base/peer_process.hpp"
#include "base/time.hpp"
#include "endpoints/directory.hpp"
#include "schemas/validator.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"
#include "server/cli/places.hpp"
#include "server/logging.hpp"
#include "server/service/decryption.hpp"
#include "server/service/message_service.hpp"
#include "server/tls/client_trust.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <charconv>
#include <cstdio>
#include <unistd.h>

namespace pointman::cli {

namespace {

std::string base64(BytesView bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    auto const length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<unsigned char const*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

boost::json::object to_json(db::QuarantineEntry const& entry) {
    boost::json::object object;
    object["id"] = entry.id;
    object["time"] = iso_time_ms(entry.time);
    object["endpoint"] = entry.endpoint;
    object["client"] = entry.client;
    object["reason"] = entry.reason;
    object["detail"] = entry.detail;
    object["line"] = entry.line;
    object["column"] = entry.column;
    object["size"] = entry.size;
    object["sha256"] = entry.sha256;
    object["attempts"] = entry.attempts;
    object["closed"] = entry.closed;
    object["peer"] = entry.peer;
    object["request"] = entry.request_id;
    return object;
}

struct FilterOptions {
    db::QuarantineFilter filter;
    std::string older_than;

    void add_to(CLI::App& command) {
        command.add_option("--endpoint", filter.endpoint, "only of this endpoint");
        command.add_option("--client", filter.client, "only of this SMSID");
        command.add_option("--reason", filter.reason, "only for this reason, e.g. SchemaViolation");
        command.add_option("--older-than", older_than,
                           "only before this ISO 8601 time, or a number of days: 30d");
    }

    Result<db::QuarantineFilter> resolve(Clock const& clock) const {
        auto result = filter;
        if (older_than.empty()) return result;
        if (older_than.ends_with('d')) {
            int days = 0;
            auto const* end = older_than.data() + older_than.size() - 1;
            auto const [rest, error] = std::from_chars(older_than.data(), end, days);
            if (error == std::errc{} && rest == end && days >= 0) {
                result.older_than = clock.now() - std::chrono::days{days};
                return result;
            }
        }
        auto const time = parse_iso_time(older_than);
        if (!time)
            return fail(Code::usage, "--older-than takes an ISO 8601 time or a number of days such as 30d");
        result.older_than = *time;
        return result;
    }
};

int list_entries(Target const& target, FilterOptions const& options, Clock const& clock) {
    auto filter = options.resolve(clock);
    if (!filter) return report(filter.error());
    auto store = target.open();
    if (!store) return report(store.error());
    auto entries =
        (*store)->read([&filter](db::Session& session) { return db::Quarantine(session).list(*filter); });
    if (!entries) return report(entries.error());
    if (target.json) {
        boost::json::array array;
        for (auto const& entry : *entries) array.emplace_back(to_json(entry));
        print_json(array);
        return done;
    }
    std::vector<std::vector<std::string>> rows;
    for (auto const& entry : *entries) {
        rows.push_back({std::to_string(entry.id), iso_time(entry.time),
                        entry.reason + (entry.closed ? " (closed)" : ""), entry.endpoint, entry.client});
    }
    print_table({"ID", "TIME", "REASON", "ENDPOINT", "CLIENT"}, rows);
    return done;
}

int show_entry(Target const& target, std::int64_t id, bool raw) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto entry = (*store)->read([id](db::Session& session) { return db::Quarantine(session).get(id); });
    if (!entry) return report(entry.error());
    if (raw) {
        auto const written = std::fwrite(entry->raw.data(), 1, entry->raw.size(), stdout);
        return written == entry->raw.size() ? done : failed;
    }
    if (target.json) {
        auto object = to_json(*entry);
        object["path"] = entry->path;
        object["content_type"] = entry->content_type;
        object["raw"] = base64(entry->raw);
        print_json(object);
        return done;
    }
    print_fields({{"id", std::to_string(entry->id)},
                  {"time", iso_time_ms(entry->time)},
                  {"endpoint", entry->endpoint},
                  {"client", entry->client},
                  {"from", entry->peer + " " + entry->path},
                  {"reason", entry->reason},
                  {"detail", entry->detail},
                  {"line, column", entry->line == 0 ? "" : fmt::format("{}, {}", entry->line, entry->column)},
                  {"size", fmt::format("{} bytes", entry->size)},
                  {"SHA-256", entry->sha256},
                  {"attempts", std::to_string(entry->attempts)},
                  {"state", entry->closed ? "closed: accepted by a replay" : "open"}});
    return done;
}

/// The site's key, where this command may read it: without it only encrypted messages are refused again.
wire::Decrypt decryption_of(config::Settings const& settings) {
    auto loaded =
        service::load_decryption(settings.pki / "mp-encryption.pem", settings.pki / "mp-encryption.key");
    return loaded ? std::move(*loaded) : wire::Decrypt{};
}

/// Likewise: without the CAs' files no certificate is trusted.
endpoints::Trusts trusts_of(config::Settings const& settings, Clock const& clock) {
    auto loaded = tls::ClientTrust::load(tls::trust_options(settings.tls), clock);
    if (!loaded) return [why = loaded.error().message](BytesView) { return fail(Code::bad_signature, why); };
    std::shared_ptr<tls::ClientTrust const> const trust(std::move(*loaded));
    return [trust](BytesView certificate) { return trust->judge(certificate); };
}

/// Puts an entry through the whole way again, in this process, against the same database.
Result<service::Answer> replay(Target const& target, std::int64_t id, Clock const& clock) {
    auto settings = target.settings();
    if (!settings) return std::unexpected(settings.error());
    auto store = target.open();
    if (!store) return std::unexpected(store.error());
    auto entry = (*store)->read([id](db::Session& session) { return db::Quarantine(session).get(id); });
    if (!entry) return std::unexpected(entry.error());
    if (entry->closed) return fail(Code::not_found, fmt::format("entry {} was accepted already", id));
    // Where --db alone tells the database, only that knows where the daemon keeps collected files.
    auto const known = site_of(target, **store);
    if (!known) return std::unexpected(known.error());
    if (*known) settings->storage.files = (*known)->files;

    log::Options quiet;
    quiet.console = false;
    auto logs = log::Logs::open(quiet, clock);
    if (!logs) return std::unexpected(logs.error());
    schemas::load_embedded_schemas();
    auto const trusts = trusts_of(*settings, clock);
    endpoints::Site const site{*settings, clock, trusts};
    endpoints::Directory const directory(site);
    service::Metrics metrics;
    boost::asio::io_context io;
    service::MessageService messages({*settings, directory, **store, clock, **logs, metrics,
                                      io.get_executor(), decryption_of(*settings), trusts});
    service::Submission submission{
        entry->request_id, entry->path, entry->content_type, std::move(entry->raw), entry->peer, {}, {}, id};
    // What the operator sent over the local socket needed no signature, and needs none now.
    auto const process = PeerProcess::parse(entry->peer);
    submission.by_operator = process && process->is_operator_of(::geteuid());
    auto answer = boost::asio::co_spawn(io, messages.receive(std::move(submission)), boost::asio::use_future);
    io.run();
    return answer.get();
}

int replay_entry(Target const& target, std::int64_t id, Clock const& clock) {
    auto const answer = replay(target, id, clock);
    if (!answer) return report(answer.error());
    bool const accepted =
        answer->outcome == service::Outcome::accepted || answer->outcome == service::Outcome::duplicate;
    if (target.json) {
        boost::json::object object{{"id", id}, {"accepted", accepted}};
        if (answer->error) {
            object["reason"] = name_of(answer->error->code);
            object["detail"] = answer->error->message;
        }
        print_json(object);
    } else if (accepted) {
        fmt::print("accepted: entry {} is closed\n", id);
    }
    if (accepted) return done;
    if (!target.json && answer->error)
        fmt::print(stderr, "pointman: refused again: {}\n", describe(*answer->error));
    return failed;
}

int purge_entries(Target const& target, FilterOptions const& options, Clock const& clock) {
    auto filter = options.resolve(clock);
    if (!filter) return report(filter.error());
    auto store = target.open();
    if (!store) return report(store.error());
    auto gone = (*store)->write_and_wait(
        [&filter](db::Transaction& transaction) { return db::Quarantine::purge(transaction, *filter); });
    if (!gone) return report(gone.error());
    if (target.json) {
        print_json(boost::json::object{{"purged", *gone}});
    } else {
        fmt::print("{} entries purged\n", *gone);
    }
    return done;
}

} // namespace

void add_quarantine_command(CLI::App& program, Action& action, Clock const& clock) {
    Commands const commands(program, action, "quarantine", "the refused messages");
    auto const& target = commands.target();
    auto filter = std::make_shared<FilterOptions>();
    auto id = std::make_shared<std::int64_t>(0);
    auto raw = std::make_shared<bool>(false);
    auto add = [&](char const* name, char const* help, bool takes_id, Action run) {
        auto* sub = commands.add(name, help, std::move(run));
        if (takes_id) {
            sub->add_option("id", *id, "number of the entry")->required()->type_name("ID");
        } else {
            filter->add_to(*sub);
        }
        return sub;
    };
    add("list", "newest first", false,
        [target, filter, &clock] { return list_entries(*target, *filter, clock); });
    add("show", "one entry", true, [target, id, raw] {
        return show_entry(*target, *id, *raw);
    })->add_flag("--raw", *raw, "write the message's bytes on standard output");
    add("replay", "put an entry through the whole way again", true,
        [target, id, &clock] { return replay_entry(*target, *id, clock); });
    add("purge", "remove entries for good", false,
        [target, filter, &clock] { return purge_entries(*target, *filter, clock); });
}

} // namespace pointman::cli
