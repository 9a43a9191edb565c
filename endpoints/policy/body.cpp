// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/body.hpp"

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"
#include "endpoints/policy/xml_text.hpp"
#include "server/wire/utf16.hpp"
#include "server/wire/zlib.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pointman::endpoints::policy {

namespace {

using schemas::Element;

constexpr std::size_t longest_id = 256;
constexpr std::size_t longest_version_part = 8;

std::unexpected<Error> fault(Element const& at, std::string message) {
    return std::unexpected(Error{Code::usage, std::move(message), {}, at.line(), at.column()});
}

bool all_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Result<void> check_version(std::string_view version) {
    auto const dot = std::min(version.find('.'), version.size());
    auto const major = version.substr(0, dot);
    auto const minor = version.substr(std::min(dot + 1, version.size()));
    auto const fits = [](std::string_view part) {
        return all_digits(part) && part.size() <= longest_version_part;
    };
    if (fits(major) && fits(minor)) return {};
    return fail(
        Code::usage,
        fmt::format("the policy version \"{}\" is not of the form 1.00: two numbers of at most {} digits",
                    version, longest_version_part));
}

/// `.1_00`: what a URL has behind the id.
bool ends_like_version(std::string_view id) {
    auto const dot = id.rfind('.');
    if (dot == std::string_view::npos) return false;
    auto const tail = id.substr(dot + 1);
    auto const underscore = tail.find('_');
    return underscore != std::string_view::npos && all_digits(tail.substr(0, underscore)) &&
           all_digits(tail.substr(underscore + 1));
}

/// The id stands in the query of a URL, in front of its version (policy.md 5), and in attributes. The slash
/// is no risk in a query, and the product's ids of applications have it.
Result<void> check_id(std::string_view id) {
    constexpr std::string_view letters_and_digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    auto const known = [&](char c) {
        return letters_and_digits.find(c) != std::string_view::npos ||
               std::string_view("{}-_./").find(c) != std::string_view::npos;
    };
    if (id.size() > longest_id)
        return fail(Code::usage, fmt::format("the policy id is longer than {} characters", longest_id));
    if (!std::ranges::all_of(id, known) || id.find_first_of(letters_and_digits) == std::string_view::npos)
        return fail(Code::usage,
                    fmt::format("the policy id \"{}\" may hold letters, digits and {{}}-_./ only", id));
    if (ends_like_version(id))
        return fail(Code::usage,
                    fmt::format("the policy id \"{}\" ends like the version in a policy's URL", id));
    return {};
}

Result<void> check_type(std::string_view type) {
    if (equal_ignoring_case(type, "Machine") || equal_ignoring_case(type, "User")) return {};
    return fail(Code::usage, fmt::format("the policy type \"{}\" is neither Machine nor User", type));
}

/// The attributes of `Policy` that are not just copied; "" = left as they are.
struct Head {
    std::string policy_id;
    std::string version;
    std::string policy_type;
    std::string policy_source;

    /// What an attribute becomes; "" for the others.
    std::string_view of(std::string_view attribute) const {
        if (attribute == "PolicyID") return policy_id;
        if (attribute == "PolicyVersion") return version;
        if (attribute == "PolicyType") return policy_type;
        if (attribute == "PolicySource") return policy_source;
        return {};
    }
};

/// The option, or else what the document says; "" where neither says anything.
Result<std::string> option_or(std::string_view option, Element const& root, std::string_view attribute,
                              Result<void> (*check)(std::string_view)) {
    auto const given = option.empty() ? root.attribute_or(attribute, "") : option;
    if (given.empty()) return std::string();
    if (auto const fits = check(given); !fits) {
        if (option.empty()) return fault(root, fits.error().message);
        return std::unexpected(fits.error());
    }
    return std::string(given);
}

Result<Head> head_of(Element const& root, BodyOptions const& options) {
    auto id = option_or(options.policy_id, root, "PolicyID", check_id);
    if (!id) return std::unexpected(id.error());
    auto version = option_or(options.version, root, "PolicyVersion", check_version);
    if (!version) return std::unexpected(version.error());
    auto const type = option_or(options.policy_type, root, "PolicyType", check_type);
    if (!type) return std::unexpected(type.error());

    Head head;
    head.policy_id = id->empty() ? "{" + to_lower(random_uuid()) + "}" : std::move(*id);
    head.version = version->empty() ? "1.00" : std::move(*version);
    head.policy_type = equal_ignoring_case(*type, "User") ? "User" : "Machine";
    auto const source = root.attribute_or("PolicySource", "");
    head.policy_source = source.empty() ? options.policy_source : source;
    return head;
}

enum class Secrets {
    clear,      ///< values of secret properties are to be obfuscated
    obfuscated, ///< they are already
};

/// Writes a `Policy` document as UTF-8.
class Writer {
public:
    Writer(Head const& head, Secrets secrets)
        : head_(head)
        , secrets_(secrets) {}

