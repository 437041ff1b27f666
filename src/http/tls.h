/* SPDX-License-Identifier: Apache-2.0 */
/* TLS: the certificate and the key of a server, read and looked at before anybody connects. */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include "base/buffer.h"

enum { TLS_FILE_MAX_BYTES = 1024 * 1024 };
/* GnuTLS priorities: nothing older than TLS 1.2, and no cipher that RFC 9325 advises against. */
#define TLS_PRIORITIES                                                                                       \
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:+AES-"   \
    "128-GCM"

struct http_tls {
    struct buffer cert, key; /* PEM, with a NUL that counts; empty: no TLS */
};

void http_tls_init(struct http_tls *tls);
void http_tls_release(struct http_tls *tls);
/* Reads both files. ERR names the one at fault and what is wrong with it: no PEM, an encrypted key, a key of
 * another certificate, a certificate that has expired or is not valid yet at `now_ms`. */
MUST_CHECK bool http_tls_read(struct http_tls *tls, const char *cert_path, const char *key_path,
                              int64_t now_ms, struct error *err);

#endif
