/* SPDX-License-Identifier: Apache-2.0 */
/* The log of a task, and what is added to it while somebody looks on. */
#include "base/clock.h"
#include "cli/commands_own.h"
#include "cli/transport.h"
#include "tasks/task.h"

#include <stdio.h>
#include <string.h>

enum { LOOK_MS = 300 };

const struct param_spec task_logs_params[] = {
    PARAM(struct task_logs_request, follow, .type = PARAM_BOOL,
          .help = "-f: go on printing until the task has ended"),
    PARAM_END,
};
const struct command_letter task_logs_letters[] = {{'f', "follow"}, {0}};

struct following {
    uint64_t printed;
};

static bool print(void *state, const char *type, const void *data, size_t bytes)
{
    struct following *following = state;
    (void)type;
    following->printed += bytes;
    return fwrite(data, 1, bytes, stdout) == bytes && fflush(stdout) == 0;
}

static bool has_ended(struct cli *cli, bool *ret, struct error *err)
{
    AUTO_MUT_JSON reply = NULL;
    if (!transport_ask(cli, route_find("task.show"), yyjson_doc_get_root(cli->request), &reply, err))
        return false;
    yyjson_mut_val *task = yyjson_mut_obj_get(yyjson_mut_doc_get_root(reply), "task");
    const char *state = yyjson_mut_get_str(yyjson_mut_obj_get(task, "state"));
    *ret = !state || task_is_ended(state);
    return true;
}

static bool follow(struct cli *cli, const struct route *route, struct error *err)
{
    struct following following = {0};
    const struct transport_sink sink = {print, &following};
    bool is_over = false;
    for (;;) {
        struct error gone = {0};
        if (!has_ended(cli, &is_over, err)) /* before the log is read, so that its last lines are */
            return false;
        bool is_read =
            transport_file(cli, route, yyjson_doc_get_root(cli->request), following.printed, &sink, &gone);
        if (!is_read && (is_over || gone.code != ERR_NOT_FOUND)) /* a task that waits has no log yet */
            return *err = gone, false;
        if (is_over)
            return true;
        if (atomic_load(&cli->environment->stop->is_set))
            return error_set(err, ERR_CANCELLED, "the task goes on");
        clock_sleep_ms(LOOK_MS);
    }
}

int command_task_logs(struct cli *cli)
{
    const struct task_logs_request *own = cli->own;
    const struct route *route = route_find(cli->command->route);
    struct error err = {0};
    if (!own->follow)
        return output_file(cli, route);
    return follow(cli, route, &err) ? 0 : cli_fail(cli, &err);
}
