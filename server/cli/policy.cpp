// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "base/time.hpp"
#include "db/collections.hpp"
#include "db/policies.hpp"
#include "endpoints/policy/authoring.hpp"
#include "endpoints/policy/body.hpp"
#include "endpoints/policy/flags.hpp"
#include "endpoints/policy/templates.hpp"
#include "schemas/document.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/computers.hpp"
#include "server/cli/output.hpp"
#include "server/cli/places.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <optional>

namespace pointman::cli {

namespace {

namespace policy = endpoints::policy;

/// What the options of `add` and `template` say.
struct PolicyOptions {
    std::string source; ///< file, or name of a template
    std::string id;
    std::string version;
    std::string type;
    std::optional<std::string> category;
    std::optional<std::uint32_t> flags;
    bool secret = false;
    std::vector<std::string> parameters;
    bool list_templates = false;
};

struct AssignOptions {
    std::string policy;
    std::string client;
    std::string collection;
    bool all = false;
    std::string condition;
};

/// A document, and what its policy is like where no option says otherwise.
struct Authored {
    std::string xml;
    std::string category{};
    std::uint32_t flags = 0;
};

Result<std::string> read_file(std::filesystem::path const& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return fail(Code::io, fmt::format("cannot read {}", file.string()));
    std::string text;
    constexpr std::size_t block = std::size_t{64} * 1024;
    // One block more than a body may have tells that it is too large, whatever is in it.
    while (stream && text.size() <= 2 * policy::max_body + block) {
        auto const size = text.size();
        text.resize(size + block);
        stream.read(text.data() + size, block);
        text.resize(size + static_cast<std::size_t>(stream.gcount()));
    }
    if (stream.bad()) return fail(Code::io, fmt::format("cannot read {}", file.string()));
    return text;
}

config::SiteMode mode_of(std::optional<db::SiteRow> const& site) {
    return site && site->mode == "native" ? config::SiteMode::native : config::SiteMode::mixed;
}

boost::json::object to_json(db::Policy const& entry) {
    boost::json::object object;
    object["policy_id"] = entry.policy_id;
    object["version"] = entry.version;
    object["flags"] = entry.flags;
    object["category"] = entry.category;
    object["type"] = db::name_of(entry.resource);
    object["hash"] = entry.sha256;
    object["sha1"] = entry.sha1;
    object["md5"] = entry.md5;
    object["added"] = iso_time_ms(entry.added);
    return object;
}

boost::json::object to_json(db::PolicyAssignment const& assignment) {
    boost::json::object object;
    object["assignment_id"] = assignment.assignment_id;
    object["policy_id"] = assignment.policy_id;
    object["target"] = db::name_of(assignment.target.kind);
    object["target_id"] = assignment.target.id;
    object["condition"] = assignment.condition;
    return object;
}

std::string target_text(db::PolicyTarget const& target) {
    return target.id.empty() ? std::string(db::name_of(target.kind))
                             : fmt::format("{} {}", db::name_of(target.kind), target.id);
}

/// Says where in the file the fault is.
Error in_file(std::string const& file, Error error) {
    auto const place = error.line == 0 ? file : fmt::format("{}:{}:{}", file, error.line, error.column);
    return {Code::usage, fmt::format("{}: {}", place, error.message), std::move(error.detail)};
}

Result<Authored> authored_in(PolicyOptions const& options) {
    auto text = read_file(options.source);
    if (!text) return std::unexpected(std::move(text.error()));
    return Authored{std::move(*text)};
}

/// `key=value`; the sequence of a task sequence may stand in a file, `sequence=@FILE`.
Result<std::pair<std::string, std::string>> read_parameter(std::string const& given) {
    auto const equals = given.find('=');
    if (equals == std::string::npos || equals == 0)
        return fail(Code::usage, fmt::format("--param takes key=value, \"{}\" is none", given));
    std::pair parameter(given.substr(0, equals), given.substr(equals + 1));
    if (!equal_ignoring_case(parameter.first, "sequence") || !parameter.second.starts_with('@'))
        return parameter;
    auto text = read_file(parameter.second.substr(1));
    if (!text) return std::unexpected(std::move(text.error()));
    parameter.second = std::move(*text);
    return parameter;
}

Result<Authored> authored_by(PolicyOptions const& options, std::string_view site_code) {
    auto const* found = policy::find_template(options.source);
    if (found == nullptr) {
        return fail(
            Code::usage,
            fmt::format("no template \"{}\": `pointman policy template --list` shows them", options.source));
    }
    std::vector<std::pair<std::string, std::string>> parameters;
    for (auto const& given : options.parameters) {
        auto parameter = read_parameter(given);
        if (!parameter) return std::unexpected(std::move(parameter.error()));
        parameters.push_back(std::move(*parameter));
    }
    auto xml = policy::fill(*found, parameters, site_code);
    if (!xml) return std::unexpected(std::move(xml.error()));
    return Authored{std::move(*xml), std::string(found->category), found->flags};
}

/// A row and its body.
struct Made {
    db::Policy entry;
    policy::Body body;
};

Result<Made> make(PolicyOptions const& options, Authored const& authored, std::string_view site_code,
                  TimePoint now) {
    auto const document = schemas::parse(as_bytes(authored.xml));
    if (!document) return std::unexpected(in_file(options.source, document.error()));
    auto flags = options.flags.value_or(authored.flags);
    if (options.secret) flags |= policy::flags_protected;
    auto body = policy::make_body(
        *document, {.policy_id = options.id,
                    .version = options.version,
                    .policy_type = options.type,
                    .policy_source = site_code.empty() ? std::string() : fmt::format("SMS:{}", site_code),
                    .compressed = (flags & policy::flag_compressed) != 0});
    if (!body) return std::unexpected(in_file(options.source, std::move(body.error())));
    db::Policy entry{.policy_id = body->policy_id,
                     .version = body->version,
                     .category = options.category.value_or(authored.category),
                     .resource =
                         body->policy_type == "User" ? db::PolicyResource::user : db::PolicyResource::machine,
                     .flags = flags,
                     .added = now,
                     .sha256 = body->sha256,
                     .sha1 = body->sha1,
                     .md5 = body->md5};
    return Made{std::move(entry), std::move(*body)};
}

int say_added(Target const& target, db::Policy const& entry) {
    if (target.json) {
        print_json(to_json(entry));
    } else {
        fmt::print("policy {} version {}, flags {}\n", entry.policy_id, entry.version, entry.flags);
    }
    return done;
}

/// `authored(site_code) -> Result<Authored>`.
template <class F>
int store_policy(Target const& target, PolicyOptions const& options, Clock const& clock, F const& authored) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const site = site_of(target, **store);
    if (!site) return report(site.error());
    auto const site_code = *site ? (*site)->site_code : std::string();
    auto const document = authored(site_code);
    if (!document) return report(document.error());
    auto made = make(options, *document, site_code, clock.now());
    if (!made) return report(made.error());
    auto const& [entry, body] = *made;
    if (body.has_secrets && (entry.flags & policy::flag_secret) == 0) {
        fmt::print(stderr, "pointman: warning: this policy has secret values, and everybody may fetch it: "
                           "obfuscation hides, it does not protect. --secret protects it.\n");
    }
    auto const mode = mode_of(*site);
    auto const added = (*store)->write_and_wait([&](db::Transaction& transaction) {
        return policy::add_policy(transaction, entry, body.content, mode);
    });
    if (!added) return report(added.error());
    return say_added(target, entry);
}

int list_templates(Target const& target) {
    boost::json::array array;
    for (auto const& each : policy::policy_templates()) {
        boost::json::array parameters;
        if (!target.json)
            fmt::print("{}\n", wrapped(fmt::format("{}: {} (category {}, flags {})", each.name, each.help,
                                                   each.category, each.flags),
                                       "    "));
        for (auto const& parameter : each.parameters) {
            parameters.emplace_back(boost::json::object{{"name", parameter.name},
                                                        {"help", parameter.help},
                                                        {"default", parameter.fallback},
                                                        {"required", parameter.required},
                                                        {"repeatable", parameter.repeatable}});
            if (target.json) continue;
            std::string_view const times = parameter.repeatable ? " (repeatable)" : "";
            auto const otherwise = parameter.required           ? std::string(" (required)")
                                   : parameter.fallback.empty() ? std::string()
                                                                : fmt::format(" [{}]", parameter.fallback);
            fmt::print("  {}{}{}\n      {}\n", parameter.name, times, otherwise,
                       wrapped(parameter.help, "      "));
        }
        array.emplace_back(boost::json::object{{"name", each.name},
                                               {"help", each.help},
                                               {"category", each.category},
                                               {"flags", each.flags},
                                               {"parameters", std::move(parameters)}});
    }
    if (target.json) print_json(array);
    return done;
}

int fill_template(Target const& target, PolicyOptions const& options, Clock const& clock) {
    if (options.list_templates) return list_templates(target);
    if (options.source.empty())
        return report({Code::usage, "which template? `pointman policy template --list` shows them", {}});
    return store_policy(target, options, clock,
                        [&options](std::string const& site) { return authored_by(options, site); });
}

Result<db::PolicyTarget> target_in(db::Session& session, AssignOptions const& options) {
    if (options.all) return db::PolicyTarget{};
    if (!options.client.empty()) {
        auto const id = find_computer(session, options.client);
        if (!id) return std::unexpected(id.error());
        return db::PolicyTarget{db::PolicyTarget::Kind::client, id->text()};
    }
    auto const collection = db::Collections(session).resolve(options.collection);
    if (!collection) return std::unexpected(collection.error());
    return db::PolicyTarget{db::PolicyTarget::Kind::collection, collection->collection_id};
}

int assign_policy(Target const& target, AssignOptions const& options) {
    auto const ways =
        (options.all ? 1 : 0) + (options.client.empty() ? 0 : 1) + (options.collection.empty() ? 0 : 1);
    if (ways != 1) return report({Code::usage, "to whom? give one of --client, --collection and --all", {}});
    auto store = target.open();
    if (!store) return report(store.error());
    auto const site = site_of(target, **store);
    if (!site) return report(site.error());
    auto const assigned =
        (*store)->write_and_wait([&](db::Transaction& transaction) -> Result<db::PolicyAssignment> {
            auto const whom = target_in(transaction, options);
            if (!whom) return std::unexpected(whom.error());
            return policy::assign(transaction, options.policy, *whom, options.condition, mode_of(*site));
        });
    if (!assigned) return report(assigned.error());
    if (target.json) {
        print_json(to_json(*assigned));
    } else {
        fmt::print("assignment {}: policy {} to {}\n", assigned->assignment_id, assigned->policy_id,
                   target_text(assigned->target));
    }
    return done;
}

int unassign_policy(Target const& target, std::string const& assignment) {
    return carry_out(
        target,
        [&assignment](db::Transaction& transaction) {
            return db::PolicyAssignments::remove(transaction, assignment);
        },
        {{"assignment_id", assignment}}, fmt::format("removed assignment {}", assignment));
}

int list_policies(Target const& target) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const policies = (*store)->read([](db::Session& session) { return db::Policies(session).list(); });
    if (!policies) return report(policies.error());
    if (target.json) {
        boost::json::array array;
        for (auto const& entry : *policies) array.emplace_back(to_json(entry));
        print_json(array);
        return done;
    }
    std::vector<std::vector<std::string>> rows;
    for (auto const& entry : *policies) {
        rows.push_back({entry.policy_id, entry.version, std::string(db::name_of(entry.resource)),
                        std::to_string(entry.flags), entry.category});
    }
    print_table({"POLICY", "VERSION", "TYPE", "FLAGS", "CATEGORY"}, rows);
    return done;
}

