/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/demo.h"

#include "base/clock.h"
#include "base/path.h"
#include "demo/demo_road.h"
#include "demo/demo_summary.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { STREAM_MIN = 100 };

static const char *const types[] = {"cls", "det", "both", NULL};

struct demo_request {
    const char *dir, *type;
    uint64_t n;
    bool no_serve, no_browser, keep;
};
static const struct param_spec demo_params[] = {
    PARAM(struct demo_request, dir, .type = PARAM_TEXT, .value_name = "DIR",
          .help = "folder of the demo, also its data folder; default: demo in the data folder"),
    PARAM(struct demo_request, n, .type = PARAM_COUNT, .max = DEMO_STREAM_MAX, .unit = "images",
          .help = "images that a batch service runs over, at least 100; 0: 6,000 garments, 2,000 scenes"),
    PARAM(struct demo_request, type, .type = PARAM_CHOICE, .choices = types, .fallback_text = "both",
          .help = "cls: image classification, det: object detection"),
    PARAM(struct demo_request, keep, .type = PARAM_BOOL,
          .help = "keep an earlier demo and only show its figures again"),
    PARAM(struct demo_request, no_serve, .type = PARAM_BOOL,
          .help = "print and end; on a terminal the console is served else, on Review of what waits"),
    PARAM(struct demo_request, no_browser, .type = PARAM_BOOL, .help = "do not open a browser"),
    PARAM_END,
};

struct demo {
    struct cli *cli;
    const struct demo_request *request;
    const char *folder;
    yyjson_mut_doc *summary;
};

static bool refuse_file(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    const struct demo *demo = state;
    (void)stat;
    return error_set(err, ERR_CONFLICT, "%s holds '%s', which is not the demo's: choose another --dir",
                     demo->folder, key);
}

/* An earlier demo, known by its marker, makes room; a folder with anything else in it is not ours to touch.
 */
static bool clear_folder(struct demo *demo, struct error *err)
{
    static const char *const ours[] = {"images", "scenes",     "output",         "store",          "logs",
                                       "cache",  "trommel.db", "trommel.db-wal", "trommel.db-shm", NULL};
    struct store *opened = NULL;
    bool has_marker = false;
    if (!store_open(demo->folder, true, &opened, err))
        return false;
    AUTO(store) store = opened;
    if (!store_exists(store, DEMO_MARKER, &has_marker, err) ||
        (!has_marker && !store_list(store, "", refuse_file, demo, NULL, err)) ||
        !store_put(store, DEMO_MARKER, (struct bytes){"{}", 2}, err))
        return false;
    for (const char *const *name = ours; *name; name++)
        if (!store_delete_below(store, *name, err))
            return false;
    return true;
}

static bool is_wanted(const struct demo *demo, const struct demo_kind *kind)
{
    return strcmp(demo->request->type, "both") == 0 || strcmp(demo->request->type, kind->type) == 0;
}

static bool walk(struct demo *demo, const struct demo_kind *kind, struct error *err)
{
    struct demo_road road = {.cli = demo->cli,
                             .kind = kind,
                             .data = {.folder = demo->folder, .stream_images = kind->stream_images},
                             .tasks_doc = yyjson_mut_doc_new(NULL)};
    if (!road.tasks_doc)
        return error_no_memory(err);
    if (demo->request->n > 0)
        road.data.stream_images = (uint32_t)demo->request->n;
    road.tasks = yyjson_mut_arr(road.tasks_doc);
    yyjson_mut_doc_set_root(road.tasks_doc, road.tasks);
    bool is_done = demo_road_walk(&road, err);
    if (is_done) {
        demo_summary_add(demo->summary, &road);
        if (!demo->cli->is_json)
            output_tasks(demo->cli, road.tasks);
    }
    demo_road_release(&road);
    return is_done;
}

static bool open_data(struct demo *demo, struct error *err)
{
    struct cli *cli = demo->cli;
    cli->is_open = cli->environment->open_apart(cli->environment->state, demo->folder, &cli->api, err);
    return cli->is_open;
}

