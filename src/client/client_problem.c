/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client.h"

#include "base/json.h"
#include "base/text.h"

#include <string.h>

static const char problem_prefix[] = "urn:trommel:problem:";

static enum error_code code_of_status(int status)
{
    switch (status) {
    case 401:
    case 403:
    case 421:
        return ERR_DENIED;
    case 404:
        return ERR_NOT_FOUND;
    case 409:
    case 412:
        return ERR_CONFLICT;
    case 413:
    case 414:
    case 429:
    case 431:
    case 507:
        return ERR_LIMIT;
    case 502:
    case 503:
    case 504:
        return ERR_IO;
    default:
        return status >= 500 ? ERR_FAILED : ERR_INVALID;
    }
}

/* "urn:trommel:problem:model-exists" names a row of the tables of errors, or only a status. */
static void code_of_type(const char *type, int status, enum error_code *ret_code,
                         enum error_detail *ret_detail)
{
    const char *name = text_starts_with(type, problem_prefix) ? type + strlen(problem_prefix) : "";
    *ret_detail = error_detail_find(name);
    *ret_code = code_of_status(status);
    for (int code = ERR_NONE + 1; code < ERR_CODE_COUNT; code++)
        if (strcmp(error_kind((enum error_code)code)->name, name) == 0)
            *ret_code = (enum error_code)code;
}

static const char *pointer_of(yyjson_val *root)
{
    return json_text(yyjson_arr_get_first(yyjson_obj_get(root, "errors")), "pointer", "");
}

bool client_problem(int status, struct bytes body, struct error *err)
{
    AUTO_JSON doc = NULL;
    struct error ignored = {0};
    enum error_code code = code_of_status(status);
    enum error_detail detail = DETAIL_NONE;
    (void)!json_parse(body, "the reply", &doc, &ignored);
    yyjson_val *root = yyjson_doc_get_root(doc); /* NULL, or no object: it has no members */
    const char *message = json_text(root, "detail", json_text(root, "title", ""));
    if (!message[0])
        return error_set(err, code, "the server answered with status %d, and nothing that explains it",
                         status);
    code_of_type(json_text(root, "type", ""), status, &code, &detail);
    if (detail != DETAIL_NONE)
        (void)error_set_detail(err, detail, "%s", message);
    else
        (void)error_set(err, code, "%s", message);
    return error_point(err, pointer_of(root));
}
