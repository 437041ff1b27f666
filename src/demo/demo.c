/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/demo.h"

#include "base/clock.h"
#include "base/text.h"
#include "demo/demo_summary.h"
#include "demo/demo_truth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONFIRMED_BY_DEMO = 100, REQUEST_BYTES = 16384, LABEL_BYTES = 64, STEPS = 6, HARD_SHARE_PERCENT = 20 };

static const char *const types[] = {"cls", NULL};

struct demo_request {
    const char *dir, *type;
    uint64_t n;
    bool no_serve, no_browser, keep;
};
static const struct param_spec demo_params[] = {
    PARAM(struct demo_request, dir, .type = PARAM_TEXT, .value_name = "DIR",
          .help = "folder of the demo, also its data folder; default: demo in the data folder"),
    PARAM(struct demo_request, n, .type = PARAM_COUNT, .fallback = 6000, .min = 100, .max = DEMO_STREAM_MAX,
          .unit = "images", .help = "images that the batch service runs over"),
    PARAM(struct demo_request, type, .type = PARAM_CHOICE, .choices = types, .fallback_text = "cls",
          .help = "cls: image classification"),
    PARAM(struct demo_request, keep, .type = PARAM_BOOL,
          .help = "keep an earlier demo and only show its figures again"),
    PARAM(struct demo_request, no_serve, .type = PARAM_BOOL, .help = "print and end"),
    PARAM(struct demo_request, no_browser, .type = PARAM_BOOL, .help = "do not open a browser"),
    PARAM_END,
};

struct demo {
    struct cli *cli;
    const struct demo_request *request;
    struct demo_data data;
    const char *labels[DEMO_CLASSES];
    char label_texts[DEMO_CLASSES][LABEL_BYTES];
    char model_path[4096];
    double start, step_start;
    int step;
    yyjson_mut_doc *tasks_doc;
    yyjson_mut_val *tasks;
    const char *run, *mining; /* task ids */
    int64_t confirmed, relabeled;
    struct demo_score ours, plain;
};

/* ---- talking ---- */

static void say_step(struct demo *demo, const char *what)
{
    demo->step_start = clock_steady_seconds();
    demo->step++;
    (void)fprintf(stderr, " %d/%d %s\n", demo->step, STEPS, what);
}

static void say_done(const struct demo *demo, const char *result)
{
    (void)fprintf(stderr, "     %s  %.1f s\n", result, clock_steady_seconds() - demo->step_start);
}

/* ---- asking the API, as the command line does ---- */

static yyjson_mut_val *ask(struct demo *demo, const char *route, yyjson_mut_doc *request, struct error *err)
{
    AUTO_BUFFER(text, REQUEST_BYTES);
    if (!json_write(request, false, &text, err))
        return NULL;
    return cli_call(demo->cli, route, text.data, err);
}

/* Waits for the reply's task; *ret_result is its result object. */
static bool finish_task(struct demo *demo, yyjson_mut_val *reply, struct error *err)
{
    const char *id = yyjson_mut_get_str(yyjson_mut_obj_get(yyjson_mut_obj_get(reply, "task"), "id"));
    char *copy = arena_text(demo->cli->arena, id);
    if (!copy)
        return reply ? error_no_memory(err) : false;
    int code = cli_task_wait(demo->cli, copy, demo->tasks_doc, demo->tasks);
    yyjson_mut_val *last = yyjson_mut_arr_get_last(demo->tasks);
    const char *state = yyjson_mut_get_str(yyjson_mut_obj_get(last, "state"));
    if (code == 0)
        return true;
    const char *message =
        yyjson_mut_get_str(yyjson_mut_obj_get(yyjson_mut_obj_get(last, "error"), "message"));
    bool was_stopped = state && strcmp(state, "stopped") == 0;
    return error_set(err, was_stopped ? ERR_CANCELLED : ERR_FAILED, "%s",
                     message ? message : "the demo was stopped");
}