static bool walk_all(struct demo *demo, struct error *err)
{
    struct cli *cli = demo->cli;
    if (demo->request->n > 0 && demo->request->n < STREAM_MIN)
        return error_set(err, ERR_INVALID, "--n must be 0 or at least %d", STREAM_MIN);
    if (!cli->environment->share_folder)
        return error_set(
            err, ERR_NOT_FOUND,
            "the demo's files are not installed; set TROMMEL_SHARE to the folder that has demo/");
    if (!clear_folder(demo, err))
        return false;
    bool is_ok = open_data(demo, err);
    for (const struct demo_kind *const *kind = demo_kinds; is_ok && *kind; kind++)
        is_ok = !is_wanted(demo, *kind) || walk(demo, *kind, err);
    return is_ok;
}

/* People at a terminal go on in the console, on Review of what waits to be confirmed. */
static int serve(struct demo *demo)
{
    struct cli *cli = demo->cli;
    const struct demo_kind *const *kind = demo_kinds;
    while (!is_wanted(demo, *kind))
        kind++;
    char *page = arena_printf(cli->arena, "/ui/datasets/%s/review?state=to_be_confirmed", (*kind)->hard);
    char *roots = arena_printf(cli->arena, "%s/images:%s/scenes", demo->folder, demo->folder);
    struct error err = {0};
    if (!page || !roots)
        return cli_fail(cli, (error_no_memory(&err), &err));
    return cli->environment->serve(cli, roots, page, !demo->request->no_browser);
}

static bool wants_console(const struct demo *demo)
{
    const struct cli *cli = demo->cli;
    return cli->is_terminal && !cli->is_json && !cli->is_quiet && !demo->request->no_serve &&
           isatty(STDIN_FILENO) == 1;
}

static int show(struct demo *demo)
{
    yyjson_mut_val *root = yyjson_mut_doc_get_root(demo->summary);
    if (demo->cli->is_json)
        output_json(demo->cli, root);
    else
        demo_summary_say(demo->folder, root);
    return wants_console(demo) ? serve(demo) : 0;
}

static int show_earlier(struct demo *demo)
{
    struct error err = {0};
    if (!demo_summary_read(demo->folder, &demo->summary, &err) ||
        (wants_console(demo) && !open_data(demo, &err)))
        return cli_fail(demo->cli, &err);
    int code = show(demo);
    yyjson_mut_doc_free(demo->summary);
    return code;
}

static int run_demo(struct demo *demo)
{
    struct error err = {0};
    demo->summary = yyjson_mut_doc_new(NULL);
    AUTO_MUT_JSON summary = demo->summary;
    if (!summary)
        return cli_fail(demo->cli, (error_no_memory(&err), &err));
    yyjson_mut_doc_set_root(summary, yyjson_mut_obj(summary));
    if (!walk_all(demo, &err) || !demo_summary_keep(demo->folder, summary, &err))
        return cli_fail(demo->cli, &err);
    return show(demo);
}

static int command_demo(struct cli *cli)
{
    struct error err = {0};
    char *folder = NULL;
    struct demo demo = {.cli = cli, .request = cli->params};
    const char *dir = demo.request->dir ? demo.request->dir : path_join(cli->arena, cli->data_folder, "demo");
    if (!dir || !path_absolute(cli->arena, dir, &folder, &err))
        return cli_fail(cli, &err);
    demo.folder = folder;
    (void)fprintf(stderr, "trommel " TROMMEL_VERSION "  ·  data in %s  ·  nothing leaves this machine\n",
                  folder);
    return demo.request->keep ? show_earlier(&demo) : run_demo(&demo);
}

const struct command demo_commands[] = {
    {.name = "demo",
     .run = command_demo,
     .params = demo_params,
     .params_size = sizeof(struct demo_request),
     .needs_no_data = true,
     .summary = "Walks the whole road on real images, in about half a minute, with nothing but this machine.",
     .examples = "trommel demo\ntrommel demo --type det\ntrommel demo --dir /tmp/d --json"},
    {NULL},
};