    Result<std::string> write(Element const& policy) {
        if (policy.name() != "Policy")
            return fault(policy, fmt::format("the root element is {}, not Policy", policy.name()));
        if (auto const written = write_element(policy, Place::root); !written)
            return std::unexpected(written.error());
        return std::move(out_);
    }

    bool has_secrets() const { return has_secrets_; }

private:
    enum class Place { root, inside, in_secret_property };

    Result<void> write_element(Element const& element, Place place) {
        if (auto const fits = check_room(element); !fits) return fits;
        out_.push_back('<');
        out_ += element.name();
        if (auto const written = write_attributes(element, place); !written) return written;
        if (place == Place::root) write_missing_attributes(element);
        auto const start = out_.size();
        out_.push_back('>');
        if (auto const written = write_content(element, place); !written) return written;
        if (out_.size() == start + 1) {
            out_.insert(start, 1, '/');
        } else {
            out_ += "</";
            out_ += element.name();
            out_.push_back('>');
        }
        return {};
    }

    /// A document of many times the bound must not be written to its end first: what is over so many bytes of
    /// UTF-8 is over the bound in UTF-16 too.
    Result<void> check_room(Element const& element) const {
        if (out_.size() + element.text().size() <= max_body / 2 * 3) return {};
        return fault(element, fmt::format("the policy body would be larger than {} bytes", max_body));
    }

    Result<void> write_attributes(Element const& element, Place place) {
        auto const all = element.attributes();
        for (std::size_t i = 0; i < all.size(); ++i) {
            auto const name = all[i].name;
            auto const same = [name](Element::Attribute const& other) { return other.name == name; };
            // Prefixes are gone by now, so two names may have become one.
            if (std::any_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), same))
                return fault(element, fmt::format("{} has the attribute {} twice", element.name(), name));
            auto const instead = place == Place::root ? head_.of(name) : std::string_view();
            append_attribute(out_, name, instead.empty() ? all[i].value : instead);
        }
        return {};
    }

    void write_missing_attributes(Element const& root) {
        auto const add = [&](std::string_view name, std::string_view value) {
            if (!value.empty() && !root.attribute(name)) append_attribute(out_, name, value);
        };
        add("PolicyType", head_.policy_type);
        add("SchemaVersion", "1.00");
        add("PolicyID", head_.policy_id);
        add("PolicyVersion", head_.version);
        add("PolicySource", head_.policy_source);
    }

    Result<void> write_content(Element const& element, Place place) {
        if (place == Place::in_secret_property) return write_secret(element);
        if (!element.has_children()) {
            auto const secret = is_secret(element);
            if (!secret) return std::unexpected(secret.error());
            if (*secret && !element.text().empty()) return value_outside(element);
            write_text(element);
            return {};
        }
        return write_children(element);
    }

    void write_text(Element const& element) {
        if (element.name() == "value") {
            append_value(out_, without_layout(element.text()));
        } else {
            append_text(out_, element.text());
        }
    }

    Result<void> write_children(Element const& element) {
        // How text and elements alternate is not kept, and nothing in a policy has both.
        if (!element.text().empty())
            return fault(element, fmt::format("{} has text beside its elements", element.name()));
        auto const secret = is_secret(element);
        if (!secret) return std::unexpected(secret.error());
        for (Element const child : element.children()) {
            if (*secret && child.name() != "value") return value_outside(element);
            auto const place = *secret ? Place::in_secret_property : Place::inside;
            if (auto const written = write_element(child, place); !written) return written;
        }
        return {};
    }

    /// A spelling that means "secret" to its author alone would let a password out in clear.
    Result<bool> is_secret(Element const& element) {
        bool secret = false;
        for (auto const& [name, value] : element.attributes()) {
            if (!equal_ignoring_case(name, "secret")) continue;
            if (name != "secret" || element.name() != "property")
                return fault(element, fmt::format("{} of {} hides nothing; secret of property does", name,
                                                  element.name()));
            if (value != "0" && value != "1")
                return fault(element, fmt::format("secret is \"{}\"; it is 1 or 0", value));
            secret = value == "1";
        }
        has_secrets_ = has_secrets_ || secret;
        return secret;
    }

    static std::unexpected<Error> value_outside(Element const& element) {
        return fault(element, fmt::format("the secret property {} has content outside of value elements",
                                          element.attribute_or("name", "(without a name)")));
    }

    Result<void> write_secret(Element const& element) {
        if (element.has_children()) return fault(element, "the value of a secret property has elements");
        auto parts = without_layout(element.text());
        std::string hidden;
        if (secrets_ == Secrets::clear) {
            hidden = obfuscate(parts.inside);
            parts.inside = hidden;
        }
        append_value(out_, parts);
        return {};
    }

    Head const& head_;
    Secrets secrets_;
    std::string out_;
    bool has_secrets_ = false;
};