static yyjson_mut_val *task_result(const struct demo *demo, const char *kind, const char **ret_id)
{
    size_t index, max;
    yyjson_mut_val *task, *found = NULL;
    yyjson_mut_arr_foreach(demo->tasks, index, max, task)
    {
        const char *its_kind = yyjson_mut_get_str(yyjson_mut_obj_get(task, "kind"));
        if (its_kind && strcmp(its_kind, kind) == 0)
            found = task;
    }
    if (ret_id)
        *ret_id = yyjson_mut_get_str(yyjson_mut_obj_get(found, "id"));
    return yyjson_mut_obj_get(found, "result");
}

/* A request of text members: name, value, …, NULL. */
static yyjson_mut_doc *request_of(const char *const *members)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *object = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, object);
    for (; members[0]; members += 2)
        (void)yyjson_mut_obj_add_strcpy(doc, object, members[0], members[1]);
    return doc;
}

/* ---- the steps ---- */

static bool read_labels(struct demo *demo, struct error *err)
{
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/demo/garments.labels.txt", demo->cli->environment->share_folder);
    FILE *file = fopen(path, "re");
    bool is_ok = file != NULL;
    for (size_t i = 0; is_ok && i < DEMO_CLASSES; i++) {
        is_ok = fgets(demo->label_texts[i], LABEL_BYTES, file) != NULL;
        demo->label_texts[i][strcspn(demo->label_texts[i], "\r\n")] = '\0';
        demo->labels[i] = demo->label_texts[i];
    }
    if (file)
        (void)fclose(file);
    demo->data.labels = demo->labels;
    return is_ok || error_set(err, ERR_NOT_FOUND, "%s is missing or too short", path);
}

static bool make_images(struct demo *demo, struct error *err)
{
    char text[120];
    say_step(demo, "Making 5,000 training images and the unseen stream");
    if (!read_labels(demo, err) || !demo_data_make(&demo->data, err))
        return false;
    (void)snprintf(text, sizeof(text),
                   "%u images, five in six of the stream darkened, blurred, noisy, shrunk or turned",
                   DEMO_TRAIN_IMAGES + demo->data.stream_images);
    say_done(demo, text);
    return true;
}

static bool import_model(struct demo *demo, struct error *err)
{
    char text[200];
    say_step(demo, "Importing the model that demo/train_garments.py trained");
    const char *const members[] = {"file", demo->model_path, "name", "garments", NULL};
    AUTO_MUT_JSON request = request_of(members);
    yyjson_mut_val *reply = ask(demo, "model.import", request, err);
    if (!reply)
        return false;
    (void)snprintf(text, sizeof(text), "garments/%s, %zu things guessed from the file",
                   yyjson_mut_get_str(yyjson_mut_obj_get(yyjson_mut_obj_get(reply, "model"), "version")),
                   yyjson_mut_arr_size(yyjson_mut_obj_get(reply, "guesses")));
    say_done(demo, text);
    return true;
}

static bool publish_training(struct demo *demo, struct error *err)
{
    char manifest[4200];
    say_step(demo, "Publishing the training dataset");
    (void)snprintf(manifest, sizeof(manifest), "%s/images/train.manifest", demo->data.folder);
    const char *const create[] = {"name", DEMO_TRAINING, "type", "cls", NULL};
    const char *const import[] = {"dataset", DEMO_TRAINING, "manifest", manifest, NULL};
    const char *const publish[] = {"dataset", DEMO_TRAINING, NULL};
    AUTO_MUT_JSON create_request = request_of(create);
    AUTO_MUT_JSON import_request = request_of(import);
    AUTO_MUT_JSON publish_request = request_of(publish);
    if (!ask(demo, "dataset.create", create_request, err) ||
        !finish_task(demo, ask(demo, "dataset.import", import_request, err), err) ||
        !finish_task(demo, ask(demo, "dataset.publish", publish_request, err), err))
        return false;
    say_done(demo, DEMO_TRAINING "@V001 ✓");
    return true;
}

