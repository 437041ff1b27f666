/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenAPI 3.1 document of the route tables. */
#include "api/api.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 96, SHAPE_DEPTH_MAX = 8 };

struct document {
    yyjson_mut_doc *doc;
    yyjson_mut_val *paths, *schemas;
};

static void add(struct document *out, yyjson_mut_val *object, const char *name, const char *text)
{
    (void)yyjson_mut_obj_add_strcpy(out->doc, object, name, text);
}

static yyjson_mut_val *add_object(struct document *out, yyjson_mut_val *object, const char *name)
{
    yyjson_mut_val *value = yyjson_mut_obj(out->doc);
    (void)yyjson_mut_obj_add(object, yyjson_mut_strcpy(out->doc, name), value);
    return value;
}

static void add_reference(struct document *out, yyjson_mut_val *object, const char *kind, const char *name)
{
    char reference[NAME_BYTES];
    (void)snprintf(reference, sizeof(reference), "#/components/%s/%s", kind, name);
    add(out, object, "$ref", reference);
}

/* ---- what requests hold ---- */

static void add_number(struct document *out, yyjson_mut_val *object, const char *name, double value)
{
    bool is_whole = value >= -1e15 && value <= 1e15 && value == (double)(int64_t)value;
    if (is_whole)
        (void)yyjson_mut_obj_add_int(out->doc, object, name, (int64_t)value);
    else
        (void)yyjson_mut_obj_add_real(out->doc, object, name, value);
}

static void add_choices(struct document *out, yyjson_mut_val *schema, const struct param_spec *spec)
{
    yyjson_mut_val *choices = yyjson_mut_obj_add_arr(out->doc, schema, "enum");
    for (const char *const *choice = spec->choices; *choice; choice++)
        (void)yyjson_mut_arr_add_str(out->doc, choices, *choice);
}

static void add_range(struct document *out, yyjson_mut_val *schema, const struct param_spec *spec)
{
    add_number(out, schema, "minimum", spec->min);
    add_number(out, schema, "maximum", spec->max);
    if (!spec->is_required)
        add_number(out, schema, "default", spec->fallback);
}

static void add_item_types(struct document *out, yyjson_mut_val *schema)
{
    yyjson_mut_val *types =
        yyjson_mut_obj_add_arr(out->doc, yyjson_mut_obj_add_obj(out->doc, schema, "items"), "type");
    (void)yyjson_mut_arr_add_str(out->doc, types, "string");
    (void)yyjson_mut_arr_add_str(out->doc, types, "number");
}

static void fill_param(struct document *out, yyjson_mut_val *schema, const struct param_spec *spec)
{
    static const char *const types[] = {
        [PARAM_TEXT] = "string",  [PARAM_NUMBER] = "number", [PARAM_COUNT] = "integer",
        [PARAM_BOOL] = "boolean", [PARAM_CHOICE] = "string", [PARAM_JSON] = "object",
        [PARAM_LIST] = "array"};
    add(out, schema, "type", spec->is_array ? "array" : types[spec->type]);
    if (spec->is_array)
        add(out, yyjson_mut_obj_add_obj(out->doc, schema, "items"), "type", "object");
    bool is_text = spec->type == PARAM_TEXT || spec->type == PARAM_CHOICE;
    if (is_text && spec->fallback_text)
        add(out, schema, "default", spec->fallback_text);
    if (spec->type == PARAM_TEXT)
        add_number(out, schema, "maxLength", spec->max > 0 ? spec->max : PARAM_TEXT_MAX_BYTES);
    if (spec->path == PARAM_PATH)
        add(out, schema, "format", "path");
    if (spec->is_secret) {
        add(out, schema, "format", "password");
        (void)yyjson_mut_obj_add_bool(out->doc, schema, "writeOnly", true);
    }
    if (spec->type == PARAM_CHOICE)
        add_choices(out, schema, spec);
    if (spec->type == PARAM_NUMBER || spec->type == PARAM_COUNT)
        add_range(out, schema, spec);
    if (spec->type == PARAM_BOOL)
        (void)yyjson_mut_obj_add_bool(out->doc, schema, "default", spec->fallback != 0);
    if (spec->type == PARAM_LIST)
        add_item_types(out, schema);
}

