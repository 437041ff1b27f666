/* SPDX-License-Identifier: Apache-2.0 */
#include "http/headers.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool read_position(const char **at, uint64_t *ret)
{
    uint64_t value = 0;
    const char *start = *at;
    for (; isdigit((unsigned char)**at); (*at)++) {
        unsigned digit = (unsigned)(**at - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *ret = value;
    return *at > start;
}

/* "-500": the last 500 bytes. */
static enum http_range suffix_range(const char *at, uint64_t size, uint64_t *ret_first, uint64_t *ret_last)
{
    uint64_t length = 0;
    if (!read_position(&at, &length) || *at)
        return RANGE_NONE;
    if (length == 0 || size == 0)
        return RANGE_UNSATISFIABLE;
    *ret_first = length < size ? size - length : 0;
    *ret_last = size - 1;
    return RANGE_PART;
}

enum http_range http_range_parse(const char *value, uint64_t size, uint64_t *ret_first, uint64_t *ret_last)
{
    uint64_t first = 0, last = UINT64_MAX;
    if (!value || strncasecmp(value, "bytes=", 6) != 0)
        return RANGE_NONE;
    const char *at = value + 6;
    if (*at == '-')
        return suffix_range(at + 1, size, ret_first, ret_last);
    if (!read_position(&at, &first) || *at != '-')
        return RANGE_NONE;
    at++;
    bool has_last = *at != '\0';
    if (has_last && (!read_position(&at, &last) || *at || last < first))
        return RANGE_NONE;
    if (first >= size)
        return RANGE_UNSATISFIABLE;
    *ret_first = first;
    *ret_last = has_last && last < size ? last : size - 1;
    return RANGE_PART;
}

bool http_content_range_parse(const char *value, uint64_t *ret_first, uint64_t *ret_last, uint64_t *ret_total)
{
    uint64_t first = 0, last = 0, total = 0;
    if (strncasecmp(value, "bytes ", 6) != 0)
        return false;
    const char *at = value + 6;
    if (!read_position(&at, &first) || *at++ != '-' || !read_position(&at, &last) || *at++ != '/' ||
        last < first)
        return false;
    bool is_open = strcmp(at, "*") == 0;
    if (!is_open && (!read_position(&at, &total) || *at || total <= last))
        return false;
    *ret_first = first;
    *ret_last = last;
    *ret_total = total;
    return true;
}

/* The next item of a list between commas, blanks cut off; false at the end. */
static bool next_item(const char **at, const char **ret, size_t *ret_bytes)
{
    *at += strspn(*at, " \t,");
    if (!**at)
        return false;
    size_t bytes = strcspn(*at, ",");
    *ret = *at;
    *at += bytes;
    while (bytes > 0 && ((*ret)[bytes - 1] == ' ' || (*ret)[bytes - 1] == '\t'))
        bytes--;
    *ret_bytes = bytes;
    return true;
}

/* ";q=0", ";q=0.000" */
static bool has_no_weight(const char *item, size_t bytes)
{
    const char *at = memchr(item, ';', bytes);
    const char *end = item + bytes;
    if (!at)
        return false;
    for (at++; at < end && (*at == ' ' || *at == '\t'); at++)
        ;
    if (end - at < 3 || tolower((unsigned char)at[0]) != 'q' || at[1] != '=' || at[2] != '0')
        return false;
    for (at += 3; at < end; at++)
        if (*at != '.' && *at != '0')
            return false;
    return true;
}

bool http_accepts_coding(const char *value, const char *coding)
{
    const char *item;
    size_t bytes, wanted = strlen(coding);
    int named = -1, any = -1;
    while (value && next_item(&value, &item, &bytes)) {
        const char *end = memchr(item, ';', bytes);
        size_t name = end ? (size_t)(end - item) : bytes;
        while (name > 0 && (item[name - 1] == ' ' || item[name - 1] == '\t'))
            name--;
        bool is_wanted = !has_no_weight(item, bytes);
        if (name == wanted && strncasecmp(item, coding, wanted) == 0)
            named = is_wanted;
        if (name == 1 && item[0] == '*')
            any = is_wanted;
    }
    return named == 1 || (named == -1 && any == 1);
}

/* How long the coding at the end of one of our tags is. */
static size_t coding_bytes(const char *tag, size_t bytes)
{
    static const char *const codings[] = {"-gzip", "-br"};
    for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++) {
        size_t coding = strlen(codings[i]);
        if (bytes > coding && memcmp(tag + bytes - coding, codings[i], coding) == 0)
            return coding;
    }
    return 0;
}

bool http_etag_listed(const char *list, const char *etag, bool is_strong)
{
    const char *item;
    size_t bytes, wanted = strlen(etag);
    while (list && next_item(&list, &item, &bytes)) {
        bool is_weak = bytes > 2 && item[0] == 'W' && item[1] == '/';
        if (bytes == 1 && item[0] == '*')
            return true;
        if (is_weak) {
            item += 2;
            bytes -= 2;
        }
        if (bytes < 2 || item[0] != '"' || item[bytes - 1] != '"' || (is_weak && is_strong))
            continue;
        item++;
        bytes -= 2;
        bytes -= coding_bytes(item, bytes);
        if (bytes == wanted && memcmp(item, etag, wanted) == 0)
            return true;
    }
    return false;
}

static bool is_loopback_name(const char *name, size_t bytes)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strlen(names[i]) == bytes && strncasecmp(names[i], name, bytes) == 0)
            return true;
    return false;
}