/// A policy with all that belongs to it.
struct Shown {
    std::vector<db::Policy> versions; ///< the current one first
    std::vector<db::PolicyAssignment> assignments;
    std::string body; ///< of the current version, UTF-8; values with secrets obfuscated
};

Result<Shown> find_policy(db::Session& session, std::string const& which) {
    auto const current = db::Policies(session).resolve(which);
    if (!current) return std::unexpected(current.error());
    auto versions = db::Policies(session).versions_of(which);
    if (!versions) return std::unexpected(std::move(versions.error()));
    auto assignments = db::PolicyAssignments(session).of_policy(which);
    if (!assignments) return std::unexpected(std::move(assignments.error()));
    auto const content = db::Policies(session).body(current->sha256);
    if (!content) return std::unexpected(content.error());
    if (!*content) return fail(Code::storage, "the database has lost the policy's body");
    auto text = policy::body_text(**content);
    if (!text) return std::unexpected(std::move(text.error()));
    return Shown{std::move(*versions), std::move(*assignments), std::move(*text)};
}

boost::json::object to_json(Shown const& shown) {
    auto object = to_json(shown.versions.front());
    boost::json::array versions;
    for (auto const& version : shown.versions) versions.emplace_back(to_json(version));
    boost::json::array assignments;
    for (auto const& assignment : shown.assignments) assignments.emplace_back(to_json(assignment));
    object["versions"] = std::move(versions);
    object["assignments"] = std::move(assignments);
    object["body"] = shown.body;
    return object;
}

