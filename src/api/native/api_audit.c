/* SPDX-License-Identifier: Apache-2.0 */
/* The audit: what was done by whom, or refused. */
#include "account/audit.h"
#include "api/native/native.h"
#include "base/text.h"

#include <stdio.h>

enum { DEFAULT_LIMIT = 100, CURSOR_BYTES = 24 };

struct audit_request {
    const char *user, *route, *cursor;
    uint64_t limit;
};
static const struct param_spec audit_params[] = {
    PARAM(struct audit_request, user, .type = PARAM_TEXT, .help = "only what this user did"),
    PARAM(struct audit_request, route, .type = PARAM_TEXT, .help = "only this operation: user.add, …"),
    PARAM(struct audit_request, cursor, .type = PARAM_TEXT, .help = "next_cursor of the page before"),
    PARAM(struct audit_request, limit, .type = PARAM_COUNT, .fallback = DEFAULT_LIMIT, .min = 1,
          .max = AUDIT_PAGE_MAX, .help = "at most so many"),
    PARAM_END,
};

static void fill_entry(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct audit_row *row)
{
    (void)yyjson_mut_obj_add_sint(doc, object, "id", row->id);
    reply_time(doc, object, "time", row->occurred_ms);
    reply_text(doc, object, "user", row->user[0] ? row->user : NULL);
    reply_text(doc, object, "project", row->project_id[0] ? row->project_id : NULL);
    reply_text(doc, object, "route", row->route);
    reply_text(doc, object, "subject", row->subject);
    reply_text(doc, object, "address", row->address);
    reply_text(doc, object, "outcome", row->outcome);
    reply_text(doc, object, "request_id", row->request_id);
}

static bool list(struct api_call *call, struct error *err)
{
    const struct audit_request *request = call->params;
    struct audit_row *rows = NULL;
    size_t count = 0;
    uint64_t before = 0;
    char cursor[CURSOR_BYTES];
    if (request->cursor && !text_to_count(request->cursor, "cursor", 1, INT64_MAX, &before, err))
        return error_point(err, "/cursor");
    const struct audit_filter filter = {.project_id = account_managed_project(call),
                                        .user = request->user,
                                        .route = request->route,
                                        .before_id = (int64_t)before,
                                        .limit = (int64_t)request->limit};
    if (!audit_list(call->api->db, call->arena, &filter, &rows, &count, err))
        return false;
    yyjson_mut_val *entries = yyjson_mut_obj_add_arr(call->reply, call->root, "entries");
    for (size_t i = 0; i < count; i++)
        fill_entry(call->reply, yyjson_mut_arr_add_obj(call->reply, entries), &rows[i]);
    bool has_more = count == request->limit;
    if (has_more)
        (void)snprintf(cursor, sizeof(cursor), "%lld", (long long)rows[count - 1].id);
    reply_text(call->reply, call->root, "next_cursor", has_more ? cursor : NULL);
    return true;
}

const struct route route_audit_list = {"audit.list",
                                       "GET",
                                       "/api/v1/audit",
                                       audit_params,
                                       sizeof(struct audit_request),
                                       list,
                                       "Lists who did what, or was refused, newest first.",
                                       ROLE_ADMIN,
                                       200,
                                       &shape_audit};
