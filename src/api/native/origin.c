/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/origin.h"

#include "work/profile_build.h"

#include <string.h>

static bool is_gone(const struct error *err)
{
    return err->code == ERR_NOT_FOUND || err->detail == DETAIL_NO_SAMPLES;
}

static bool read_task(struct api_call *call, struct origin *origin, const char **ret_run, struct error *err)
{
    AUTO_JSON request = NULL;
    AUTO_JSON result = NULL;
    const char *text = origin->task.request_json, *told = origin->task.result_json;
    if (!json_parse((struct bytes){text, strlen(text)}, "the task's request", &request, err))
        return false;
    yyjson_val *root = yyjson_doc_get_root(request);
    *ret_run = arena_text(call->arena, json_text(root, "run", NULL));
    if (told && json_parse((struct bytes){told, strlen(told)}, "the task's result", &result, err))
        origin->profile = arena_text(call->arena, json_text(yyjson_doc_get_root(result), "profile", NULL));
    struct error ignored;
    origin->is_mined = strcmp(origin->task.kind, task_mine_hard.name) == 0 &&
                       params_read_json(mine_hard_params, &origin->request, root, call->arena, &ignored);
    return true;
}

bool origin_find(struct api_call *call, const struct sample *sample, struct origin *ret, struct error *err)
{
    const char *run = NULL, *project = call->caller->project_id;
    struct error why = {0};
    *ret = (struct origin){0};
    if (!sample->origin_task)
        return true;
    ret->has_task = task_get(call->api->db, project, call->arena, sample->origin_task, &ret->task, &why);
    if (!ret->has_task)
        return is_gone(&why) || (*err = why, false);
    if (!read_task(call, ret, &run, err))
        return false;
    ret->has_run = run && run_get(call->api->db, project, call->arena, run, &ret->run, &why);
    return ret->has_run || !run || is_gone(&why) || (*err = why, false);
}

bool find_training(struct api_call *call, const char *train, const char *model_id, const char **ret,
                   struct error *err)
{
    struct model model;
    struct profile_manifest manifest = {0};
    char *folder = arena_alloc(call->arena, PROFILE_FOLDER_BYTES);
    if (!profile_names_version(train) && !request_path(call, train, &train, err))
        return false;
    const struct profile_train wanted = {call->caller->project_id, train, call->roots};
    if (!folder)
        return error_no_memory(err);
    if (!model_find(call->api->db, call->caller->project_id, call->arena, model_id, &model, err) ||
        !profile_manifest_path(call->api->db, call->api->data, call->arena, &wanted, &manifest, err) ||
        !insight_find_profile(call->api->insights, call->api->data, &model, &manifest, folder, err))
        return false;
    *ret = folder;
    return true;
}

/* Of a sample that was not mined: the training set of the service's own filtering. */
static const char *train_of_service(struct api_call *call, const struct run *run)
{
    struct error ignored;
    AUTO_JSON settings = NULL;
    const char *text = run->hard_json;
    if (!text || !json_parse((struct bytes){text, strlen(text)}, "settings", &settings, &ignored))
        return NULL;
    return arena_text(call->arena, json_text(yyjson_doc_get_root(settings), "train", NULL));
}

bool origin_profile(struct api_call *call, const struct origin *origin, const char **ret, struct error *err)
{
    *ret = origin->profile;
    if (*ret)
        return true;
    if (!origin->has_run)
        return error_set_detail(err, DETAIL_NO_PROFILE,
                                "no run of a service that is still there gave this sample, so there is "
                                "no training profile to compare it with");
    const char *train = origin->is_mined ? origin->request.hard.train : train_of_service(call, &origin->run);
    if (!train)
        return error_set_detail(err, DETAIL_NO_PROFILE,
                                "the filtering that gave this sample had no training manifest");
    return find_training(call, train, origin->run.model_id, ret, err);
}

bool origin_row(const struct insight *run, const struct sample *sample, uint64_t *ret, struct error *err)
{
    *ret = run_index_find(run->run.index, sample->source);
    return *ret != UINT64_MAX ||
           error_set_detail(err, DETAIL_NO_SAMPLES, "the run that gave this sample has no record of it");
}
