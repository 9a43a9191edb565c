// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "endpoints/mif/cursor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <set>
#include <tuple>
#include <utility>

namespace pointman::mif {

namespace {

/// A kind of block and what it may hold, for messages.
struct Block {
    std::string_view name;
    std::string_view inside;
};
constexpr Block component_block{"COMPONENT",
                                "NAME, DESCRIPTION, PRAGMA, START PATH, START ENUM, START GROUP, "
                                "START TABLE"};
constexpr Block group_block{"GROUP", "NAME, CLASS, ID, KEY, DESCRIPTION, PRAGMA, START ATTRIBUTE"};
constexpr Block attribute_block{"ATTRIBUTE", "NAME, ID, DESCRIPTION, ACCESS, STORAGE, TYPE, VALUE"};
constexpr Block table_block{"TABLE", "NAME, ID, CLASS, DESCRIPTION, a row in braces"};
constexpr Block enumeration_block{"ENUM", "NAME, TYPE, a number with its text"};
constexpr Block path_block{"PATH", "NAME, an operating system with its path"};

constexpr std::size_t most_expansion = 16;        ///< bytes of instances for a byte of text
constexpr std::size_t always_allowed = 1'000'000; ///< bytes of instances of a short text
constexpr std::size_t bytes_around_a_value = 6;   ///< quotes, colon, comma

/// An attribute while it is read, and what tables ask of it later.
struct Definition {
    Attribute attribute;
    Type type{};
    std::optional<std::string> value{};
};

struct NamedKey {
    std::uint64_t id = 0;
    Mark mark;
};

/// A group while it is read. As a template it is asked for by tables.
struct Draft {
    Group group;
    std::vector<Definition> definitions{};
    std::vector<std::size_t> with_value{};         ///< indices of definitions
    std::map<std::uint64_t, std::size_t> places{}; ///< of attributes by their ids
    std::vector<NamedKey> keys{};
    Mark begin{};
    bool is_template = false;
};

/// Blocks stand in others in one way only, so that nothing is as deep as a text may ask for.
class Reading : private Cursor {
public:
    Reading(std::string_view text, Limits const& limits)
        : Cursor(text, {limits.name, limits.value})
        , limits_(limits)
        , instances_(limits.instances_before)
        , bytes_left_(std::min(limits.instance_bytes, always_allowed + most_expansion * text.size())) {}

    Result<Component> run() {
        read_file();
        if (!has_failed()) finish();
        if (has_failed()) return std::unexpected(take_fault());
        return std::move(component_);
    }

private:
    // --- Blocks ---

    /// Statements up to END. `read(name, is_start)` reads what follows the name of a statement or of an inner
    /// block; `read_other()` what begins with no word. Each says whether the block may hold that.
    template <class Read, class ReadOther>
    void read_block(Block const& block, Read const& read, ReadOther const& read_other) {
        auto const begin = start_;
        advance(); // the block's name
        while (!has_failed()) {
            if (is_at(Token::Kind::end))
                return expected(fmt::format("END {} of line {}", block.name, begin.line));
            auto first = token();
            bool is_known = false;
            if (is_at(Token::Kind::word)) {
                advance();
                if (equal_ignoring_case(first.view, "END")) return take_word(block.name);
                bool const is_start = equal_ignoring_case(first.view, "START");
                if (is_start) {
                    start_ = first.mark;
                    first = token();
                }
                is_known = read(first.view, is_start);
            } else {
                is_known = read_other();
            }
            if (!is_known && !has_failed()) {
                fault(first.mark,
                      fmt::format("expected {} or END {}, found {}", block.inside, block.name, shown(first)));
            }
        }
    }
    template <class Read>
    void read_block(Block const& block, Read const& read) {
        read_block(block, read, [] { return false; });
    }

    static bool is(std::string_view name, std::string_view word) { return equal_ignoring_case(name, word); }

    bool pass_description(std::string_view name) {
        if (!is(name, "DESCRIPTION") && !is(name, "PRAGMA")) return false;
        pass_text();
        return true;
    }

