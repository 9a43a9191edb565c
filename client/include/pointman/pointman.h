/* SPDX-License-Identifier: Apache-2.0 */
/* The messaging library for C and for languages that bind to C. What each function does is said beside its counterpart in
 * message.hpp and messaging.hpp. Texts are UTF-8 and end with a NUL.
 *
 * Functions that can fail return 0, or what went wrong as one of enum pointman_code; an `error` that is not NULL is
 * filled then. Objects may be used by one thread at a time, but a pointman_messaging by several. */
#ifndef POINTMAN_POINTMAN_H
#define POINTMAN_POINTMAN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define POINTMAN_C_API __attribute__((visibility("default")))

enum pointman_code {
    POINTMAN_OK = 0,
    POINTMAN_INVALID_ARGUMENT,
    POINTMAN_NOT_FOUND,
    POINTMAN_ACCESS_DENIED,
    POINTMAN_INVALID_SCHEMA,
    POINTMAN_NO_REPLY,
    POINTMAN_DATATYPE_MISMATCH,
    POINTMAN_BAD_REPLY,
    POINTMAN_BAD_SIGNATURE,
    POINTMAN_SERVER_UNAVAILABLE,
    POINTMAN_NAME_NOT_RESOLVED,
    POINTMAN_CANNOT_CONNECT,
    POINTMAN_CONNECTION_LOST,
    POINTMAN_TIMEOUT,
    POINTMAN_SECURE_FAILURE,
    POINTMAN_BUSY,
    POINTMAN_REFUSED,
    POINTMAN_STORAGE,
    POINTMAN_STORAGE_FULL,
    POINTMAN_INTERNAL /* out of memory, or a fault of the library */
};

enum pointman_security_flags {
    POINTMAN_MIXED_MODE = 0x00000000,
    POINTMAN_NATIVE_MODE = 0x00000001,
    POINTMAN_SIGN_MESSAGE = 0x00000002,
    POINTMAN_ENCRYPT_MESSAGE = 0x00000004,
    POINTMAN_ENABLE_CRL_CHECKING = 0x00000008
};
#define POINTMAN_COMPRESS UINT32_C(0x80000000) /* does not fit into an enum of C */

enum pointman_hash { POINTMAN_SHA1, POINTMAN_SHA256, POINTMAN_SHA384, POINTMAN_SHA512 };

typedef struct pointman_error {
    int32_t code;      /* enum pointman_code */
    uint32_t hresult;  /* the original's number, 0 where it has none */
    int32_t http_status;
    char message[512]; /* cut where it is longer */
} pointman_error;

typedef struct pointman_messaging pointman_messaging;
typedef struct pointman_message pointman_message;

/* "0.1.0" */
POINTMAN_C_API const char* pointman_version(void);

/* --- ISmsMessaging */

/* queue: directory of posted messages, or NULL for none. deliver: whether a thread delivers them. */
POINTMAN_C_API int pointman_messaging_open(const char* queue, int deliver, pointman_messaging** messaging,
                                           pointman_error* error);
POINTMAN_C_API void pointman_messaging_close(pointman_messaging* messaging);
/* NULL where there is no memory. */
POINTMAN_C_API pointman_message* pointman_create_message(void);
POINTMAN_C_API void pointman_message_free(pointman_message* message);
/* host: a URL; NULL or "" is the management point of this machine, and unix:/PATH one by its socket.
 * The reply is the caller's, to be freed. */
POINTMAN_C_API int pointman_invoke(pointman_messaging* messaging, const char* host, const pointman_message* message,
                                   pointman_message** reply, pointman_error* error);
/* tracking_id: room for 39 characters, `{GUID}` and a NUL. May be NULL. */
POINTMAN_C_API int pointman_post(pointman_messaging* messaging, const char* host, const pointman_message* message,
                                 char tracking_id[39], pointman_error* error);
/* waiting: how many messages are left; may be NULL. */
POINTMAN_C_API int pointman_flush(pointman_messaging* messaging, int all, size_t* waiting, pointman_error* error);

