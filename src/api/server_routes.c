/* SPDX-License-Identifier: Apache-2.0 */
/* What an HTTP server answers itself. They stand here so that the documents are made from all routes. */
#include "api/api.h"

struct events_request {
    struct param_list topics;
};

static const struct param_spec no_server_params[] = {PARAM_END};
static const struct param_spec events_params[] = {
    PARAM(struct events_request, topics, .type = PARAM_LIST, .value_name = "A,B,...",
          .help = "only these: tasks, services, task:ID, service:ID; default: all"),
    PARAM_END,
};

static const struct reply_shape health = {
    "Health",
    (const struct reply_spec[]){{.name = "status", .type = REPLY_TEXT, .help = "ok"}, {.name = NULL}}};
static const struct reply_shape any_object = {"Document", (const struct reply_spec[]){{.name = NULL}}};

static const struct route health_live = {
    "health.live", "GET", "/healthz", no_server_params, 0, NULL, "Says that the server lives.",
    ROLE_ANYONE,   200,   &health};
static const struct route health_ready = {
    "health.ready",
    "GET",
    "/readyz",
    no_server_params,
    0,
    NULL,
    "Says that the server can work: its database answers, and it is not about to stop.",
    ROLE_ANYONE,
    200,
    &health};
static const struct route health_metrics = {"health.metrics",
                                            "GET",
                                            "/metrics",
                                            no_server_params,
                                            0,
                                            NULL,
                                            "Gives the server's metrics as Prometheus text.",
                                            ROLE_READ,
                                            200,
                                            NULL,
                                            true};
static const struct route api_document = {"api.document",
                                          "GET",
                                          "/api/v1/openapi.json",
                                          no_server_params,
                                          0,
                                          NULL,
                                          "Gives this document.",
                                          ROLE_ANYONE,
                                          200,
                                          &any_object};
static const struct route api_events = {"api.events",
                                        "GET",
                                        "/api/v1/events",
                                        events_params,
                                        sizeof(struct events_request),
                                        NULL,
                                        "Streams what happens to tasks and services as server-sent events.",
                                        ROLE_READ,
                                        200,
                                        NULL,
                                        true};

const struct route *const server_routes[] = {&health_live,  &health_ready, &health_metrics,
                                             &api_document, &api_events,   NULL};