/* In a body null is as if left out; of a list that may mean: none. */
static void allow_null(struct document *out, yyjson_mut_val *schema)
{
    yyjson_mut_val *types = yyjson_mut_arr(out->doc);
    (void)yyjson_mut_arr_add_str(out->doc, types, "array");
    (void)yyjson_mut_arr_add_str(out->doc, types, "null");
    (void)yyjson_mut_obj_put(schema, yyjson_mut_str(out->doc, "type"), types);
}

static bool is_in_path(const struct route *route, const char *name)
{
    char part[NAME_BYTES];
    (void)snprintf(part, sizeof(part), "{%s}", name);
    return strstr(route->path, part) != NULL;
}

/* Parameters stand in a body of JSON. */
static bool has_body(const struct route *route)
{
    if (route->receive)
        return false;
    return strcmp(route->method, "POST") == 0 || strcmp(route->method, "PUT") == 0 ||
           strcmp(route->method, "PATCH") == 0;
}

static yyjson_mut_val *add_parameter(struct document *out, yyjson_mut_val *list, const char *name,
                                     const char *where, const char *help)
{
    yyjson_mut_val *parameter = yyjson_mut_arr_add_obj(out->doc, list);
    add(out, parameter, "name", name);
    add(out, parameter, "in", where);
    add(out, parameter, "description", help);
    return parameter;
}

static void add_wait(struct document *out, yyjson_mut_val *list)
{
    yyjson_mut_val *parameter =
        add_parameter(out, list, "wait", "query", "seconds to wait for the end of the task before the reply");
    yyjson_mut_val *schema = add_object(out, parameter, "schema");
    add(out, schema, "type", "integer");
    add_number(out, schema, "minimum", 0);
    add_number(out, schema, "maximum", API_WAIT_MAX_SECONDS);
    add_number(out, schema, "default", 0);
}

static void add_key(struct document *out, yyjson_mut_val *list)
{
    yyjson_mut_val *parameter =
        add_parameter(out, list, "Idempotency-Key", "header",
                      "the same key with the same request is done once, however often it is sent");
    yyjson_mut_val *schema = add_object(out, parameter, "schema");
    add(out, schema, "type", "string");
    add_number(out, schema, "minLength", 1);
    add_number(out, schema, "maxLength", API_KEY_MAX_BYTES);
}

static void add_if_match(struct document *out, yyjson_mut_val *list)
{
    yyjson_mut_val *parameter = add_parameter(out, list, "If-Match", "header",
                                              "the revision that is changed, as the ETag of GET tells it");
    (void)yyjson_mut_obj_add_bool(out->doc, parameter, "required", true);
    add(out, add_object(out, parameter, "schema"), "type", "string");
}

static void add_parameters(struct document *out, yyjson_mut_val *operation, const struct route *route)
{
    struct param_position at = {0};
    const struct param_spec *spec;
    yyjson_mut_val *list = yyjson_mut_arr(out->doc);
    while ((spec = params_next(route->params, &at))) {
        bool is_path = is_in_path(route, spec->name);
        if (!is_path && has_body(route))
            continue;
        yyjson_mut_val *parameter =
            add_parameter(out, list, spec->name, is_path ? "path" : "query", spec->help);
        if (spec->is_required)
            (void)yyjson_mut_obj_add_bool(out->doc, parameter, "required", true);
        fill_param(out, add_object(out, parameter, "schema"), spec);
    }
    if (api_route_has_task(route))
        add_wait(out, list);
    if (route->keeps_reply || (api_route_has_task(route) && route->status == 202))
        add_key(out, list);
    if (route->needs_if_match)
        add_if_match(out, list);
    if (yyjson_mut_arr_size(list) > 0)
        (void)yyjson_mut_obj_add_val(out->doc, operation, "parameters", list);
}

