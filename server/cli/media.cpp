// SPDX-License-Identifier: Apache-2.0
#include "db/media.hpp"

#include "base/time.hpp"
#include "endpoints/registration/certificate.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"
#include "server/tls/certificate.hpp"
#include "server/tls/pem.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

namespace pointman::cli {

namespace {

boost::json::object to_json(db::Medium const& medium) {
    boost::json::object object;
    object["media_id"] = medium.media_id;
    object["name"] = medium.name;
    object["key_sha256"] = medium.key_sha256;
    object["added"] = iso_time_ms(medium.added);
    return object;
}

Result<db::Medium> read_medium(std::filesystem::path const& file, config::Settings::Security const& bounds,
                               TimePoint now) {
    auto const chain = tls::read_certificates(file);
    if (!chain) return std::unexpected(chain.error());
    auto const certificate =
        endpoints::registration::read_certificate(tls::to_der(chain->front().get()), bounds);
    if (!certificate) {
        return fail(Code::usage, fmt::format("{}: {}", file.string(), certificate.error().message),
                    certificate.error().detail);
    }
    return db::Medium{.name = certificate->issued_to,
                      .key_sha256 = certificate->key.sha256(),
                      .key_spki = certificate->key.spki(),
                      .certificate = certificate->der,
                      .added = now};
}

int add_medium(Target const& target, std::filesystem::path const& file, Clock const& clock) {
    auto const settings = target.settings();
    if (!settings) return report(settings.error());
    auto medium = read_medium(file, settings->security, clock.now());
    if (!medium) return report(medium.error());
    auto store = target.open();
    if (!store) return report(store.error());
    auto const id = (*store)->write_and_wait(
        [&medium](db::Transaction& transaction) { return db::Media::add(transaction, *medium); });
    if (!id) return report(id.error());
    auto const kept = (*store)->read([&id](db::Session& session) { return db::Media(session).find(*id); });
    if (!kept) return report(kept.error());
    if (target.json) {
        print_json(*kept ? to_json(**kept) : boost::json::object{{"media_id", *id}});
    } else {
        fmt::print("boot medium {} ({})\n", *id, medium->name);
    }
    return done;
}

int list_media(Target const& target) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const media = (*store)->read([](db::Session& session) { return db::Media(session).list(); });
    if (!media) return report(media.error());
    if (target.json) {
        boost::json::array array;
        for (auto const& medium : *media) array.emplace_back(to_json(medium));
        print_json(array);
        return done;
    }
    std::vector<std::vector<std::string>> rows;
    for (auto const& medium : *media) {
        rows.push_back({std::to_string(medium.media_id), iso_time(medium.added), medium.name});
    }
    print_table({"ID", "ADDED", "NAME"}, rows);
    return done;
}

int remove_medium(Target const& target, std::int64_t id) {
    auto const remove = [id](db::Transaction& transaction) { return db::Media::remove(transaction, id); };
    return carry_out(target, remove, {{"media_id", id}}, fmt::format("removed boot medium {}", id));
}

} // namespace

void add_media_command(CLI::App& program, Action& action, Clock const& clock) {
    Commands const commands(program, action, "media", "the boot media that may ask for policy");
    auto const& target = commands.target();
    auto certificate = std::make_shared<std::filesystem::path>();
    auto id = std::make_shared<std::int64_t>();
    commands
        .add("add", "make a medium known by its certificate",
             [target, certificate, &clock] { return add_medium(*target, *certificate, clock); })
        ->add_option("--certificate", *certificate, "PEM file of the certificate that the medium carries")
        ->required();
    commands.add("list", "all media", [target] { return list_media(*target); });
    commands.add("remove", "refuse it from now on", [target, id] { return remove_medium(*target, *id); })
        ->add_option("media", *id, "its id")
        ->required()
        ->type_name("ID");
}

} // namespace pointman::cli