/* --- ISmsMessage */

POINTMAN_C_API int pointman_set_target_endpoint(pointman_message* message, const char* name);
/* Valid until the message is changed. */
POINTMAN_C_API const char* pointman_target_endpoint(const pointman_message* message);
POINTMAN_C_API int pointman_set_body_from_string(pointman_message* message, const char* text);
POINTMAN_C_API int pointman_set_body_from_buffer(pointman_message* message, const void* bytes, size_t size);
POINTMAN_C_API int pointman_set_body_from_file(pointman_message* message, const char* file, pointman_error* error);
POINTMAN_C_API size_t pointman_body_length(const pointman_message* message);
/* Copies at most `size` bytes; `size` has to be the body's length at least. */
POINTMAN_C_API int pointman_body_to_buffer(const pointman_message* message, void* buffer, size_t size,
                                           pointman_error* error);
/* needed: bytes of the text with its NUL; may be NULL. With a buffer that is too small, or NULL, nothing is copied. */
POINTMAN_C_API int pointman_body_to_string(const pointman_message* message, char* buffer, size_t size, size_t* needed,
                                           pointman_error* error);
POINTMAN_C_API int pointman_set_property(pointman_message* message, const char* name, const char* value);
/* needed as above. */
POINTMAN_C_API int pointman_property(const pointman_message* message, const char* name, char* buffer, size_t size,
                                     size_t* needed, pointman_error* error);
POINTMAN_C_API int pointman_set_attachment_from_buffer(pointman_message* message, const char* name, const void* bytes,
                                                       size_t size);
POINTMAN_C_API int pointman_set_attachment_from_file(pointman_message* message, const char* name, const char* file,
                                                     pointman_error* error);
POINTMAN_C_API size_t pointman_attachment_count(const pointman_message* message);
/* name: as for pointman_property. */
POINTMAN_C_API int pointman_attachment_name(const pointman_message* message, size_t index, char* buffer, size_t size,
                                            size_t* needed, pointman_error* error);
POINTMAN_C_API int pointman_attachment_length(const pointman_message* message, const char* name, size_t* length,
                                              pointman_error* error);
POINTMAN_C_API int pointman_attachment_to_buffer(const pointman_message* message, const char* name, void* buffer,
                                                 size_t size, pointman_error* error);
POINTMAN_C_API int pointman_attachment_to_file(const pointman_message* message, const char* name, const char* file,
                                               pointman_error* error);
POINTMAN_C_API int pointman_set_timeout(pointman_message* message, uint32_t seconds);
POINTMAN_C_API uint32_t pointman_timeout(const pointman_message* message);

/* --- ISmsMessage2 */

POINTMAN_C_API int pointman_set_client_id(pointman_message* message, const char* id);

/* --- ISmsMessage4 */

POINTMAN_C_API int pointman_set_security_flags(pointman_message* message, uint32_t flags);
POINTMAN_C_API int pointman_set_client_certificate(pointman_message* message, const char* certificate_file,
                                                   const char* key_file, pointman_error* error);
POINTMAN_C_API int pointman_verify_server_signature(pointman_message* message, const char* certificates_file,
                                                    pointman_error* error);
POINTMAN_C_API int pointman_set_encryption_certificate(pointman_message* message, const void* der, size_t size);
/* algorithm: one of enum pointman_hash. */
POINTMAN_C_API int pointman_set_hash_algorithm(pointman_message* message, int32_t algorithm);
POINTMAN_C_API int pointman_set_port(pointman_message* message, uint16_t port);
/* user and password may be NULL. */
POINTMAN_C_API int pointman_set_proxy(pointman_message* message, const char* name, const char* user,
                                      const char* password, pointman_error* error);
POINTMAN_C_API int pointman_set_trusted_roots(pointman_message* message, const char* file);
POINTMAN_C_API int pointman_set_revocation_lists(pointman_message* message, const char* file);

#ifdef __cplusplus
}
#endif

#endif