Bytes with_mark(std::string_view text) {
    Bytes content{std::byte{0xFF}, std::byte{0xFE}};
    auto const units = wire::to_utf16le(text);
    content.insert(content.end(), units.begin(), units.end());
    return content;
}

Bytes packed(BytesView plain) {
    return with_mark("<PolicyXML Compression=\"zlib\" Version=\"1\">" + to_hex(wire::zlib_compress(plain)) +
                     "</PolicyXML>");
}

Result<Body> written(Element const& policy, Head const& head, Secrets secrets, bool compressed) {
    Writer writer(head, secrets);
    auto const text = writer.write(policy);
    if (!text) return std::unexpected(text.error());
    auto plain = with_mark(*text);
    if (plain.size() > max_body)
        return fail(Code::usage,
                    fmt::format("the policy body is {} bytes; {} are allowed", plain.size(), max_body));
    Body body;
    body.policy_id = head.policy_id;
    body.version = head.version;
    body.policy_type = head.policy_type;
    body.has_secrets = writer.has_secrets();
    body.content = compressed ? packed(plain) : std::move(plain);
    body.sha256 = sha256_hex(body.content);
    body.sha1 = digest_hex(body.content, EVP_sha1());
    body.md5 = digest_hex(body.content, EVP_md5());
    return body;
}

/// What is not as make_body() leaves it.
std::unexpected<Error> damaged(Error error) {
    error.code = Code::malformed;
    error.message = "the stored policy body is damaged: " + error.message;
    return std::unexpected(std::move(error));
}
std::unexpected<Error> damaged(std::string_view why) {
    Error error;
    error.message = why;
    return damaged(std::move(error));
}

/// The hexadecimal of a body that can hardly be compressed is longer than any text of a client's may be.
constexpr schemas::Limits body_limits{.max_text = 4 * max_body};

/// A stored body's `Policy` document, out of its `PolicyXML` where it has one.
struct Opened {
    schemas::Document document;
    Bytes plain; ///< UTF-16LE with mark
    bool compressed = false;
};

Result<Opened> open(BytesView content) {
    auto outer = schemas::parse(content, body_limits);
    if (!outer) return damaged(outer.error());
    auto const root = outer->root();
    if (root.name() != "PolicyXML")
        return Opened{std::move(*outer), Bytes(content.begin(), content.end()), false};
    if (!equal_ignoring_case(root.attribute_or("Compression", ""), "zlib"))
        return damaged("its compression is not zlib");
    auto const compressed = from_hex(root.text());
    if (!compressed) return damaged(compressed.error());
    // Our own content, bounded in size: no ratio is too good.
    auto plain = wire::zlib_decompress(*compressed, {.max_inflated = max_body, .max_ratio = max_body});
    if (!plain) return damaged(plain.error());
    auto inner = schemas::parse(*plain, body_limits);
    if (!inner) return damaged(inner.error());
    return Opened{std::move(*inner), std::move(*plain), true};
}

} // namespace

Result<Body> make_body(schemas::Document const& authored, BodyOptions const& options) {
    auto const root = authored.root();
    auto const head = head_of(root, options);
    if (!head) return std::unexpected(head.error());
    return written(root, *head, Secrets::clear, options.compressed);
}

Result<Body> reversion(BytesView content, std::string_view version) {
    if (auto const fits = check_version(version); !fits) return std::unexpected(fits.error());
    auto const opened = open(content);
    if (!opened) return std::unexpected(opened.error());
    auto const root = opened->document.root();
    if (root.attribute_or("PolicyID", "").empty()) return damaged("it has no PolicyID");
    BodyOptions options;
    options.version = version;
    auto const head = head_of(root, options);
    if (!head) return damaged(head.error());
    auto body = written(root, *head, Secrets::obfuscated, opened->compressed);
    if (!body) return damaged(body.error());
    return body;
}

Result<std::string> body_text(BytesView content) {
    auto const opened = open(content);
    if (!opened) return std::unexpected(opened.error());
    auto text = wire::to_utf8(opened->plain);
    if (!text) return damaged(text.error());
    return text;
}

} // namespace pointman::endpoints::policy
