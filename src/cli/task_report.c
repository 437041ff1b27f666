/* SPDX-License-Identifier: Apache-2.0 */
/* The report of a filtering: in short on the terminal, whole as JSON, with pictures as one HTML file. */
#include "base/path.h"
#include "cli/commands_own.h"
#include "cli/transport.h"
#include "work/outlet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct param_spec task_report_params[] = {
    PARAM(struct task_report_request, html, .type = PARAM_BOOL,
          .help = "one HTML file with pictures, which needs no server to be looked at"),
    PARAM(struct task_report_request, output, .type = PARAM_TEXT, .value_name = "FILE",
          .help = "-o: write it to this file, as a whole; HTML or JSON"),
    PARAM_END,
};
const struct command_letter task_report_letters[] = {{'o', "output"}, {0}};

static const struct column facts[] = {
    {"IMAGES", "images", COLUMN_COUNT},
    {"ANALYSED", "analysed", COLUMN_COUNT},
    {"FAILED", "failed", COLUMN_COUNT},
    {"HARD", "hard", COLUMN_COUNT},
    {"BEHIND", "behind", COLUMN_COUNT},
    {"TRAINING", "training_samples", COLUMN_COUNT},
    {"INFERENCES", "inferences_per_image", COLUMN_NUMBER},
    {"AUROC", "auroc", COLUMN_NUMBER},
    {"FINISHED", "finished", COLUMN_TIME},
    {NULL},
};
static const struct column reasons[] = {
    {"CODE", "code", COLUMN_TEXT}, {"REASON", "name", COLUMN_TEXT}, {"HARD", "hard", COLUMN_COUNT}, {NULL}};

/* ---- to a file ---- */

struct writing {
    struct outlet outlet;
    struct error why; /* it cannot be written */
};

static bool take(void *state, const char *type, const void *data, size_t bytes)
{
    struct writing *writing = state;
    (void)type;
    return outlet_write(&writing->outlet, (struct bytes){data, bytes}, &writing->why);
}

static bool write_page(struct cli *cli, struct writing *writing, struct error *err)
{
    const struct transport_sink sink = {take, writing};
    if (transport_file(cli, route_find("task.report_page"), yyjson_doc_get_root(cli->request), 0, &sink, err))
        return true;
    if (writing->why.code != ERR_NONE)
        *err = writing->why;
    return false;
}

static bool write_json(struct cli *cli, struct writing *writing, struct error *err)
{
    size_t bytes = 0;
    char *text = yyjson_mut_write(cli->reply, YYJSON_WRITE_PRETTY_TWO_SPACES, &bytes);
    if (!text)
        return error_no_memory(err);
    bool is_written = outlet_write(&writing->outlet, (struct bytes){text, bytes}, err) &&
                      outlet_write(&writing->outlet, (struct bytes){"\n", 1}, err);
    free(text);
    return is_written;
}

static int write_file(struct cli *cli, const struct task_report_request *own)
{
    struct error err = {0};
    char *path = NULL;
    struct writing writing = {.outlet = outlet_none()};
    bool is_done = path_absolute(cli->arena, own->output, &path, &err) &&
                   outlet_open(path, false, &writing.outlet, &err) &&
                   (own->html ? write_page(cli, &writing, &err) : write_json(cli, &writing, &err)) &&
                   outlet_finish(&writing.outlet, &err);
    outlet_release(&writing.outlet);
    if (!is_done)
        return cli_fail(cli, &err);
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *told = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, told);
    (void)yyjson_mut_obj_add_str(doc, told, "file", path);
    output_object(cli, told, NULL);
    return 0;
}

/* ---- in short ---- */

static void copy_member(yyjson_mut_doc *doc, yyjson_mut_val *to, const char *name, yyjson_mut_val *from,
                        const char *member)
{
    yyjson_mut_val *value = yyjson_mut_obj_get(from, member);
    if (value && !yyjson_mut_is_null(value))
        (void)yyjson_mut_obj_add_val(doc, to, name, yyjson_mut_val_mut_copy(doc, value));
}

static void say_facts(struct cli *cli, yyjson_mut_val *root, yyjson_mut_val *report)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *told = yyjson_mut_obj(doc), *images = yyjson_mut_obj_get(report, "images");
    yyjson_mut_doc_set_root(doc, told);
    static const char *const names[] = {"task", "service", "model", "train", "dataset", "finished"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        copy_member(doc, told, names[i], root, names[i]);
    copy_member(doc, told, "images", images, "total");
    copy_member(doc, told, "analysed", images, "analysed");
    copy_member(doc, told, "failed", images, "failed");
    copy_member(doc, told, "hard", images, "hard");
    copy_member(doc, told, "behind", yyjson_mut_obj_get(report, "list"), "others");
    copy_member(doc, told, "training_samples", yyjson_mut_obj_get(report, "training"), "samples");
    copy_member(doc, told, "inferences_per_image", yyjson_mut_obj_get(report, "views"),
                "inferences_per_image");
    yyjson_mut_val *learned = yyjson_mut_obj_get(report, "learned");
    copy_member(doc, told, "learned", learned, "is_used");
    copy_member(doc, told, "why_not_learned", learned, "why_not");
    copy_member(doc, told, "auroc", learned, "auroc");
    output_object(cli, told, facts);
}

/* Those that spoke. */
static void say_reasons(struct cli *cli, yyjson_mut_val *report)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *told = yyjson_mut_arr(doc), *reason;
    size_t index, max;
    yyjson_mut_doc_set_root(doc, told);
    yyjson_mut_arr_foreach(yyjson_mut_obj_get(report, "reasons"), index, max, reason)
    {
        if (yyjson_mut_get_num(yyjson_mut_obj_get(reason, "hard")) > 0)
            (void)yyjson_mut_arr_append(told, yyjson_mut_val_mut_copy(doc, reason));
    }
    (void)printf("\n");
    output_rows(cli, told, reasons);
}

static void say_report(struct cli *cli)
{
    yyjson_mut_val *root = yyjson_mut_doc_get_root(cli->reply);
    yyjson_mut_val *report = yyjson_mut_obj_get(root, "report");
    if (cli->is_json) {
        output_json(cli, root);
        return;
    }
    if (cli->is_quiet) {
        (void)printf("%s\n", yyjson_mut_get_str(yyjson_mut_obj_get(root, "task")));
        return;
    }
    say_facts(cli, root, report);
    say_reasons(cli, report);
    if (cli->is_terminal)
        (void)fprintf(stderr, "\nwith pictures: trommel task report %.8s --html -o report.html\n",
                      yyjson_mut_get_str(yyjson_mut_obj_get(root, "task")));
}

int command_task_report(struct cli *cli)
{
    const struct task_report_request *own = cli->own;
    struct error err = {0};
    if (own->html && !own->output)
        return output_file(cli, route_find("task.report_page"));
    if (!own->html &&
        !transport_ask(cli, route_find("task.report"), yyjson_doc_get_root(cli->request), &cli->reply, &err))
        return cli_fail(cli, &err);
    if (own->output)
        return write_file(cli, own);
    say_report(cli);
    return 0;
}