static void add_body(struct document *out, yyjson_mut_val *operation, const struct route *route)
{
    struct param_position at = {0};
    const struct param_spec *spec;
    yyjson_mut_val *required = yyjson_mut_arr(out->doc), *body = yyjson_mut_obj(out->doc);
    yyjson_mut_val *schema =
        add_object(out, add_object(out, add_object(out, body, "content"), "application/json"), "schema");
    add(out, schema, "type", "object");
    yyjson_mut_val *properties = add_object(out, schema, "properties");
    while ((spec = params_next(route->params, &at))) {
        if (is_in_path(route, spec->name))
            continue;
        yyjson_mut_val *property = add_object(out, properties, spec->name);
        add(out, property, "description", spec->help);
        fill_param(out, property, spec);
        if (spec->type == PARAM_LIST && !spec->is_required)
            allow_null(out, property);
        if (spec->is_required)
            (void)yyjson_mut_arr_add_str(out->doc, required, spec->name);
    }
    if (yyjson_mut_obj_size(properties) == 0)
        return;
    if (yyjson_mut_arr_size(required) > 0) {
        (void)yyjson_mut_obj_add_bool(out->doc, body, "required", true);
        (void)yyjson_mut_obj_add_val(out->doc, schema, "required", required);
    }
    (void)yyjson_mut_obj_add_bool(out->doc, schema, "additionalProperties", false);
    (void)yyjson_mut_obj_add_val(out->doc, operation, "requestBody", body);
}

static void add_bytes_body(struct document *out, yyjson_mut_val *operation)
{
    yyjson_mut_val *body = add_object(out, operation, "requestBody");
    (void)add_object(out, add_object(out, body, "content"), "application/octet-stream");
}

/* ---- what replies hold ---- */

static void add_shape(struct document *out, const struct reply_shape *shape, int depth);

static void fill_type(struct document *out, yyjson_mut_val *schema, const struct reply_spec *spec)
{
    static const char *const types[REPLY_TYPE_COUNT] = {"string",  "string", "integer", "number",
                                                        "boolean", "object", "array",   NULL};
    const char *type = types[spec->type];
    if (type && spec->is_nullable) {
        yyjson_mut_val *list = yyjson_mut_obj_add_arr(out->doc, schema, "type");
        (void)yyjson_mut_arr_add_str(out->doc, list, type);
        (void)yyjson_mut_arr_add_str(out->doc, list, "null");
    } else if (type) {
        add(out, schema, "type", type);
    }
    if (spec->type == REPLY_TIME)
        add(out, schema, "format", "date-time");
}

static void add_object_or_null(struct document *out, yyjson_mut_val *schema, const struct reply_spec *spec)
{
    if (!spec->is_nullable) {
        add_reference(out, schema, "schemas", spec->shape->name);
        return;
    }
    yyjson_mut_val *either = yyjson_mut_obj_add_arr(out->doc, schema, "anyOf");
    add_reference(out, yyjson_mut_arr_add_obj(out->doc, either), "schemas", spec->shape->name);
    add(out, yyjson_mut_arr_add_obj(out->doc, either), "type", "null");
}

