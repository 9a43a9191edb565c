// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/wire/envelope.hpp"
#include "server/wire/message.hpp"

#include <filesystem>

namespace pointman::service {

/// Opens messages that clients encrypted for the management point's certificate (wire.md 5). Reads both PEM
/// files now; fails with usage and the file's name when they do not fit.
Result<wire::EnvelopeOpener> load_opener(std::filesystem::path const& certificate,
                                         std::filesystem::path const& key);

/// The same as what decoding takes.
Result<wire::Decrypt> load_decryption(std::filesystem::path const& certificate,
                                      std::filesystem::path const& key);

} // namespace pointman::service