static bool run_service(struct demo *demo, struct error *err)
{
    char text[200], top[8];
    const char *input = path_join(demo->cli->arena, demo->data.folder, "images/stream");
    const char *output = path_join(demo->cli->arena, demo->data.folder, "output");
    if (!input || !output)
        return error_no_memory(err);
    say_step(demo, "Batch service " DEMO_SERVICE ", then hard example filtering");
    (void)snprintf(top, sizeof(top), "%d%%", HARD_SHARE_PERCENT);
    const char *const members[] = {"name",   DEMO_SERVICE, "model", "garments", "input",
                                   input,    "output",     output,  "train",    DEMO_TRAINING_VERSION,
                                   "create", DEMO_HARD,    "top",   top,        NULL};
    AUTO_MUT_JSON request = request_of(members);
    (void)yyjson_mut_obj_add_bool(request, yyjson_mut_doc_get_root(request), "hard_examples", true);
    if (!finish_task(demo, ask(demo, "service.deploy", request, err), err))
        return false;
    yyjson_mut_val *ran = task_result(demo, "run_batch", &demo->run);
    yyjson_mut_val *mined = task_result(demo, "mine_hard", &demo->mining);
    if (!demo->mining)
        return error_set(err, ERR_FAILED, "the filtering did not run");
    (void)snprintf(text, sizeof(text), "%" PRId64 " images → %" PRId64 " hard examples in " DEMO_HARD,
                   yyjson_mut_get_sint(yyjson_mut_obj_get(ran, "images")),
                   yyjson_mut_get_sint(yyjson_mut_obj_get(mined, "hard")));
    say_done(demo, text);
    return true;
}

/* The demo knows what each image is and answers for a person: the suggestion is right, or it is something
 * else. */
static bool answer(struct demo *demo, const char *id, const char *suggested, const char *truth,
                   struct error *err)
{
    bool is_right = suggested && strcmp(suggested, truth) == 0;
    AUTO_MUT_JSON request = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *object = yyjson_mut_obj(request);
    yyjson_mut_doc_set_root(request, object);
    (void)yyjson_mut_obj_add_str(request, object, "action", is_right ? "confirm" : "reject");
    (void)yyjson_mut_obj_add_str(request, object, "by", "demo");
    (void)yyjson_mut_arr_add_str(request, yyjson_mut_obj_add_arr(request, object, "ids"), id);
    yyjson_mut_val *labels = yyjson_mut_obj_add_arr(request, object, "labels");
    if (!is_right)
        (void)yyjson_mut_arr_add_str(request, labels, truth);
    if (!ask(demo, "samples.decide", request, err))
        return false;
    demo->confirmed += is_right;
    demo->relabeled += !is_right;
    return true;
}

static bool answer_all(struct demo *demo, yyjson_mut_val *samples, struct error *err)
{
    size_t index, max;
    yyjson_mut_val *sample;
    yyjson_mut_arr_foreach(samples, index, max, sample)
    {
        uint8_t truth = 0;
        yyjson_mut_val *label = yyjson_mut_arr_get_first(yyjson_mut_obj_get(sample, "labels"));
        const char *suggested = yyjson_mut_get_str(yyjson_mut_obj_get(label, "name"));
        if (!demo_truth_of(&demo->data, yyjson_mut_get_str(yyjson_mut_obj_get(sample, "source")), &truth))
            return error_set(err, ERR_INVALID, "a hard example is not an image of the demo");
        if (!answer(demo, yyjson_mut_get_str(yyjson_mut_obj_get(sample, "id")), suggested,
                    demo->labels[truth], err))
            return false;
    }
    return true;
}