void print(Shown const& shown) {
    auto const& current = shown.versions.front();
    std::vector<std::string> versions;
    versions.reserve(shown.versions.size());
    for (auto const& version : shown.versions) versions.push_back(version.version);
    print_fields({{"policy", current.policy_id},
                  {"version", current.version},
                  {"versions", fmt::format("{}", fmt::join(versions, " "))},
                  {"type", std::string(db::name_of(current.resource))},
                  {"category", current.category},
                  {"flags", std::to_string(current.flags)},
                  {"added", iso_time(current.added)},
                  {"SHA-256", current.sha256}});
    std::vector<std::vector<std::string>> rows;
    rows.reserve(shown.assignments.size());
    for (auto const& assignment : shown.assignments)
        rows.push_back({assignment.assignment_id, target_text(assignment.target), assignment.condition});
    if (rows.empty()) return;
    fmt::print("\n");
    print_table({"ASSIGNMENT", "TO", "CONDITION"}, rows);
}

int show_policy(Target const& target, std::string const& which, bool body) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const shown = (*store)->read([&which](db::Session& session) { return find_policy(session, which); });
    if (!shown) return report(shown.error());
    if (body) {
        fmt::print("{}\n", shown->body);
    } else if (target.json) {
        print_json(to_json(*shown));
    } else {
        print(*shown);
    }
    return done;
}

