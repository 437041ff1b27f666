/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/demo_road.h"

#include "base/clock.h"
#include "base/path.h"
#include "demo/demo_truth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONFIRMED_BY_DEMO = 100, REQUEST_BYTES = 64 * 1024, STEPS = 6, HARD_SHARE_PERCENT = 20 };

/* ---- talking ---- */

static void say_step(struct demo_road *road, const char *what)
{
    road->step_start = clock_steady_seconds();
    road->step++;
    (void)fprintf(stderr, " %d/%d %s\n", road->step, road->steps, what);
}

static void say_done(const struct demo_road *road, const char *result)
{
    (void)fprintf(stderr, "     %s  %.1f s\n", result, clock_steady_seconds() - road->step_start);
}

/* ---- asking the API, as the command line does ---- */

static yyjson_mut_val *ask(struct demo_road *road, const char *route, yyjson_mut_doc *request,
                           struct error *err)
{
    AUTO_BUFFER(text, REQUEST_BYTES);
    if (!json_write(request, false, &text, err))
        return NULL;
    return cli_call(road->cli, route, text.data, err);
}

/* Waits for the reply's task; *ret_result is its result object. */
static bool finish_task(struct demo_road *road, yyjson_mut_val *reply, struct error *err)
{
    const char *id = yyjson_mut_get_str(yyjson_mut_obj_get(yyjson_mut_obj_get(reply, "task"), "id"));
    char *copy = arena_text(road->cli->arena, id);
    if (!copy)
        return reply ? error_no_memory(err) : false;
    int code = cli_task_wait(road->cli, copy, road->tasks_doc, road->tasks);
    yyjson_mut_val *last = yyjson_mut_arr_get_last(road->tasks);
    const char *state = yyjson_mut_get_str(yyjson_mut_obj_get(last, "state"));
    if (code == 0)
        return true;
    const char *message =
        yyjson_mut_get_str(yyjson_mut_obj_get(yyjson_mut_obj_get(last, "error"), "message"));
    if (state && strcmp(state, "stopped") == 0)
        return error_set(err, ERR_CANCELLED, "%s", message ? message : "the demo was stopped");
    return message ? error_set(err, ERR_FAILED, "%s", message)
                   : error_set(err, ERR_FAILED, "task %s failed in part: trommel task show %s --data %s",
                               copy, copy, road->data.folder);
}

