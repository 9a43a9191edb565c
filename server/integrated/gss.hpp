// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <gssapi/gssapi.h>

#include <string>
#include <string_view>

/// GSSAPI's objects, owned, and its statuses in words. Private to the library.
namespace pointman::integrated::gss {

/// The library takes object identifiers that it does not change as pointers to what it could change.
gss_OID spnego();
gss_OID kerberos();
gss_OID ntlm();
bool same(gss_OID a, gss_OID b);

/// Whether the system has the mechanism at all.
bool has_mechanism(gss_OID mechanism);

/// "Invalid token was supplied: Failed to decode data": the call's status and the mechanism's own behind it.
std::string words_of(OM_uint32 major, OM_uint32 minor, gss_OID mechanism);

/// An object of the library with the function that gives it back.
template <class Handle, auto Release>
class Owned {
public:
    Owned() = default;
    Owned(Owned&& other) noexcept { swap(other); }
    Owned& operator=(Owned&& other) noexcept {
        swap(other);
        return *this;
    }
    Owned(Owned const&) = delete;
    Owned& operator=(Owned const&) = delete;
    ~Owned() { reset(); }

    Handle get() const { return handle_; }
    /// For calls that fill it or go on with it.
    Handle* out() { return &handle_; }
    void reset() {
        if (handle_ != Handle{}) Release(&handle_);
        handle_ = Handle{};
    }

private:
    void swap(Owned& other) noexcept {
        auto const mine = handle_;
        handle_ = other.handle_;
        other.handle_ = mine;
    }
    Handle handle_{};
};

void release_credential(gss_cred_id_t* credential);
void release_context(gss_ctx_id_t* context);
void release_name(gss_name_t* name);
using Credential = Owned<gss_cred_id_t, release_credential>;
using Context = Owned<gss_ctx_id_t, release_context>;
using Name = Owned<gss_name_t, release_name>;

/// What the library wrote.
class Buffer {
public:
    Buffer() = default;
    Buffer(Buffer const&) = delete;
    Buffer& operator=(Buffer const&) = delete;
    ~Buffer();
    gss_buffer_t out() { return &buffer_; }
    BytesView bytes() const { return {static_cast<std::byte const*>(buffer_.value), buffer_.length}; }
    /// Without the NUL that some mechanisms count in.
    std::string text() const;

private:
    gss_buffer_desc buffer_{0, nullptr};
};

/// What the library reads.
gss_buffer_desc input(BytesView bytes);

} // namespace pointman::integrated::gss