int remove_policy(Target const& target, std::string const& which) {
    return carry_out_and_tell(
        target,
        [&which](db::Transaction& transaction) -> Result<db::Policy> {
            auto entry = db::Policies(transaction).resolve(which);
            if (!entry) return entry;
            if (auto removed = db::Policies::remove(transaction, which); !removed)
                return std::unexpected(std::move(removed.error()));
            return entry;
        },
        [](db::Policy const& gone) { return to_json(gone); },
        [](db::Policy const& gone) { return fmt::format("removed policy {}", gone.policy_id); });
}

/// `3.00` becomes `4.00`. Where that one is stored already, the first that is not.
std::string next_version(std::vector<db::Policy> const& versions) {
    auto major = std::strtoull(versions.front().version.c_str(), nullptr, 10);
    for (;;) {
        auto next = fmt::format("{}.00", ++major);
        if (std::ranges::find(versions, next, &db::Policy::version) == versions.end()) return next;
    }
}

Result<db::Policy> bump_in(db::Transaction& transaction, std::string const& which, config::SiteMode mode,
                           TimePoint now) {
    auto entry = db::Policies(transaction).resolve(which);
    if (!entry) return entry;
    auto const versions = db::Policies(transaction).versions_of(which);
    if (!versions) return std::unexpected(versions.error());
    auto const content = db::Policies(transaction).body(entry->sha256);
    if (!content) return std::unexpected(content.error());
    if (!*content) return fail(Code::storage, "the database has lost the policy's body");
    auto body = policy::reversion(**content, next_version(*versions));
    if (!body) return std::unexpected(std::move(body.error()));
    entry->version = body->version;
    entry->added = now;
    entry->sha256 = body->sha256;
    entry->sha1 = body->sha1;
    entry->md5 = body->md5;
    if (auto added = policy::add_policy(transaction, *entry, body->content, mode); !added)
        return std::unexpected(std::move(added.error()));
    return entry;
}