    void read_file() {
        while (is_at_word("LANGUAGE")) {
            advance();
            pass_text();
        }
        start_ = token().mark;
        take_word("START");
        if (!is_at_word("COMPONENT")) return expected("COMPONENT");
        read_block(component_block, [this](std::string_view name, bool is_start) {
            return is_start ? read_part(name) : read_of_component(name);
        });
        if (!has_failed() && !is_at(Token::Kind::end)) expected("the end of the text");
    }

    bool read_of_component(std::string_view name) {
        if (!is(name, "NAME")) return pass_description(name);
        component_.name = take_name();
        return true;
    }

    bool read_part(std::string_view kind) {
        if (is(kind, "GROUP")) {
            read_group();
        } else if (is(kind, "TABLE")) {
            read_table();
        } else if (is(kind, "ENUM")) {
            auto [name, enumeration] = read_enumeration();
            if (!name.empty()) enumerations_.insert_or_assign(std::move(name), std::move(enumeration));
        } else if (is(kind, "PATH")) {
            read_path();
        } else {
            return false;
        }
        return true;
    }

    void read_path() {
        read_block(path_block, [this](std::string_view, bool is_start) {
            if (is_start) return false;
            take_symbol('=');
            if (is_at_word("direct-interface")) {
                advance();
            } else {
                take_text(limits_.value);
            }
            return true;
        });
    }

    // --- Enumerations ---

    using NamedEnumeration = std::pair<std::string, std::shared_ptr<Enumeration const>>;

    NamedEnumeration read_enumeration() {
        std::string name;
        auto items = std::make_shared<Enumeration>();
        read_block(
            enumeration_block,
            [&](std::string_view statement, bool is_start) {
                if (is_start) return false;
                if (is(statement, "NAME")) {
                    name = take_name();
                } else if (is(statement, "TYPE")) {
                    pass_word();
                } else {
                    return pass_description(statement);
                }
                return true;
            },
            [&] { return read_item(*items); });
        return {to_lower(name), std::move(items)};
    }

    bool read_item(Enumeration& items) {
        if (!is_at(Token::Kind::number)) return false;
        auto const value = number_of(token().view);
        if (!value) {
            expected("a number");
            return true;
        }
        advance();
        take_symbol('=');
        auto text = take_text(limits_.name);
        items.numbers.insert_or_assign(to_lower(text), *value);
        items.texts.insert_or_assign(*value, std::move(text));
        return true;
    }

    // --- Groups ---

    void read_group() {
        Draft draft{.group = {}, .begin = start_};
        std::optional<Mark> class_mark;
        auto name_mark = start_;
        read_block(group_block, [&](std::string_view name, bool is_start) {
            if (is_start) return is(name, "ATTRIBUTE") && read_attribute(draft);
            if (is(name, "NAME")) {
                std::tie(draft.group.name, name_mark) = take_marked_name();
            } else if (is(name, "CLASS")) {
                std::tie(draft.group.class_text, class_mark) = take_marked_name();
            } else if (is(name, "ID")) {
                take_id();
            } else if (is(name, "KEY")) {
                draft.keys = take_keys();
            } else {
                return pass_description(name);
            }
            return true;
        });
        if (has_failed()) return;
        if (draft.group.name.empty() && draft.group.class_text.empty())
            return fault(draft.begin, "a group with neither NAME nor CLASS");
        draft.group.class_place = place_of(class_mark.value_or(name_mark));
        settle_keys(draft);
        keep(std::move(draft));
    }

    void keep(Draft draft) {
        if (drafts_.size() == limits_.groups) {
            return fault(draft.begin, fmt::format("more than {} groups", limits_.groups),
                         Code::limit_exceeded);
        }
        if (!draft.group.class_text.empty())
            templates_.insert_or_assign(to_lower(draft.group.class_text), drafts_.size());
        drafts_.push_back(std::move(draft));
    }

    std::vector<NamedKey> take_keys() {
        std::vector<NamedKey> keys;
        take_symbol('=');
        do {
            auto const mark = token().mark;
            keys.push_back({take_number("the number of an attribute"), mark});
        } while (take_symbol_if(','));
        return keys;
    }

    void settle_keys(Draft& draft) {
        std::set<std::size_t> seen;
        for (auto const& [id, mark] : draft.keys) {
            auto const known = draft.places.find(id);
            if (known == draft.places.end())
                return fault(mark,
                             fmt::format("KEY names the attribute {}, which the group does not have", id));
            if (!seen.insert(known->second).second)
                return fault(mark, fmt::format("KEY names the attribute {} twice", id));
            draft.group.keys.push_back(known->second);
        }
    }

