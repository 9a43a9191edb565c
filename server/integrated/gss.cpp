// SPDX-License-Identifier: Apache-2.0
#include "server/integrated/gss.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <array>

namespace pointman::integrated::gss {

namespace {

template <std::size_t Size>
gss_OID_desc identifier(std::array<unsigned char, Size>& bytes) {
    return {static_cast<OM_uint32>(bytes.size()), bytes.data()};
}

std::string status_text(OM_uint32 value, int type, gss_OID mechanism) {
    std::string text;
    OM_uint32 more = 0;
    do {
        Buffer line;
        OM_uint32 minor = 0;
        if (gss_display_status(&minor, value, type, mechanism, &more, line.out()) != GSS_S_COMPLETE) break;
        text += (text.empty() ? "" : ", ") + line.text();
    } while (more != 0);
    return text;
}

} // namespace

gss_OID spnego() { // 1.3.6.1.5.5.2
    static std::array<unsigned char, 6> bytes{0x2B, 0x06, 0x01, 0x05, 0x05, 0x02};
    static gss_OID_desc id = identifier(bytes);
    return &id;
}

gss_OID kerberos() { // 1.2.840.113554.1.2.2
    static std::array<unsigned char, 9> bytes{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02};
    static gss_OID_desc id = identifier(bytes);
    return &id;
}

gss_OID ntlm() { // 1.3.6.1.4.1.311.2.2.10
    static std::array<unsigned char, 10> bytes{0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0A};
    static gss_OID_desc id = identifier(bytes);
    return &id;
}

bool same(gss_OID a, gss_OID b) {
    if (a == nullptr || b == nullptr) return a == b;
    BytesView const left{static_cast<std::byte const*>(a->elements), a->length};
    BytesView const right{static_cast<std::byte const*>(b->elements), b->length};
    return as_chars(left) == as_chars(right);
}

bool has_mechanism(gss_OID mechanism) {
    OM_uint32 minor = 0;
    gss_OID_set all = GSS_C_NO_OID_SET;
    if (gss_indicate_mechs(&minor, &all) != GSS_S_COMPLETE) return false;
    int present = 0;
    gss_test_oid_set_member(&minor, mechanism, all, &present);
    gss_release_oid_set(&minor, &all);
    return present != 0;
}

std::string words_of(OM_uint32 major, OM_uint32 minor, gss_OID mechanism) {
    auto detail = minor != 0 ? status_text(minor, GSS_C_MECH_CODE, mechanism) : std::string();
    // That failure alone says no more than that the mechanism says more.
    if (GSS_ROUTINE_ERROR(major) == GSS_S_FAILURE && !detail.empty()) return detail;
    auto text = status_text(major, GSS_C_GSS_CODE, mechanism);
    return detail.empty() ? text : text + ": " + detail;
}

void release_credential(gss_cred_id_t* credential) {
    OM_uint32 minor = 0;
    gss_release_cred(&minor, credential);
}

void release_context(gss_ctx_id_t* context) {
    OM_uint32 minor = 0;
    gss_delete_sec_context(&minor, context, GSS_C_NO_BUFFER);
}

void release_name(gss_name_t* name) {
    OM_uint32 minor = 0;
    gss_release_name(&minor, name);
}

Buffer::~Buffer() {
    OM_uint32 minor = 0;
    gss_release_buffer(&minor, &buffer_);
}

std::string Buffer::text() const {
    auto text = as_chars(bytes());
    while (text.ends_with('\0')) text.remove_suffix(1);
    return std::string(text);
}

gss_buffer_desc input(BytesView bytes) {
    // Only read: the library's type has no const.
    return {bytes.size(), const_cast<std::byte*>(bytes.data())};
}

} // namespace pointman::integrated::gss
