/* SPDX-License-Identifier: Apache-2.0 */
/* What of a call goes into the audit. */
#include "account/audit.h"
#include "api/api.h"
#include "base/log.h"

#include <string.h>

bool api_is_audited(const struct route *route)
{
    return route->handle && strcmp(route->method, "GET") != 0;
}

/* The first path parameter, or the name of what is made. */
static const char *subject_of(const struct api_call *call, const struct route *route)
{
    struct param_position at = {0};
    const struct param_spec *first = params_next(route->params, &at);
    const char *subject = call->subject;
    if (!subject && first && first->is_positional)
        subject = json_text(call->request, first->name, NULL);
    return subject ? subject : json_text(call->request, "name", "");
}

void api_audit(const struct api_call *call, const struct route *route, const char *outcome)
{
    const struct account_caller *caller = call->caller ? call->caller : &account_nobody;
    struct error err = {0};
    const struct audit_row row = {.user = caller->user,
                                  .project_id = caller->project_id,
                                  .route = route->name,
                                  .subject = subject_of(call, route),
                                  .address = call->client ? call->client->address : "local",
                                  .outcome = outcome,
                                  .request_id = call->request_id};
    if (!audit_add(call->api->db, &row, &err))
        log_write(LOG_ERROR, "a call of %s by '%s' could not be written into the audit: %s", route->name,
                  caller->user ? caller->user : "", err.message);
}