    // --- Attributes ---

    /// Says always that a group may hold one.
    bool read_attribute(Draft& draft) {
        auto const begin = start_;
        Definition definition;
        std::optional<std::uint64_t> id;
        std::optional<Written> written;
        read_block(attribute_block, [&](std::string_view name, bool is_start) {
            if (is_start) return false;
            if (is(name, "NAME")) {
                definition.attribute.name = take_name();
            } else if (is(name, "ID")) {
                id = take_id();
            } else if (is(name, "ACCESS") || is(name, "STORAGE")) {
                pass_word();
            } else if (is(name, "TYPE")) {
                definition.type = take_type();
            } else if (is(name, "VALUE")) {
                take_symbol('=');
                written = take_value();
            } else {
                return pass_description(name);
            }
            return true;
        });
        if (has_failed()) return true;
        if (definition.attribute.name.empty()) return is_missing(begin, "NAME");
        if (!id) return is_missing(begin, "ID");
        if (!definition.type.scalar && !definition.type.enumeration) return is_missing(begin, "TYPE");
        definition.attribute.id = *id;
        if (written) definition.value = converted(definition.type, *written);
        add(draft, std::move(definition), begin);
        return true;
    }

    bool is_missing(Mark const& mark, std::string_view what) {
        fault(mark, fmt::format("an attribute without {}", what));
        return true;
    }

    void add(Draft& draft, Definition definition, Mark const& begin) {
        auto const id = definition.attribute.id;
        if (draft.definitions.size() == limits_.attributes) {
            return fault(begin, fmt::format("more than {} attributes in a group", limits_.attributes),
                         Code::limit_exceeded);
        }
        if (!draft.places.emplace(id, draft.definitions.size()).second)
            return fault(begin, fmt::format("the group has an attribute {} already", id));
        if (definition.value) draft.with_value.push_back(draft.definitions.size());
        draft.definitions.push_back(std::move(definition));
    }

    Type take_type() {
        take_symbol('=');
        auto const first = token();
        if (is_at(Token::Kind::text)) {
            auto const known = enumerations_.find(to_lower(trim(take_text(limits_.name))));
            if (known != enumerations_.end()) return {.enumeration = known->second};
            fault(first.mark, fmt::format("no enumeration before this is called {}", shown(first)));
            return {};
        }
        if (!is_at(Token::Kind::word)) {
            expected("the name of a type");
            return {};
        }
        advance();
        if (equal_ignoring_case(first.view, "START")) {
            start_ = first.mark;
            if (is_at_word("ENUM")) return {.enumeration = read_enumeration().second};
            expected("ENUM");
            return {};
        }
        return take_scalar(first);
    }

    Type take_scalar(Token const& first) {
        Type type{.scalar = find_scalar(first.view)};
        if (type.scalar == nullptr && is_at(Token::Kind::word)) {
            type.scalar = find_scalar(fmt::format("{}{}", first.view, token().view));
            if (type.scalar != nullptr) advance();
        }
        if (type.scalar == nullptr) {
            fault(first.mark,
                  fmt::format("expected Counter, Counter64, Gauge, Integer, Integer64, OctetString, String, "
                              "DisplayString, Date or an enumeration, found {}",
                              shown(first)));
        } else if (type.scalar->form != Scalar::Form::number && take_symbol_if('(')) {
            type.length = take_number("a length");
            take_symbol(')');
        }
        return type;
    }

    // --- Tables ---

    void read_table() {
        Draft* of = nullptr;
        read_block(
            table_block,
            [&](std::string_view name, bool is_start) {
                if (is_start) return false;
                if (is(name, "CLASS")) {
                    of = take_template();
                } else if (is(name, "NAME")) {
                    take_name();
                } else if (is(name, "ID")) {
                    take_id();
                } else {
                    return pass_description(name);
                }
                return true;
            },
            [&] {
                if (!is_at_symbol('{')) return false;
                if (of == nullptr) {
                    fault(token().mark, "a row before the CLASS of its table");
                } else {
                    read_row(*of);
                }
                return true;
            });
    }

