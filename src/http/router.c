/* SPDX-License-Identifier: Apache-2.0 */
#include "http/router.h"

#include <stdio.h>
#include <string.h>

/* A part of a route's path against a segment of the target; "{name}" takes any. */
static bool match_part(const char *part, size_t bytes, const char *segment, struct http_match *match)
{
    if (part[0] != '{')
        return strlen(segment) == bytes && memcmp(part, segment, bytes) == 0;
    if (match->count == API_PATH_PARAMS_MAX || bytes - 2 >= HTTP_PARAM_NAME_BYTES)
        return false;
    memcpy(match->names[match->count], part + 1, bytes - 2);
    match->names[match->count][bytes - 2] = '\0';
    match->values[match->count++] = segment;
    return true;
}

static bool match_path(const struct route *route, const struct http_target *target, struct http_match *ret)
{
    const char *at = route->path + 1;
    *ret = (struct http_match){.route = route};
    for (size_t i = 0; i < target->segment_count; i++) {
        size_t bytes = strcspn(at, "/");
        if (bytes == 0 || !match_part(at, bytes, target->segments[i], ret))
            return false;
        at += bytes + (at[bytes] == '/');
    }
    return *at == '\0' && target->segment_count > 0;
}

static void allow(char ret_allow[HTTP_ALLOW_BYTES], const char *method)
{
    size_t used = strlen(ret_allow);
    (void)snprintf(ret_allow + used, HTTP_ALLOW_BYTES - used, "%s%s%s", used ? ", " : "", method,
                   strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

enum http_routing http_route(const char *method, const struct http_target *target, struct http_match *ret,
                             char ret_allow[HTTP_ALLOW_BYTES])
{
    const struct route *const *tables[] = {all_routes, server_routes};
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    bool is_found = false;
    ret_allow[0] = '\0';
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        for (const struct route *const *route = tables[i]; *route; route++) {
            struct http_match match;
            if (!match_path(*route, target, &match))
                continue;
            allow(ret_allow, (*route)->method);
            /* of two that fit, the one with fewer parameters is meant */
            if (strcmp((*route)->method, wanted) != 0 || (is_found && ret->count <= match.count))
                continue;
            is_found = true;
            *ret = match;
        }
    if (ret_allow[0])
        allow(ret_allow, "OPTIONS");
    if (is_found)
        return ROUTING_FOUND;
    return ret_allow[0] ? ROUTING_NO_METHOD : ROUTING_NO_PATH;
}