static bool confirm_some(struct demo *demo, struct error *err)
{
    char limit[8], text[120];
    say_step(demo, "Confirming the hardest and publishing a version");
    (void)snprintf(limit, sizeof(limit), "%d", CONFIRMED_BY_DEMO);
    const char *const list[] = {"dataset", DEMO_HARD, "state", "to_be_confirmed", NULL};
    const char *const publish[] = {"dataset", DEMO_HARD, NULL};
    AUTO_MUT_JSON list_request = request_of(list);
    AUTO_MUT_JSON publish_request = request_of(publish);
    (void)yyjson_mut_obj_add_uint(list_request, yyjson_mut_doc_get_root(list_request), "limit",
                                  CONFIRMED_BY_DEMO);
    (void)yyjson_mut_obj_add_bool(publish_request, yyjson_mut_doc_get_root(publish_request),
                                  "hard_attributes", true);
    yyjson_mut_val *reply = ask(demo, "samples.list", list_request, err);
    yyjson_mut_val *samples =
        reply ? yyjson_mut_val_mut_copy(demo->tasks_doc, yyjson_mut_obj_get(reply, "samples")) : NULL;
    if (!reply || !answer_all(demo, samples, err) ||
        !finish_task(demo, ask(demo, "dataset.publish", publish_request, err), err))
        return false;
    (void)snprintf(text, sizeof(text), "%" PRId64 " confirmed, %" PRId64 " relabeled → " DEMO_HARD "@V001 ✓",
                   demo->confirmed, demo->relabeled);
    say_done(demo, text);
    return true;
}

static bool check_list(struct demo *demo, struct error *err)
{
    say_step(demo, "Checking the list against the truth");
    const struct demo_run run = {demo->cli->api.data, demo->run, demo->mining};
    if (!demo_truth_score(&demo->data, &run, &demo->ours, &demo->plain, err))
        return false;
    say_done(demo, "done");
    return true;
}

/* ---- the end ---- */

static void add_score(yyjson_mut_doc *doc, yyjson_mut_val *root, const char *name,
                      const struct demo_score *score)
{
    yyjson_mut_val *object = yyjson_mut_obj_add_obj(doc, root, name);
    (void)yyjson_mut_obj_add_real(doc, object, "first_5_percent", score->first_5);
    (void)yyjson_mut_obj_add_real(doc, object, "first_20_percent", score->first_20);
    (void)yyjson_mut_obj_add_real(doc, object, "auroc", score->auroc);
}

static yyjson_mut_doc *summary_of(struct demo *demo)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_val *ran = task_result(demo, "run_batch", NULL), *mined = task_result(demo, "mine_hard", NULL);
    double predicted = yyjson_mut_get_num(yyjson_mut_obj_get(ran, "predicted_now"));
    double seconds = yyjson_mut_get_num(yyjson_mut_obj_get(ran, "predict_seconds"));
    yyjson_mut_doc_set_root(doc, root);
    (void)yyjson_mut_obj_add_int(doc, root, "images", yyjson_mut_get_sint(yyjson_mut_obj_get(ran, "images")));
    (void)yyjson_mut_obj_add_int(doc, root, "failed", yyjson_mut_get_sint(yyjson_mut_obj_get(ran, "failed")));
    (void)yyjson_mut_obj_add_int(doc, root, "hard", yyjson_mut_get_sint(yyjson_mut_obj_get(mined, "hard")));
    (void)yyjson_mut_obj_add_val(doc, root, "reasons",
                                 yyjson_mut_val_mut_copy(doc, yyjson_mut_obj_get(mined, "reasons")));
    (void)yyjson_mut_obj_add_str(doc, root, "dataset", DEMO_HARD);
    (void)yyjson_mut_obj_add_int(doc, root, "confirmed", demo->confirmed);
    (void)yyjson_mut_obj_add_int(doc, root, "relabeled", demo->relabeled);
    (void)yyjson_mut_obj_add_strcpy(
        doc, root, "manifest",
        yyjson_mut_get_str(yyjson_mut_obj_get(task_result(demo, "publish_version", NULL), "manifest_path")));
    (void)yyjson_mut_obj_add_uint(doc, root, "wrong_predictions", demo->ours.wrong);
    add_score(doc, root, "precision", &demo->ours);
    add_score(doc, root, "precision_of_plain_confidence", &demo->plain);
    (void)yyjson_mut_obj_add_real(doc, root, "images_per_second", seconds > 0 ? predicted / seconds : 0);
    (void)yyjson_mut_obj_add_real(doc, root, "seconds", clock_steady_seconds() - demo->start);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "folder", demo->data.folder);
    return doc;
}

static bool refuse_file(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    const struct demo *demo = state;
    (void)stat;
    return error_set(err, ERR_CONFLICT, "%s holds '%s', which is not the demo's: choose another --dir",
                     demo->data.folder, key);
}