static void add_member(struct document *out, yyjson_mut_val *properties, const struct reply_spec *spec)
{
    yyjson_mut_val *schema = add_object(out, properties, spec->name);
    add(out, schema, "description", spec->help);
    if (spec->shape && spec->type == REPLY_OBJECT) {
        add_object_or_null(out, schema, spec);
        return;
    }
    fill_type(out, schema, spec);
    if (spec->shape)
        add_reference(out, add_object(out, schema, "items"), "schemas", spec->shape->name);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the tables are */
static void add_shape(struct document *out, const struct reply_shape *shape, int depth)
{
    if (depth >= SHAPE_DEPTH_MAX || yyjson_mut_obj_get(out->schemas, shape->name))
        return;
    yyjson_mut_val *schema = add_object(out, out->schemas, shape->name);
    yyjson_mut_val *required = yyjson_mut_arr(out->doc);
    add(out, schema, "type", "object");
    yyjson_mut_val *properties = add_object(out, schema, "properties");
    for (const struct reply_spec *spec = shape->members; spec->name; spec++) {
        add_member(out, properties, spec);
        if (!spec->is_optional)
            (void)yyjson_mut_arr_add_str(out->doc, required, spec->name);
        if (spec->shape)
            add_shape(out, spec->shape, depth + 1);
    }
    if (yyjson_mut_arr_size(required) > 0)
        (void)yyjson_mut_obj_add_val(out->doc, schema, "required", required);
}

static void add_responses(struct document *out, yyjson_mut_val *operation, const struct route *route)
{
    char status[8];
    yyjson_mut_val *responses = add_object(out, operation, "responses");
    (void)snprintf(status, sizeof(status), "%d", route->status);
    yyjson_mut_val *done = add_object(out, responses, status);
    add(out, done, "description",
        route->status == 202   ? "queued; Location names the task"
        : route->status == 201 ? "made"
                               : "done");
    yyjson_mut_val *content = add_object(out, done, "content");
    if (route->is_file) {
        (void)add_object(out, content, "*/*");
        add_reference(out, add_object(out, responses, "206"), "responses", "Part");
    } else {
        yyjson_mut_val *schema = add_object(out, add_object(out, content, "application/json"), "schema");
        add_reference(out, schema, "schemas", route->reply->name);
        add_shape(out, route->reply, 0);
    }
    if (strcmp(route->method, "GET") == 0)
        add_reference(out, add_object(out, responses, "304"), "responses", "NotModified");
    add_reference(out, add_object(out, responses, "4XX"), "responses", "Problem");
    add_reference(out, add_object(out, responses, "5XX"), "responses", "Problem");
}

static void add_route(struct document *out, const struct route *route)
{
    char method[8], tag[NAME_BYTES];
    size_t used = 0;
    for (; route->method[used] && used + 1 < sizeof(method); used++)
        method[used] = (char)tolower((unsigned char)route->method[used]);
    method[used] = '\0';
    yyjson_mut_val *path = yyjson_mut_obj_get(out->paths, route->path);
    if (!path)
        path = add_object(out, out->paths, route->path);
    yyjson_mut_val *operation = add_object(out, path, method);
    (void)snprintf(tag, sizeof(tag), "%.*s", (int)strcspn(route->name, "."), route->name);
    add(out, operation, "operationId", route->name);
    add(out, operation, "summary", route->summary);
    (void)yyjson_mut_arr_add_strcpy(out->doc, yyjson_mut_obj_add_arr(out->doc, operation, "tags"), tag);
    add(out, operation, "x-role", account_role_name(route->role));
    if (route->role == ROLE_ANYONE)
        (void)yyjson_mut_obj_add_arr(out->doc, operation, "security");
    add_parameters(out, operation, route);
    if (has_body(route))
        add_body(out, operation, route);
    if (route->receive)
        add_bytes_body(out, operation);
    add_responses(out, operation, route);
}

/* ---- the document ---- */

static const struct reply_shape problem_place = {
    "ProblemPlace",
    (const struct reply_spec[]){
        {.name = "pointer", .type = REPLY_TEXT, .help = "JSON pointer to the member of the request at fault"},
        {.name = "detail", .type = REPLY_TEXT, .help = "what is wrong with it"},
        {.name = NULL}}};
static const struct reply_shape problem = {
    "Problem",
    (const struct reply_spec[]){
        {.name = "type", .type = REPLY_TEXT, .help = "a name for programs: urn:trommel:problem:…"},
        {.name = "title", .type = REPLY_TEXT, .help = "the kind of problem, for people"},
        {.name = "status", .type = REPLY_COUNT, .help = "the HTTP status"},
        {.name = "detail", .type = REPLY_TEXT, .help = "what happened"},
        {.name = "instance", .type = REPLY_TEXT, .help = "names the request, as in the server's log"},
        {.name = "error_code", .type = REPLY_TEXT, .help = "ModelArts.NNNN, or Trommel.NNNN"},
        {.name = "error_msg", .type = REPLY_TEXT, .help = "the same as detail"},
        {.name = "advice", .type = REPLY_TEXT, .is_optional = true, .help = "what to do"},
        {.name = "retryable", .type = REPLY_BOOL, .help = "the same request may work later"},
        {.name = "current",
         .type = REPLY_ANY,
         .is_optional = true,
         .help = "with 412: the thing as it is now, as GET shows it"},
        {.name = "errors",
         .type = REPLY_LIST,
         .shape = &problem_place,
         .is_optional = true,
         .help = "where in the request"},
        {.name = NULL}}};

/* How a caller shows who it is: one of these. */
static const struct {
    const char *name, *type, *key, *value, *in, *help;
} ways[] = {
    {"bearer", "http", "scheme", "bearer", NULL, "an API token"},
    {"token", "apiKey", "name", "X-Auth-Token", "header", "an API token, as ModelArts' clients send it"},
    {"session", "apiKey", "name", "__Host-trommel", "cookie",
     "of POST /api/v1/session; what changes something needs X-CSRF-Token too"},
};

static void add_ways(struct document *out, yyjson_mut_val *security)
{
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        (void)yyjson_mut_obj_add_arr(out->doc, yyjson_mut_arr_add_obj(out->doc, security), ways[i].name);
}

static void add_schemes(struct document *out, yyjson_mut_val *components)
{
    yyjson_mut_val *schemes = add_object(out, components, "securitySchemes");
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        yyjson_mut_val *scheme = add_object(out, schemes, ways[i].name);
        add(out, scheme, "type", ways[i].type);
        add(out, scheme, ways[i].key, ways[i].value);
        if (ways[i].in)
            add(out, scheme, "in", ways[i].in);
        add(out, scheme, "description", ways[i].help);
    }
}