static yyjson_mut_val *task_result(const struct demo_road *road, const char *kind, const char **ret_id)
{
    size_t index, max;
    yyjson_mut_val *task, *found = NULL;
    yyjson_mut_arr_foreach(road->tasks, index, max, task)
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

static bool read_labels(struct demo_road *road, struct error *err)
{
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/demo/garments.labels.txt", road->cli->environment->share_folder);
    FILE *file = fopen(path, "re");
    bool is_ok = file != NULL;
    for (size_t i = 0; is_ok && i < DEMO_CLASSES; i++) {
        is_ok = fgets(road->label_texts[i], DEMO_LABEL_BYTES, file) != NULL;
        road->label_texts[i][strcspn(road->label_texts[i], "\r\n")] = '\0';
        road->labels[i] = road->label_texts[i];
    }
    if (file)
        (void)fclose(file);
    road->data.labels = road->labels;
    return is_ok || error_set(err, ERR_NOT_FOUND, "%s is missing or too short", path);
}

static bool make_images(struct demo_road *road, struct error *err)
{
    char text[160];
    say_step(road, road->kind->making);
    if (!read_labels(road, err) || !road->kind->make(&road->data, err))
        return false;
    (void)snprintf(text, sizeof(text), "%u images, %s",
                   road->kind->training_images + road->data.stream_images, road->kind->made);
    say_done(road, text);
    return true;
}

static bool import_model(struct demo_road *road, struct error *err)
{
    char text[200], path[4096];
    (void)snprintf(text, sizeof(text), "Importing the model that %s trained", road->kind->script);
    say_step(road, text);
    (void)snprintf(path, sizeof(path), "%s/demo/%s.onnx", road->cli->environment->share_folder,
                   road->kind->model);
    const char *const members[] = {"file", path, "name", road->kind->model, NULL};
    AUTO_MUT_JSON request = request_of(members);
    yyjson_mut_val *reply = ask(road, "model.import", request, err);
    if (!reply)
        return false;
    (void)snprintf(text, sizeof(text), "%s/%s, %zu things guessed from the file", road->kind->model,
                   yyjson_mut_get_str(yyjson_mut_obj_get(yyjson_mut_obj_get(reply, "model"), "version")),
                   yyjson_mut_arr_size(yyjson_mut_obj_get(reply, "guesses")));
    say_done(road, text);
    return true;
}

static bool publish_training(struct demo_road *road, struct error *err)
{
    char manifest[4200], text[200];
    const char *name = road->kind->training;
    say_step(road, "Publishing the training dataset");
    (void)snprintf(manifest, sizeof(manifest), "%s/%s/train.manifest", road->data.folder, road->kind->images);
    const char *const create[] = {"name", name, "type", road->kind->type, NULL};
    const char *const import[] = {"dataset", name, "manifest", manifest, NULL};
    const char *const publish[] = {"dataset", name, NULL};
    AUTO_MUT_JSON create_request = request_of(create);
    AUTO_MUT_JSON import_request = request_of(import);
    AUTO_MUT_JSON publish_request = request_of(publish);
    if ((!road->has_training && !ask(road, "dataset.create", create_request, err)) ||
        !finish_task(road, ask(road, "dataset.import", import_request, err), err) ||
        !finish_task(road, ask(road, "dataset.publish", publish_request, err), err))
        return false;
    (void)snprintf(text, sizeof(text), "%s@V001 ✓", name);
    say_done(road, text);
    return true;
}

/* Deploys the service; its run and its filtering follow one another. */
static bool deploy_service(struct demo_road *road, struct error *err)
{
    char top[8], version[80];
    const struct demo_kind *kind = road->kind;
    struct arena *arena = road->cli->arena;
    const char *images = path_join(arena, road->data.folder, kind->images);
    const char *input = images ? path_join(arena, images, "stream") : NULL;
    const char *results = path_join(arena, road->data.folder, "output");
    const char *output = results ? path_join(arena, results, kind->images) : NULL;
    if (!input || !output)
        return error_no_memory(err);
    (void)snprintf(top, sizeof(top), "%d%%", HARD_SHARE_PERCENT);
    (void)snprintf(version, sizeof(version), "%s@V001", kind->training);
    const char *const members[] = {"name",   kind->service, "model", kind->model, "input",
                                   input,    "output",      output,  "train",     version,
                                   "create", kind->hard,    "top",   top,         NULL};
    AUTO_MUT_JSON request = request_of(members);
    (void)yyjson_mut_obj_add_bool(request, yyjson_mut_doc_get_root(request), "hard_examples", true);
    return finish_task(road, ask(road, "service.deploy", request, err), err);
}

static bool run_service(struct demo_road *road, struct error *err)
{
    char text[200];
    (void)snprintf(text, sizeof(text), "Batch service %s, then hard example filtering", road->kind->service);
    say_step(road, text);
    if (!deploy_service(road, err))
        return false;
    yyjson_mut_val *ran = task_result(road, "run_batch", &road->run);
    yyjson_mut_val *mined = task_result(road, "mine_hard", &road->mining);
    if (!road->mining)
        return error_set(err, ERR_FAILED, "the filtering did not run");
    (void)snprintf(text, sizeof(text), "%" PRId64 " images → %" PRId64 " hard examples in %s",
                   yyjson_mut_get_sint(yyjson_mut_obj_get(ran, "images")),
                   yyjson_mut_get_sint(yyjson_mut_obj_get(mined, "hard")), road->kind->hard);
    say_done(road, text);
    return true;
}

/* The demo knows what each image shows and answers for a person: the suggestion is right, or it is something
 * else. */
static bool answer(struct demo_road *road, yyjson_mut_val *sample, struct error *err)
{
    bool is_right = false;
    AUTO_MUT_JSON request = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *object = yyjson_mut_obj(request);
    yyjson_mut_doc_set_root(request, object);
    (void)yyjson_mut_obj_add_str(request, object, "by", "demo");
    (void)yyjson_mut_arr_add_strcpy(request, yyjson_mut_obj_add_arr(request, object, "ids"),
                                    yyjson_mut_get_str(yyjson_mut_obj_get(sample, "id")));
    if (!road->kind->answer(&road->data, sample, request, object, &is_right, err) ||
        !ask(road, "samples.decide", request, err))
        return false;
    road->confirmed += is_right;
    road->relabeled += !is_right;
    return true;
}

static bool answer_all(struct demo_road *road, yyjson_mut_val *samples, struct error *err)
{
    size_t index, max;
    yyjson_mut_val *sample;
    yyjson_mut_arr_foreach(samples, index, max, sample)
    {
        if (!answer(road, sample, err))
            return false;
    }
    return true;
}

static bool confirm_some(struct demo_road *road, struct error *err)
{
    char text[160];
    const char *name = road->kind->hard;
    say_step(road, "Confirming the hardest and publishing a version");
    const char *const list[] = {"dataset", name, "state", "to_be_confirmed", NULL};
    const char *const publish[] = {"dataset", name, NULL};
    AUTO_MUT_JSON list_request = request_of(list);
    AUTO_MUT_JSON publish_request = request_of(publish);
    (void)yyjson_mut_obj_add_uint(list_request, yyjson_mut_doc_get_root(list_request), "limit",
                                  CONFIRMED_BY_DEMO);
    (void)yyjson_mut_obj_add_bool(publish_request, yyjson_mut_doc_get_root(publish_request),
                                  "hard_attributes", true);
    yyjson_mut_val *reply = ask(road, "samples.list", list_request, err);
    yyjson_mut_val *samples =
        reply ? yyjson_mut_val_mut_copy(road->tasks_doc, yyjson_mut_obj_get(reply, "samples")) : NULL;
    if (!reply || !answer_all(road, samples, err) ||
        !finish_task(road, ask(road, "dataset.publish", publish_request, err), err))
        return false;
    (void)snprintf(text, sizeof(text), "%" PRId64 " confirmed, %" PRId64 " relabeled → %s@V001 ✓",
                   road->confirmed, road->relabeled, name);
    say_done(road, text);
    return true;
}

static bool check_list(struct demo_road *road, struct error *err)
{
    say_step(road, "Checking the list against the truth");
    const struct demo_run run = {road->cli->api.data, road->run, road->mining};
    if (!demo_truth_score(road->kind, &road->data, &run, road->scores, err))
        return false;
    say_done(road, "done");
    return true;
}

bool demo_road_walk(struct demo_road *road, struct error *err)
{
    road->start = clock_steady_seconds();
    road->steps = STEPS;
    return make_images(road, err) && import_model(road, err) && publish_training(road, err) &&
           run_service(road, err) && confirm_some(road, err) && check_list(road, err);
}

/* ---- into a project where other things may be, again after a kill ---- */

static bool has(struct demo_road *road, const char *route, const char *member, const char *name, bool *ret,
                struct error *err)
{
    struct error missing = {0};
    const char *const members[] = {member, name, NULL};
    AUTO_MUT_JSON request = request_of(members);
    *ret = ask(road, route, request, &missing) != NULL;
    return *ret || missing.code == ERR_NOT_FOUND || (*err = missing, false);
}

static bool load_model(struct demo_road *road, struct error *err)
{
    bool is_there = false;
    return has(road, "model.show", "model", road->kind->model, &is_there, err) &&
           (is_there || import_model(road, err));
}

/* A dataset without a version was left half-way: what it holds is imported again, which changes nothing. */
static bool load_training(struct demo_road *road, struct error *err)
{
    bool is_there = false;
    const char *const members[] = {"dataset", road->kind->training, NULL};
    AUTO_MUT_JSON request = request_of(members);
    if (!has(road, "dataset.show", "dataset", road->kind->training, &is_there, err))
        return false;
    yyjson_mut_val *reply = is_there ? ask(road, "dataset.versions", request, err) : NULL;
    if (is_there && !reply)
        return false;
    if (yyjson_mut_arr_size(yyjson_mut_obj_get(reply, "versions")) > 0)
        return true;
    road->has_training = is_there;
    return publish_training(road, err);
}

/* Goes on with what an earlier attempt began; a run that has finished is left alone. */
static bool load_service(struct demo_road *road, struct error *err)
{
    bool is_there = false;
    const char *const members[] = {"service", road->kind->service, NULL};
    AUTO_MUT_JSON request = request_of(members);
    if (!has(road, "service.show", "service", road->kind->service, &is_there, err))
        return false;
    if (!is_there)
        return run_service(road, err);
    yyjson_mut_val *reply = ask(road, "service.show", request, err);
    yyjson_mut_val *service = yyjson_mut_obj_get(reply, "service");
    const char *status = yyjson_mut_get_str(yyjson_mut_obj_get(service, "status"));
    if (!reply || (status && strcmp(status, "finished") == 0))
        return reply != NULL;
    return finish_task(road, ask(road, "service.restart", request, err), err);
}

bool demo_road_load(struct demo_road *road, demo_teller *tell, void *state, struct error *err)
{
    static const struct {
        const char *stage;
        bool (*walk)(struct demo_road *road, struct error *err);
    } steps[DEMO_LOAD_STEPS] = {{"making images", make_images},
                                {"importing the model", load_model},
                                {"publishing the training dataset", load_training},
                                {"running the service and its filtering", load_service}};
    road->start = clock_steady_seconds();
    road->steps = DEMO_LOAD_STEPS;
    for (size_t i = 0; i < DEMO_LOAD_STEPS; i++) {
        tell(state, steps[i].stage);
        if (!steps[i].walk(road, err))
            return false;
    }
    return true;
}

void demo_road_release(struct demo_road *road)
{
    free(road->data.truth);
    yyjson_mut_doc_free(road->tasks_doc);
    *road = (struct demo_road){0};
}

/* ---- the end ---- */

static void add_score(yyjson_mut_doc *doc, yyjson_mut_val *root, const char *name,
                      const struct ranking *score)
{
    yyjson_mut_val *object = yyjson_mut_obj(doc);
    (void)yyjson_mut_obj_add_real(doc, object, "first_5_percent", score->first_5);
    (void)yyjson_mut_obj_add_real(doc, object, "first_20_percent", score->first_20);
    (void)yyjson_mut_obj_add_real(doc, object, "auroc", score->auroc);
    (void)yyjson_mut_obj_add(root, yyjson_mut_strcpy(doc, name), object);
}

void demo_road_summary(const struct demo_road *road, yyjson_mut_doc *doc, yyjson_mut_val *into)
{
    yyjson_mut_val *ran = task_result(road, "run_batch", NULL), *mined = task_result(road, "mine_hard", NULL);
    double predicted = yyjson_mut_get_num(yyjson_mut_obj_get(ran, "predicted_now"));
    double seconds = yyjson_mut_get_num(yyjson_mut_obj_get(ran, "predict_seconds"));
    (void)yyjson_mut_obj_add_str(doc, into, "type", road->kind->type);
    (void)yyjson_mut_obj_add_int(doc, into, "images", yyjson_mut_get_sint(yyjson_mut_obj_get(ran, "images")));
    (void)yyjson_mut_obj_add_int(doc, into, "failed", yyjson_mut_get_sint(yyjson_mut_obj_get(ran, "failed")));
    (void)yyjson_mut_obj_add_int(doc, into, "hard", yyjson_mut_get_sint(yyjson_mut_obj_get(mined, "hard")));
    (void)yyjson_mut_obj_add_val(doc, into, "reasons",
                                 yyjson_mut_val_mut_copy(doc, yyjson_mut_obj_get(mined, "reasons")));
    (void)yyjson_mut_obj_add_str(doc, into, "dataset", road->kind->hard);
    (void)yyjson_mut_obj_add_int(doc, into, "confirmed", road->confirmed);
    (void)yyjson_mut_obj_add_int(doc, into, "relabeled", road->relabeled);
    (void)yyjson_mut_obj_add_strcpy(
        doc, into, "manifest",
        yyjson_mut_get_str(yyjson_mut_obj_get(task_result(road, "publish_version", NULL), "manifest_path")));
    (void)yyjson_mut_obj_add_uint(doc, into, "wrong_predictions", road->scores[0].wrong);
    add_score(doc, into, "precision", &road->scores[0]);
    for (size_t i = 0; road->kind->rivals[i].key; i++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "precision_of_%s", road->kind->rivals[i].key);
        add_score(doc, into, name, &road->scores[i + 1]);
    }
    (void)yyjson_mut_obj_add_real(doc, into, "images_per_second", seconds > 0 ? predicted / seconds : 0);
    (void)yyjson_mut_obj_add_real(doc, into, "seconds", clock_steady_seconds() - road->start);
}