/* The bytes of Host before its port, which is `port` or not there; 0 otherwise. */
static size_t host_bytes(const char *host, uint16_t port)
{
    char wanted[8];
    if (!host)
        return 0;
    const char *end = host[0] == '[' ? strchr(host, ']') : NULL;
    size_t bytes = end ? (size_t)(end - host) + 1 : strcspn(host, ":");
    (void)snprintf(wanted, sizeof(wanted), ":%u", port);
    return host[bytes] && strcmp(host + bytes, wanted) != 0 ? 0 : bytes;
}

static bool is_name(const char *host, size_t bytes, const char *name)
{
    return strlen(name) == bytes && strncasecmp(name, host, bytes) == 0;
}

bool http_host_is_ours(const char *host, const char *name, uint16_t port)
{
    size_t bytes = host_bytes(host, port);
    return bytes > 0 && ((name && is_name(host, bytes, name)) || is_loopback_name(host, bytes));
}

bool http_host_is_listed(const char *host, const char *const *names, size_t count, uint16_t port)
{
    size_t bytes = host_bytes(host, port);
    for (size_t i = 0; host && i < count; i++)
        if (text_equal_ignoring_case(host, names[i]) || (bytes > 0 && is_name(host, bytes, names[i])))
            return true;
    return false;
}

bool http_host_is_address(const char *host, uint16_t port)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    size_t bytes = host_bytes(host, port);
    bool is_v6 = bytes > 2 && host[0] == '[' && host[bytes - 1] == ']';
    size_t inner = is_v6 ? bytes - 2 : bytes;
    if (inner == 0 || inner >= sizeof(text))
        return false;
    memcpy(text, host + (is_v6 ? 1 : 0), inner);
    text[inner] = '\0';
    return inet_pton(is_v6 ? AF_INET6 : AF_INET, text, &address) == 1;
}

bool http_origin_is_ours(const char *origin, const char *host, bool is_tls)
{
    const char *scheme = is_tls ? "https://" : "http://";
    if (!origin)
        return true;
    size_t bytes = strlen(scheme);
    return host && strncmp(origin, scheme, bytes) == 0 && text_equal_ignoring_case(origin + bytes, host);
}

bool http_is_json(const char *content_type)
{
    static const char json[] = "application/json";
    if (!content_type || strncasecmp(content_type, json, sizeof(json) - 1) != 0)
        return false;
    const char *rest = content_type + sizeof(json) - 1;
    rest += strspn(rest, " \t");
    if (!*rest)
        return true;
    if (*rest != ';')
        return false;
    rest++;
    rest += strspn(rest, " \t");
    return strcasecmp(rest, "charset=utf-8") == 0 || strcasecmp(rest, "charset=\"utf-8\"") == 0;
}

/* `bytes` hex digits, not all 0, copied with a NUL. */
static bool take_id(const char *from, size_t bytes, char *into)
{
    memcpy(into, from, bytes);
    into[bytes] = '\0';
    return strspn(into, "0123456789abcdef") == bytes && strspn(into, "0") < bytes;
}

bool http_traceparent_parse(const char *value, struct http_trace *ret)
{
    static const char form[] = "vv-tttttttttttttttttttttttttttttttt-ssssssssssssssss-ff";
    const size_t bytes = sizeof(form) - 1;
    char version[3], flags[3] = "";
    if (!value || strnlen(value, bytes) < bytes || value[2] != '-' || value[35] != '-' || value[52] != '-')
        return false;
    bool is_first = strncmp(value, "00", 2) == 0;
    (void)take_id(value + 53, 2, flags);
    if (value[bytes] && (is_first || value[bytes] != '-')) /* later versions may go on */
        return false;
    return (is_first || take_id(value, 2, version)) && strncmp(value, "ff", 2) != 0 &&
           strspn(flags, "0123456789abcdef") == 2 && take_id(value + 3, 32, ret->trace_id) &&
           take_id(value + 36, 16, ret->span_id);
}

bool http_is_request_id(const char *text)
{
    size_t bytes = text ? strlen(text) : 0;
    for (size_t i = 0; i < bytes; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("._-", text[i]))
            return false;
    return bytes > 0 && bytes <= HTTP_REQUEST_ID_MAX_BYTES;
}

bool http_is_key(const char *text, size_t max_bytes)
{
    size_t bytes = text ? strlen(text) : 0;
    for (size_t i = 0; i < bytes; i++)
        if ((unsigned char)text[i] < 0x20 || (unsigned char)text[i] > 0x7E)
            return false;
    return bytes > 0 && bytes <= max_bytes;
}

uint32_t http_json_depth(const char *text, size_t bytes)
{
    uint32_t depth = 0, deepest = 0;
    bool is_in_text = false;
    for (size_t i = 0; i < bytes; i++) {
        char c = text[i];
        if (is_in_text) {
            i += c == '\\';
            is_in_text = c != '"';
            continue;
        }
        is_in_text = c == '"';
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && depth > 0)
            depth--;
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest;
}