static void add_components(struct document *out, yyjson_mut_val *root)
{
    yyjson_mut_val *components = add_object(out, root, "components");
    add_schemes(out, components);
    yyjson_mut_val *responses = add_object(out, components, "responses");
    yyjson_mut_val *response = add_object(out, responses, "Problem");
    add(out, response, "description", "what went wrong, as RFC 9457 says it");
    yyjson_mut_val *content = add_object(out, response, "content");
    add_reference(out, add_object(out, add_object(out, content, "application/problem+json"), "schema"),
                  "schemas", problem.name);
    yyjson_mut_val *part = add_object(out, responses, "Part");
    add(out, part, "description", "the bytes that Range asked for");
    (void)add_object(out, add_object(out, part, "content"), "*/*");
    add(out, add_object(out, responses, "NotModified"), "description",
        "the reply is still the one that If-None-Match names");
    (void)yyjson_mut_obj_add_val(out->doc, components, "schemas", out->schemas);
}

static void add_info(struct document *out, yyjson_mut_val *root)
{
    add(out, root, "openapi", "3.1.0");
    yyjson_mut_val *info = add_object(out, root, "info");
    add(out, info, "title", "Trommel");
    add(out, info, "version", TROMMEL_VERSION);
    add(out, info, "summary", "Batch inference, hard examples, datasets, versions.");
    yyjson_mut_val *license = add_object(out, info, "license");
    add(out, license, "name", "Apache-2.0");
    add(out, license, "identifier", "Apache-2.0");
    yyjson_mut_val *servers = yyjson_mut_obj_add_arr(out->doc, root, "servers");
    add(out, yyjson_mut_arr_add_obj(out->doc, servers), "url", "/");
    add_ways(out, yyjson_mut_obj_add_arr(out->doc, root, "security"));
}

bool api_openapi(struct buffer *into, struct error *err)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    if (!doc)
        return error_no_memory(err);
    struct document out = {doc, yyjson_mut_obj(doc), yyjson_mut_obj(doc)};
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    add_info(&out, root);
    const struct route *const *tables[] = {all_routes, server_routes};
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        for (const struct route *const *route = tables[i]; *route; route++)
            add_route(&out, *route);
    add_shape(&out, &problem, 0);
    (void)yyjson_mut_obj_add_val(doc, root, "paths", out.paths);
    add_components(&out, root);
    return json_write(doc, true, into, err) &&
           (buffer_add_text(into, "\n") || buffer_check(into, "the OpenAPI document", err));
}
