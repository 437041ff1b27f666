/* SPDX-License-Identifier: Apache-2.0 */
/* Router: finds the route of a request in the tables of api/. */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "api/api.h"
#include "http/target.h"

enum { HTTP_PARAM_NAME_BYTES = 32 };

struct http_match {
    const struct route *route;
    char names[API_PATH_PARAMS_MAX][HTTP_PARAM_NAME_BYTES]; /* of the path parameters */
    const char *values[API_PATH_PARAMS_MAX];                /* borrowed from the target */
    size_t count;
};
enum http_routing { ROUTING_FOUND, ROUTING_NO_PATH, ROUTING_NO_METHOD };

/* HEAD finds the routes of GET. `ret_allow` is what Allow says: the path's methods, "" without such a path.
 */
enum http_routing http_route(const char *method, const struct http_target *target, struct http_match *ret,
                             char ret_allow[HTTP_ALLOW_BYTES]);

#endif
