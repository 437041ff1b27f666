/* SPDX-License-Identifier: Apache-2.0 */
#include "http/problem.h"

#include "base/json_stream.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 96, INSTANCE_BYTES = 96 };

static const struct {
    int status;
    const char *name;
    bool is_retryable;
} statuses[] = {
    {400, "bad-request", false},
    {401, "sign-in-needed", false},
    {403, "denied", false},
    {404, "not-found", false},
    {405, "method-not-allowed", false},
    {409, "conflict", false},
    {412, "revision-changed", false},
    {413, "too-large", false},
    {414, "target-too-long", false},
    {415, "not-json", false},
    {416, "range-not-satisfiable", false},
    {417, "expectation-failed", false},
    {421, "wrong-host", false},
    {422, "key-reused", false},
    {428, "revision-needed", false},
    {429, "too-many", true},
    {431, "headers-too-large", false},
    {500, "failed", false},
    {501, "method-not-known", false},
    {502, "io", true},
    {503, "busy", true},
};

int http_problem_status(const struct http_problem *problem)
{
    return problem->status ? problem->status : error_kind(problem->err.code)->http_status;
}

static bool is_retryable(const struct http_problem *problem)
{
    for (size_t i = 0; problem->status && i < sizeof(statuses) / sizeof(statuses[0]); i++)
        if (statuses[i].status == problem->status)
            return statuses[i].is_retryable;
    return error_kind(problem->err.code)->retryable;
}

const char *http_problem_name(const struct http_problem *problem)
{
    if (problem->err.detail != DETAIL_NONE)
        return error_detail_row(problem->err.detail)->name;
    for (size_t i = 0; problem->status && i < sizeof(statuses) / sizeof(statuses[0]); i++)
        if (statuses[i].status == problem->status)
            return statuses[i].name;
    return error_kind(problem->err.code)->name;
}

/* "dataset-type-mismatch" in words: "Dataset type mismatch" */
static void title_of(const char *name, char title[NAME_BYTES])
{
    (void)snprintf(title, NAME_BYTES, "%s", name);
    for (char *at = title; *at; at++)
        if (*at == '-')
            *at = ' ';
    title[0] = (char)toupper((unsigned char)title[0]);
}

static void write_places(struct json_stream *out, const struct error *error)
{
    if (!error->pointer[0])
        return;
    json_stream_open(out, "errors", '[');
    json_stream_open(out, NULL, '{');
    json_stream_message(out, "pointer", error->pointer);
    json_stream_message(out, "detail", error->message);
    json_stream_close(out, '}');
    json_stream_close(out, ']');
}

bool http_problem_write(const struct http_problem *problem, const char *request_id, struct buffer *into,
                        struct error *err)
{
    const struct error_detail_row *detail = error_detail_row(problem->err.detail);
    const char *name = http_problem_name(problem);
    char type[NAME_BYTES], title[NAME_BYTES], instance[INSTANCE_BYTES], code[NAME_BYTES];
    struct json_stream out = {.into = into};
    (void)snprintf(type, sizeof(type), "urn:trommel:problem:%s", name);
    (void)snprintf(instance, sizeof(instance), "/requests/%s", request_id);
    (void)snprintf(code, sizeof(code), "Trommel.%04d", http_problem_status(problem));
    title_of(name, title);
    json_stream_open(&out, NULL, '{');
    json_stream_text(&out, "type", type);
    json_stream_text(&out, "title", title);
    json_stream_count(&out, "status", (uint64_t)http_problem_status(problem));
    json_stream_message(&out, "detail", problem->err.message);
    json_stream_text(&out, "instance", instance);
    json_stream_text(&out, "error_code", detail->modelarts[0] ? detail->modelarts : code);
    json_stream_message(&out, "error_msg", problem->err.message);
    json_stream_text(&out, "advice", detail->advice[0] ? detail->advice : NULL);
    json_stream_raw(&out, "retryable", is_retryable(problem) ? "true" : "false");
    write_places(&out, &problem->err);
    json_stream_close(&out, '}');
    return json_stream_check(&out, "the problem", err);
}
