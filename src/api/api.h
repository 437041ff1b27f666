/* SPDX-License-Identifier: Apache-2.0 */
/*
 * API: everything the product can do, as functions of request and reply. One route table names method, path,
 * parameters and handler; the command line calls the handlers in process through it, and an HTTP server calls
 * the same ones.
 *
 * A request is a JSON object with the members of the route's param table; path parameters are members of the
 * same name.
 */
#ifndef API_API_H
#define API_API_H

#include "base/params.h"
#include "db/db.h"
#include "store/store.h"

enum { API_ARENA_MAX_BYTES = 512 * 1024 * 1024, API_PATH_PARAMS_MAX = 2 };

/* What handlers work with. */
struct api {
    struct db *db;
    struct store *data;
    const char *data_folder;
};

struct api_call {
    struct api *api;
    struct arena *arena;   /* ends after the reply was used */
    yyjson_val *request;   /* as it came; may be NULL */
    const void *params;    /* the route's struct, filled */
    yyjson_mut_doc *reply; /* the handler adds members to its root */
    yyjson_mut_val *root;  /* an object */
};

struct route {
    const char *name;                /* "service.deploy": unique; also operationId */
    const char *method;              /* "GET", "POST", "PUT", "DELETE" */
    const char *path;                /* "/api/v1/services/{service}" */
    const struct param_spec *params; /* path parameters first */
    size_t params_size;
    bool (*handle)(struct api_call *call, struct error *err);
    const char *summary; /* one sentence */
};

extern const struct route *const all_routes[]; /* NULL-ended */
const struct route *route_find(const char *name);

/* Parses the request into the route's struct, calls its handler and gives the reply, an object; the caller
 * frees it with yyjson_mut_doc_free. `request` NULL counts as empty. */
MUST_CHECK bool api_handle(struct api *api, const struct route *route, yyjson_val *request,
                           struct arena *arena, yyjson_mut_doc **ret_reply, struct error *err);

/* {"error": {"code", "detail", "error_code", "message", "advice", "pointer", "retryable"}} */
void api_error_json(const struct error *err, yyjson_mut_doc *doc);

#endif
