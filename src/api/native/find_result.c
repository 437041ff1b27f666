/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/find_result.h"

#include "base/text.h"

#include <string.h>

bool find_run(struct api_call *call, const char *service, const char *run_id, struct service *ret_service,
              struct run *ret_run, struct error *err)
{
    struct db *db = call->api->db;
    const char *project = call->caller->project_id;
    if (!service_find(db, project, call->arena, service, ret_service, err))
        return false;
    if (!run_id)
        return run_latest(db, call->arena, ret_service, ret_run, err);
    if (!run_get(db, project, call->arena, run_id, ret_run, err))
        return error_point(err, "/run");
    if (strcmp(ret_run->service_id, ret_service->id) == 0)
        return true;
    (void)error_set_detail(err, DETAIL_NO_SAMPLES, "service '%s' has no run %.40s", ret_service->name,
                           run_id);
    return error_point(err, "/run");
}

bool take_run(struct api_call *call, const struct run *run, const struct insight **ret, struct error *err)
{
    if (!run->is_complete)
        return error_set_detail(err, DETAIL_NO_SAMPLES, "run %s is not finished yet", run->id);
    if (insight_take_run(call->api->insights, call->api->data, run->records_key, ret, err))
        return true;
    return err->code == ERR_NOT_FOUND
               ? error_set_detail(err, DETAIL_NO_SAMPLES, "the records of run %s are gone", run->id)
               : false;
}

bool result_id_read(const char *text, char ret_run[HASH_HEX_BYTES], uint64_t *ret_row)
{
    struct error ignored;
    size_t digits = strspn(text, "0123456789abcdef");
    if (digits != HASH_HEX_BYTES - 1 || text[digits] != '-' ||
        !text_to_count(text + digits + 1, "result", 0, UINT32_MAX, ret_row, &ignored))
        return false;
    memcpy(ret_run, text, digits);
    ret_run[digits] = '\0';
    return true;
}

const char *result_id_write(struct arena *arena, const char *run, uint64_t row)
{
    return arena_printf(arena, "%s-%llu", run, (unsigned long long)row);
}

/* The last shard that does not begin behind the row. */
bool open_record(const struct insight *insight, uint64_t row, struct opened_record *ret, struct error *err)
{
    const struct record_set *set = insight->run.set;
    uint32_t low = 0, high = record_set_shards(set);
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (record_set_shard_first(set, middle) <= row)
            low = middle;
        else
            high = middle;
    }
    *ret = (struct opened_record){0};
    if (row >= record_set_count(set))
        return error_set_detail(err, DETAIL_RESULT_NOT_FOUND, "the run has no result %llu",
                                (unsigned long long)row);
    if (!record_shard_open(set, low, &ret->shard, err))
        return false;
    record_shard_get(ret->shard, (uint32_t)(row - record_shard_first(ret->shard)), &ret->record);
    return true;
}

static void add_box(yyjson_mut_doc *doc, yyjson_mut_val *list, const struct record_header *header,
                    const struct candidate *candidate)
{
    static const char *const names[] = {"xmin", "ymin", "xmax", "ymax"};
    const float corners[] = {candidate->box.x_min, candidate->box.y_min, candidate->box.x_max,
                             candidate->box.y_max};
    yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, list);
    reply_text(doc, row, "label", header->labels[candidate->label]);
    (void)yyjson_mut_obj_add_real(doc, row, "score", (double)candidate->score);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)yyjson_mut_obj_add_real(doc, row, names[i], (double)corners[i]);
}

void reply_boxes(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct record_header *header,
                 const struct record *record)
{
    uint32_t answers = record_answers(header, record->candidates, record->candidate_count);
    yyjson_mut_val *boxes = yyjson_mut_obj_add_arr(doc, object, "boxes");
    yyjson_mut_val *near = yyjson_mut_obj_add_arr(doc, object, "near_misses");
    for (uint32_t i = 0; i < record->candidate_count && i < answers + RESULT_NEAR_MISSES_MAX; i++)
        add_box(doc, i < answers ? boxes : near, header, &record->candidates[i]);
}