/* An earlier demo, known by its marker, makes room; a folder with anything else in it is not ours to touch.
 */
static bool clear_folder(struct demo *demo, struct error *err)
{
    static const char *const ours[] = {"images",     "output",         "store",          "logs",
                                       "trommel.db", "trommel.db-wal", "trommel.db-shm", NULL};
    struct store *opened = NULL;
    bool has_marker = false;
    if (!store_open(demo->data.folder, true, &opened, err))
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

static bool walk(struct demo *demo, struct error *err)
{
    struct cli *cli = demo->cli;
    if (!cli->environment->share_folder)
        return error_set(
            err, ERR_NOT_FOUND,
            "the demo's files are not installed; set TROMMEL_SHARE to the folder that has demo/");
    (void)snprintf(demo->model_path, sizeof(demo->model_path), "%s/demo/garments.onnx",
                   cli->environment->share_folder);
    if (!clear_folder(demo, err))
        return false;
    cli->is_open = cli->environment->open_apart(cli->environment->state, demo->data.folder, &cli->api, err);
    return cli->is_open && make_images(demo, err) && import_model(demo, err) && publish_training(demo, err) &&
           run_service(demo, err) && confirm_some(demo, err) && check_list(demo, err);
}

static int show_earlier(struct demo *demo)
{
    struct error err = {0};
    yyjson_doc *opened = NULL;
    if (!demo_summary_read(demo->data.folder, &opened, &demo->ours, &demo->plain, &err))
        return cli_fail(demo->cli, &err);
    AUTO_JSON doc = opened;
    AUTO_MUT_JSON summary = yyjson_doc_mut_copy(doc, NULL);
    if (demo->cli->is_json)
        output_json(demo->cli, yyjson_mut_doc_get_root(summary));
    else
        demo_summary_say(demo->data.folder, &demo->ours, &demo->plain);
    return 0;
}

static int run_demo(struct demo *demo)
{
    struct error err = {0};
    bool is_done = walk(demo, &err);
    AUTO_MUT_JSON summary = is_done ? summary_of(demo) : NULL;
    is_done = is_done && demo_summary_keep(demo->data.folder, summary, &err);
    free(demo->data.truth);
    if (!is_done)
        return cli_fail(demo->cli, &err);
    if (demo->cli->is_json) {
        output_json(demo->cli, yyjson_mut_doc_get_root(summary));
    } else {
        output_tasks(demo->cli, demo->tasks);
        demo_summary_say(demo->data.folder, &demo->ours, &demo->plain);
    }
    return 0;
}

static int command_demo(struct cli *cli)
{
    struct error err = {0};
    struct demo *demo = arena_alloc(cli->arena, sizeof(*demo));
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    char *folder = NULL;
    if (!demo || !doc)
        return cli_fail(cli, (error_no_memory(&err), &err));
    demo->cli = cli;
    demo->request = cli->params;
    demo->start = clock_steady_seconds();
    demo->tasks_doc = doc;
    yyjson_mut_doc_set_root(doc, yyjson_mut_obj(doc));
    demo->tasks = yyjson_mut_obj_add_arr(doc, yyjson_mut_doc_get_root(doc), "tasks");
    const char *dir =
        demo->request->dir ? demo->request->dir : path_join(cli->arena, cli->data_folder, "demo");
    if (!dir || !path_absolute(cli->arena, dir, &folder, &err))
        return cli_fail(cli, &err);
    demo->data.folder = folder;
    demo->data.stream_images = (uint32_t)demo->request->n;
    (void)fprintf(stderr, "trommel " TROMMEL_VERSION "  ·  data in %s  ·  nothing leaves this machine\n",
                  folder);
    return demo->request->keep ? show_earlier(demo) : run_demo(demo);
}

const struct command demo_commands[] = {
    {.name = "demo",
     .run = command_demo,
     .params = demo_params,
     .params_size = sizeof(struct demo_request),
     .needs_no_data = true,
     .summary = "Walks the whole road on real images, in about half a minute, with nothing but this machine.",
     .examples = "trommel demo\ntrommel demo --dir /tmp/d --json"},
    {NULL},
};
