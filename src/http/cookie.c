/* SPDX-License-Identifier: Apache-2.0 */
#include "http/cookie.h"

#include <stdio.h>
#include <string.h>

/* cookie-octet of RFC 6265 4.1.1 */
static bool is_value(const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c <= 0x20 || c >= 0x7F || c == '"' || c == ',' || c == ';' || c == '\\')
            return false;
    }
    return bytes > 0;
}

bool http_cookie_find(const char *header, const char *name, char *ret, size_t ret_bytes)
{
    const char *value = NULL;
    size_t found = 0, value_bytes = 0, name_bytes = strlen(name);
    for (const char *at = header ? header : ""; *at;) {
        at += strspn(at, " \t;");
        size_t bytes = strcspn(at, ";");
        if (bytes > name_bytes && strncmp(at, name, name_bytes) == 0 && at[name_bytes] == '=') {
            found++;
            value = at + name_bytes + 1;
            value_bytes = bytes - name_bytes - 1;
        }
        at += bytes;
    }
    while (value_bytes > 0 && (value[value_bytes - 1] == ' ' || value[value_bytes - 1] == '\t'))
        value_bytes--;
    if (found != 1 || value_bytes >= ret_bytes || !is_value(value, value_bytes))
        return false;
    memcpy(ret, value, value_bytes);
    ret[value_bytes] = '\0';
    return true;
}

void http_cookie_make(const char *secret, long long seconds, char ret[COOKIE_HEADER_BYTES])
{
    (void)snprintf(ret, COOKIE_HEADER_BYTES,
                   COOKIE_SESSION_NAME "=%s; Path=/; Max-Age=%lld; Secure; HttpOnly; SameSite=Strict",
                   secret ? secret : "", secret ? seconds : 0);
}
