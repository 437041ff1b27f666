/* SPDX-License-Identifier: Apache-2.0 */
#include "work/results.h"

#include "base/hash.h"
#include "base/text.h"
#include "manifest/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RESULT_MAX_BYTES = 16 * 1024 * 1024, ROW_ARENA_BYTES = 1024 * 1024 };
#define RESULT_SUFFIX "_result.txt"

struct writing {
    const struct results_request *request;
    const struct record_set *set;
    atomic_uint next_shard;
};

static uint32_t best_class(const double *scores, uint32_t classes, const bool *is_taken)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t c = 0; c < classes; c++)
        if (!is_taken[c] && (best == UINT32_MAX || scores[c] > scores[best]))
            best = c;
    return best;
}

static bool classification_json(const struct record_header *header, const struct record *record,
                                yyjson_mut_doc *doc, yyjson_mut_val *root)
{
    double *scores = calloc(header->classes, sizeof(*scores));
    bool *is_taken = calloc(header->classes, sizeof(*is_taken));
    if (scores && is_taken) {
        record_scores(header, record, scores);
        yyjson_mut_val *pairs = yyjson_mut_arr(doc);
        for (uint32_t rank = 0; rank < RESULTS_TOP_SCORES && rank < header->classes; rank++) {
            char text[TEXT_NUMBER_BYTES];
            uint32_t best = best_class(scores, header->classes, is_taken);
            is_taken[best] = true;
            if (rank == 0)
                (void)yyjson_mut_obj_add_str(doc, root, "predicted_label", header->labels[best]);
            (void)snprintf(text, sizeof(text), "%.6f", scores[best]);
            yyjson_mut_val *pair = yyjson_mut_arr_add_arr(doc, pairs);
            (void)yyjson_mut_arr_add_str(doc, pair, header->labels[best]);
            (void)yyjson_mut_arr_add_strcpy(doc, pair, text);
        }
        (void)yyjson_mut_obj_add_val(doc, root, "scores", pairs);
    }
    bool has_memory = scores && is_taken;
    free(scores);
    free(is_taken);
    return has_memory;
}

static void detection_json(const struct record_header *header, const struct record *record,
                           yyjson_mut_doc *doc, yyjson_mut_val *root)
{
    yyjson_mut_val *classes = yyjson_mut_obj_add_arr(doc, root, "detection_classes");
    yyjson_mut_val *boxes = yyjson_mut_obj_add_arr(doc, root, "detection_boxes");
    yyjson_mut_val *scores = yyjson_mut_obj_add_arr(doc, root, "detection_scores");
    uint32_t answers = record_answers(header, record->candidates, record->candidate_count);
    for (uint32_t i = 0; i < answers; i++) {
        const struct candidate *shown = &record->candidates[i];
        const float edges[] = {shown->box.y_min, shown->box.x_min, shown->box.y_max, shown->box.x_max};
        yyjson_mut_val *corners = yyjson_mut_arr_add_arr(doc, boxes);
        for (size_t e = 0; e < sizeof(edges) / sizeof(edges[0]); e++)
            (void)yyjson_mut_arr_add_real(doc, corners, (double)edges[e]);
        (void)yyjson_mut_arr_add_str(doc, classes, header->labels[shown->label]);
        (void)yyjson_mut_arr_add_real(doc, scores, (double)shown->score);
    }
}

bool results_prediction_json(const struct record_header *header, const struct record *record,
                             struct buffer *into, struct error *err)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    if (header->type == MODEL_TYPE_DETECTION)
        detection_json(header, record, doc, root);
    else if (!classification_json(header, record, doc, root))
        return error_no_memory(err);
    return json_write(doc, false, into, err);
}

/* The key of an image's result file: its own key below the common folder, so that equal base names do not
 * clash. */
static char *result_key(const struct results_request *request, const struct input_item *item,
                        struct arena *arena)
{
    const char *below = item->key + strlen(request->inputs->common);
    const char *base = path_base(below);
    if (strlen(base) + strlen(RESULT_SUFFIX) <= RESULT_NAME_MAX_BYTES)
        return arena_printf(arena, "infer-result-%s/%s" RESULT_SUFFIX, request->task_id, below);
    char hash[HASH_HEX_BYTES];
    hash_of((struct bytes){base, strlen(base)}, hash);
    return arena_printf(arena, "infer-result-%s/%.*s%.180s-%s" RESULT_SUFFIX, request->task_id,
                        (int)(base - below), below, base, hash);
}

/* One image on its way out; arena and text are empty and reused from image to image. */
struct outgoing {
    struct writing *writing;
    const struct input_item *item;
    const struct record *record;
    struct arena *arena;
    struct buffer *text;
};
typedef bool outgoing_visitor(void *state, struct outgoing *outgoing, struct error *err);

