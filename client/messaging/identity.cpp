// SPDX-License-Identifier: Apache-2.0
#include "base/ids.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "client/messaging/files.hpp"
#include "client/messaging/self_signed.hpp"
#include "client/transport/failure.hpp"

#include <fmt/format.h>

#include <pointman/identity.hpp>

namespace pointman::client {

namespace {

constexpr std::string_view key_file =
    "identity.pem"; ///< key and certificate: one file, so that they never part
constexpr std::string_view smsid_file = "smsid";
constexpr std::string_view serial_file = "state-serial";
constexpr std::size_t longest_line = 1024;

Result<void> make_keys(std::filesystem::path const& file, IdentityTerms const& terms) {
    std::error_code error;
    if (std::filesystem::exists(file, error)) return {};
    auto const key = wire::PrivateKey::generate(terms.key_bits);
    auto const text = key.to_pem() + self_signed_certificate(key, terms);
    // Where another process was faster, its key is the one.
    auto const written = write_new_file(file, as_bytes(text));
    if (!written) return std::unexpected(written.error());
    return {};
}

/// "" where the file is not there.
Result<std::string> read_line(std::filesystem::path const& file) {
    auto const content = read_file(file, longest_line);
    if (content) return std::string(trim(as_chars(*content)));
    if (content.error().code == Code::not_found) return std::string();
    return std::unexpected(content.error());
}

} // namespace

Result<Identity> Identity::open(std::filesystem::path directory, IdentityTerms const& terms) {
    if (auto const made = make_private_directory(directory); !made) return std::unexpected(made.error());
    auto const file = directory / key_file;
    if (auto const made = make_keys(file, terms); !made) return std::unexpected(made.error());
    auto credentials = Credentials::from_files(file, file);
    if (!credentials) return std::unexpected(credentials.error());
    Identity identity(std::move(directory), std::move(*credentials), true);
    if (auto const loaded = identity.load(); !loaded) return std::unexpected(loaded.error());
    return identity;
}

Result<Identity> Identity::open(std::filesystem::path directory, Credentials credentials) {
    if (auto const made = make_private_directory(directory); !made) return std::unexpected(made.error());
    Identity identity(std::move(directory), std::move(credentials), false);
    if (auto const loaded = identity.load(); !loaded) return std::unexpected(loaded.error());
    return identity;
}

Result<void> Identity::load() {
    auto line = read_line(directory_ / smsid_file);
    if (!line) return std::unexpected(line.error());
    if (!line->empty() && !ClientId::parse(*line))
        return fail(Code::storage, fmt::format("{} holds no SMSID: remove it, and register again",
                                               (directory_ / smsid_file).string()));
    smsid_ = std::move(*line);
    return {};
}

Result<void> Identity::remember(std::string smsid) {
    auto const id = ClientId::parse(smsid);
    if (!id) return fail(Code::invalid_argument, fmt::format("'{}' is no SMSID", smsid));
    if (auto const written = write_file(directory_ / smsid_file, as_bytes(id->text() + "\n"), private_file);
        !written)
        return written;
    smsid_ = id->text();
    return {};
}

Result<void> Identity::forget() {
    std::error_code error;
    std::filesystem::remove(directory_ / smsid_file, error);
    if (error)
        return fail(Code::storage,
                    fmt::format("cannot remove {}: {}", (directory_ / smsid_file).string(), error.message()));
    smsid_.clear();
    return {};
}

Result<std::uint64_t> Identity::take_serials(std::uint64_t count) {
    auto const file = directory_ / serial_file;
    auto const line = read_line(file);
    if (!line) return std::unexpected(line.error());
    auto const taken = line->empty() ? std::optional<std::uint64_t>{0} : number_in<std::uint64_t>(*line);
    if (!taken) return fail(Code::storage, fmt::format("{} holds no number", file.string()));
    auto const written = write_file(file, as_bytes(fmt::format("{}\n", *taken + count)), private_file);
    if (!written) return std::unexpected(written.error());
    return *taken + 1;
}

} // namespace pointman::client