    Draft* take_template() {
        auto const [name, mark] = take_marked_name();
        auto const known = templates_.find(to_lower(name));
        if (known == templates_.end()) {
            fault(mark, fmt::format("no group before this has the CLASS \"{}\"", name));
            return nullptr;
        }
        auto& of = drafts_[known->second];
        of.is_template = true;
        return &of;
    }

    void read_row(Draft& of) {
        auto const begin = token().mark;
        std::vector<std::optional<Written>> row;
        do {
            advance(); // "{" or ","
            if (row.size() == of.definitions.size() && !is_at_symbol('}'))
                return expected(fmt::format("\"}}\" after {} values", row.size()));
            bool const is_left_out = is_at_symbol(',') || is_at_symbol('}');
            row.push_back(is_left_out ? std::nullopt : std::optional(take_value()));
        } while (is_at_symbol(','));
        take_symbol('}');
        add_row(of, row, begin);
    }

    void add_row(Draft& of, std::vector<std::optional<Written>> const& row, Mark const& begin) {
        Instance instance{{}, place_of(begin)};
        auto const given = std::min(row.size(), of.definitions.size());
        for (std::size_t i = 0; i < given; ++i) {
            auto const& definition = of.definitions[i];
            auto value = row[i] ? converted(definition.type, *row[i]) : definition.value;
            if (value) add(instance, i, definition, std::move(*value), begin);
        }
        // Not all attributes are looked at: a short row would cost as much as a long one.
        auto const rest = std::ranges::lower_bound(of.with_value, given);
        for (auto const i : std::ranges::subrange(rest, of.with_value.end())) {
            if (has_failed()) return;
            add(instance, i, of.definitions[i], *of.definitions[i].value, begin);
        }
        if (!instance.values.empty()) add(of.group, std::move(instance), begin);
    }

    // --- Instances ---

    std::optional<std::string> converted(Type const& type, Written const& written) {
        if (has_failed() || written.kind == Written::Kind::nothing) return std::nullopt;
        auto value = value_as(type, written);
        if (!value) {
            fault(written.token.mark, std::move(value.error()));
            return std::nullopt;
        }
        if (is_longer(*value, limits_.value)) {
            fault(written.token.mark, fmt::format("the value is longer than {} characters", limits_.value));
            return std::nullopt;
        }
        return std::move(*value);
    }

    void add(Instance& instance, std::size_t place, Definition const& definition, std::string value,
             Mark const& mark) {
        auto const size = definition.attribute.name.size() + value.size() + bytes_around_a_value;
        if (size > bytes_left_) {
            return fault(mark, "the instances up to this take too many bytes for so short a text",
                         Code::limit_exceeded);
        }
        bytes_left_ -= size;
        instance.values.push_back({place, std::move(value)});
    }

    void add(Group& group, Instance instance, Mark const& mark) {
        if (has_failed()) return;
        if (instances_ >= limits_.instances) {
            return fault(mark, fmt::format("more than {} instances", limits_.instances),
                         Code::limit_exceeded);
        }
        ++instances_;
        group.instances.push_back(std::move(instance));
    }

    /// Groups without a table are instances themselves.
    void finish() {
        for (auto& draft : drafts_) {
            Instance instance{{}, place_of(draft.begin)};
            for (std::size_t i = 0; i < draft.definitions.size(); ++i) {
                auto& definition = draft.definitions[i];
                if (!draft.is_template && definition.value)
                    add(instance, i, definition, std::move(*definition.value), draft.begin);
                draft.group.attributes.push_back(std::move(definition.attribute));
            }
            if (!instance.values.empty()) add(draft.group, std::move(instance), draft.begin);
            component_.groups.push_back(std::move(draft.group));
        }
    }

    Limits const& limits_;
    Mark start_; ///< of the START that was read last
    Component component_;
    std::vector<Draft> drafts_;
    std::map<std::string, std::size_t> templates_; ///< places in drafts_, by CLASS in lower case
    std::map<std::string, std::shared_ptr<Enumeration const>> enumerations_; ///< by name in lower case
    std::size_t instances_;
    std::size_t bytes_left_;
};

} // namespace

Result<Component> parse(std::string_view utf8, Limits const& limits) {
    return Reading(utf8, limits).run();
}

} // namespace pointman::mif