static bool visit_rows(struct writing *writing, const struct record_shard *shard,
                       const struct input_item *items, outgoing_visitor *visit, void *state,
                       struct error *err)
{
    AUTO(arena) arena = arena_new(ROW_ARENA_BYTES);
    AUTO_BUFFER(text, RESULT_MAX_BYTES);
    if (!arena)
        return error_no_memory(err);
    for (uint32_t row = 0; row < record_shard_count(shard); row++) {
        struct record record;
        struct outgoing outgoing = {writing, &items[row], &record, arena, &text};
        record_shard_get(shard, row, &record);
        arena_reset(arena);
        buffer_clear(&text);
        if (!visit(state, &outgoing, err))
            return error_wrap(err, "result of %s", record.source);
    }
    return true;
}

static bool visit_shard(struct writing *writing, uint32_t number, outgoing_visitor *visit, void *state,
                        struct error *err)
{
    const struct results_request *request = writing->request;
    AUTO(arena) arena = arena_new(INPUTS_CHUNK_MAX_BYTES);
    struct record_shard *opened = NULL;
    struct input_list list;
    if (!arena)
        return error_no_memory(err);
    if (!inputs_shard(request->data, request->folder, number, arena, &list, err) ||
        !record_shard_open(writing->set, number, &opened, err))
        return false;
    AUTO(record_shard) shard = opened;
    if (record_shard_count(shard) != list.count)
        return error_set(err, ERR_INVALID, "record shard %u does not fit its list of inputs", number);
    return visit_rows(writing, shard, list.items, visit, state, err);
}

static bool write_prediction(void *state, struct outgoing *outgoing, struct error *err)
{
    (void)state;
    const struct results_request *request = outgoing->writing->request;
    if (request->progress)
        atomic_fetch_add(&request->progress->done, 1);
    if (outgoing->record->error)
        return true;
    char *key = result_key(request, outgoing->item, outgoing->arena);
    if (!key)
        return error_no_memory(err);
    return results_prediction_json(record_set_header(outgoing->writing->set), outgoing->record,
                                   outgoing->text, err) &&
           store_put_fast(request->output, key, (struct bytes){outgoing->text->data, outgoing->text->size},
                          err);
}

static bool write_some(void *state, uint32_t index, struct error *err)
{
    (void)index;
    struct writing *writing = state;
    struct stop_flag *stop = writing->request->stop;
    for (;;) {
        uint32_t shard = atomic_fetch_add(&writing->next_shard, 1);
        if (shard >= record_set_shards(writing->set))
            return true;
        if (stop && atomic_load(&stop->is_set))
            return error_set(err, ERR_CANCELLED, "stopped");
        if (!visit_shard(writing, shard, write_prediction, NULL, err))
            return false;
    }
}

struct manifest_writing {
    struct store_writer *writer;
    struct results_counts counts;
};

static bool add_line(void *state, struct outgoing *outgoing, struct error *err)
{
    struct manifest_writing *manifest = state;
    const struct results_request *request = outgoing->writing->request;
    const char *failure = outgoing->record->error, *location = NULL;
    if (!failure) {
        char *key = result_key(request, outgoing->item, outgoing->arena);
        char *path = key ? path_join(outgoing->arena, store_url(request->output), key) : NULL;
        location = path ? manifest_source_encode(outgoing->arena, path) : NULL;
        if (!location)
            return error_no_memory(err);
    }
    manifest->counts.images++;
    manifest->counts.failed += failure != NULL;
    return manifest_result_write(outgoing->item->source, location, failure, outgoing->text, err) &&
           store_write_add(manifest->writer, (struct bytes){outgoing->text->data, outgoing->text->size}, err);
}

static bool write_manifest(struct writing *writing, struct results_counts *ret, struct error *err)
{
    char key[64];
    struct store_writer *started = NULL;
    (void)snprintf(key, sizeof(key), "infer-result-%s.manifest", writing->request->task_id);
    if (!store_write_start(writing->request->output, key, &started, err))
        return false;
    AUTO(store_writer) writer = started;
    struct manifest_writing manifest = {.writer = writer};
    for (uint32_t shard = 0; shard < record_set_shards(writing->set); shard++)
        if (!visit_shard(writing, shard, add_line, &manifest, err))
            return false;
    if (!store_write_finish(writer, err))
        return false;
    *ret = manifest.counts;
    return true;
}

bool results_write(const struct results_request *request, struct results_counts *ret, struct error *err)
{
    char folder[PATH_MAX_BYTES];
    struct record_set *opened = NULL;
    (void)snprintf(folder, sizeof(folder), "%s/records", request->folder);
    if (!record_set_open(request->data, folder, &opened, err))
        return false;
    AUTO(record_set) set = opened;
    struct writing writing = {.request = request, .set = set};
    uint32_t threads = request->threads ? request->threads : workers_cores();
    return workers_run(threads, write_some, &writing, err) && write_manifest(&writing, ret, err);
}

static bool refuse_foreign(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    (void)stat;
    if (text_starts_with(key, "infer-result-"))
        return true;
    return error_set_detail(err, DETAIL_OUTPUT_NOT_EMPTY,
                            "the output folder %s holds '%s', which is not a result of ours",
                            store_url(state), key);
}

bool results_check_output(struct store *output, struct error *err)
{
    uint64_t skipped = 0;
    return store_list(output, "", refuse_foreign, output, &skipped, err);
}
