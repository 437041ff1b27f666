/* SPDX-License-Identifier: Apache-2.0 */
#include "http/tls.h"

#include "base/clock.h"
#include "base/file.h"

#include <gnutls/x509.h>
#include <string.h>

enum { KEY_ID_BYTES = 64 };

void http_tls_init(struct http_tls *tls)
{
    buffer_init(&tls->cert, TLS_FILE_MAX_BYTES);
    buffer_init(&tls->key, TLS_FILE_MAX_BYTES);
}

void http_tls_release(struct http_tls *tls)
{
    if (tls->key.data)
        gnutls_memset(tls->key.data, 0, tls->key.capacity);
    buffer_release(&tls->cert);
    buffer_release(&tls->key);
}

static bool read_pem(const char *path, struct buffer *into, struct error *err)
{
    return file_read(path, into, err) && (buffer_add(into, "", 1) || buffer_check(into, path, err));
}

static gnutls_datum_t datum_of(const struct buffer *pem)
{
    return (gnutls_datum_t){(unsigned char *)pem->data, (unsigned)pem->size - 1};
}

static bool check_time(gnutls_x509_crt_t cert, const char *path, int64_t now_ms, struct error *err)
{
    char text[CLOCK_TEXT_BYTES];
    int64_t from_ms = (int64_t)gnutls_x509_crt_get_activation_time(cert) * 1000;
    int64_t until_ms = (int64_t)gnutls_x509_crt_get_expiration_time(cert) * 1000;
    if (now_ms > until_ms)
        return error_set(err, ERR_INVALID, "the certificate %.150s expired at %s; renew it", path,
                         clock_rfc3339(until_ms, text));
    return now_ms >= from_ms || error_set(err, ERR_INVALID, "the certificate %.150s is not valid before %s",
                                          path, clock_rfc3339(from_ms, text));
}

static bool check_pair(gnutls_x509_crt_t cert, const struct http_tls *tls, const char *cert_path,
                       const char *key_path, struct error *err)
{
    unsigned char of_cert[KEY_ID_BYTES] = {0}, of_key[KEY_ID_BYTES] = {0};
    size_t cert_bytes = sizeof(of_cert), key_bytes = sizeof(of_key);
    gnutls_x509_privkey_t key;
    const gnutls_datum_t pem = datum_of(&tls->key);
    if (gnutls_x509_privkey_init(&key) != 0)
        return error_no_memory(err);
    int problem = gnutls_x509_privkey_import2(key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    bool is_encrypted = problem == GNUTLS_E_DECRYPTION_FAILED;
    if (problem == 0)
        problem = gnutls_x509_privkey_get_key_id(key, 0, of_key, &key_bytes);
    gnutls_x509_privkey_deinit(key);
    if (is_encrypted)
        return error_set(err, ERR_INVALID,
                         "the key %.150s is encrypted; the server needs it without a pass phrase", key_path);
    if (problem != 0)
        return error_set(err, ERR_INVALID, "%.150s holds no private key in PEM: %s", key_path,
                         gnutls_strerror(problem));
    bool is_pair = gnutls_x509_crt_get_key_id(cert, 0, of_cert, &cert_bytes) == 0 &&
                   cert_bytes == key_bytes && memcmp(of_cert, of_key, key_bytes) == 0;
    return is_pair || error_set(err, ERR_INVALID, "the key %.120s is not that of the certificate %.120s",
                                key_path, cert_path);
}

bool http_tls_read(struct http_tls *tls, const char *cert_path, const char *key_path, int64_t now_ms,
                   struct error *err)
{
    gnutls_x509_crt_t *chain = NULL;
    unsigned count = 0;
    if (!read_pem(cert_path, &tls->cert, err) || !read_pem(key_path, &tls->key, err))
        return false;
    const gnutls_datum_t pem = datum_of(&tls->cert);
    int problem = gnutls_x509_crt_list_import2(&chain, &count, &pem, GNUTLS_X509_FMT_PEM, 0);
    if (problem < 0)
        return error_set(err, ERR_INVALID, "%.150s holds no certificate in PEM: %s", cert_path,
                         gnutls_strerror(problem));
    bool is_fine = count > 0 && check_pair(chain[0], tls, cert_path, key_path, err) &&
                   check_time(chain[0], cert_path, now_ms, err);
    for (unsigned i = 0; i < count; i++)
        gnutls_x509_crt_deinit(chain[i]);
    gnutls_free(chain);
    return is_fine;
}