int bump_policy(Target const& target, std::string const& which, Clock const& clock) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const site = site_of(target, **store);
    if (!site) return report(site.error());
    auto const bumped = (*store)->write_and_wait([&](db::Transaction& transaction) {
        return bump_in(transaction, which, mode_of(*site), clock.now());
    });
    if (!bumped) return report(bumped.error());
    return say_added(target, *bumped);
}

void add_overrides(CLI::App& command, PolicyOptions& options) {
    command.add_option("--id", options.id, "instead of the document's PolicyID")->type_name("ID");
    command.add_option("--version", options.version, "instead of the document's PolicyVersion")
        ->type_name("N.NN");
    command.add_option("--type", options.type, "whose policy it is: machine or user")->type_name("TYPE");
    command.add_option("--category", options.category, "by which clients tell policies apart")
        ->type_name("TEXT");
    command
        .add_option("--flags", options.flags, "PolicyFlags: 2 needs authentication, 4 secret, 64 compressed")
        ->type_name("N");
    command.add_flag("--secret", options.secret, "flags 2 and 4: for those alone to whom it is assigned");
}

} // namespace

void add_policy_command(CLI::App& program, Action& action, Clock const& clock) {
    Commands const commands(program, action, "policy", "what clients are told to do");
    auto const& target = commands.target();
    auto options = std::make_shared<PolicyOptions>();
    auto assigning = std::make_shared<AssignOptions>();
    auto which = std::make_shared<std::string>();
    auto body = std::make_shared<bool>(false);
    auto takes_policy = [](CLI::App* sub, std::string& into) {
        sub->add_option("policy", into, "its id")->required()->type_name("POLICY");
        return sub;
    };

    auto* added = commands.add("add", "a policy from its document, or another version of it", [=, &clock] {
        return store_policy(*target, *options, clock,
                            [&options](std::string const&) { return authored_in(*options); });
    });
    added->add_option("file", options->source, "a Policy document, values with secret=\"1\" in clear")
        ->required()
        ->type_name("FILE");
    add_overrides(*added, *options);

    auto* filled = commands.add("template", "a policy made from a template",
                                [=, &clock] { return fill_template(*target, *options, clock); });
    filled->add_option("name", options->source, "name of the template")->type_name("NAME");
    filled->add_flag("--list", options->list_templates, "all templates with their parameters");
    add_repeatable(*filled, "--param", options->parameters, "a parameter; sequence=@FILE takes a file's text")
        ->type_name("KEY=VALUE");
    add_overrides(*filled, *options);

    auto* assigned = takes_policy(commands.add("assign", "give a policy to clients",
                                               [=] { return assign_policy(*target, *assigning); }),
                                  assigning->policy);
    assigned->add_option("--client", assigning->client, "one client, or an unknown machine")
        ->type_name("SMSID|NAME");
    assigned->add_option("--collection", assigning->collection, "those in a collection")
        ->type_name("ID|NAME");
    assigned->add_flag("--all", assigning->all, "everybody, unknown machines too");
    assigned->add_option("--condition", assigning->condition, "where the client finds this true")
        ->type_name("WQL");

    commands.add("unassign", "take an assignment back", [=] { return unassign_policy(*target, *which); })
        ->add_option("assignment", *which, "its id")
        ->required()
        ->type_name("ASSIGNMENT");
    commands.add("list", "the current version of every policy", [=] { return list_policies(*target); });
    takes_policy(commands.add("show", "one policy, its versions and to whom it is assigned",
                              [=] { return show_policy(*target, *which, *body); }),
                 *which)
        ->add_flag("--body", *body, "print its document, secret values obfuscated");
    takes_policy(commands.add("remove", "forget it, with all versions and assignments",
                              [=] { return remove_policy(*target, *which); }),
                 *which);
    takes_policy(commands.add("bump", "the same as a new version, which clients fetch again",
                              [=, &clock] { return bump_policy(*target, *which, clock); }),
                 *which);
}

} // namespace pointman::cli
