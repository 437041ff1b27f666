/* SPDX-License-Identifier: Apache-2.0 */
/* What looks like a sample: in the training set, and in its own dataset. */
#include "api/native/images.h"
#include "api/native/origin.h"

#include "base/clock.h"
#include "base/text.h"
#include "mining/similar.h"

#include <stdlib.h>
#include <string.h>

enum { LOOKUPS_MAX = 50000, TRAINING_LABELS_MAX = 20 };

struct neighbors_request {
    const char *sample, *in;
    uint64_t k;
};
struct neighbor_image_request {
    const char *sample, *neighbor, *size;
};

static const char *const places[] = {"training", "dataset", NULL};

static const struct param_spec neighbors_params[] = {
    SAMPLE_PARAM(struct neighbors_request),
    PARAM(struct neighbors_request, in, .type = PARAM_CHOICE, .choices = places, .fallback_text = "training",
          .help = "where to look: among the training samples, or in the sample's dataset"),
    PARAM(struct neighbors_request, k, .type = PARAM_COUNT, .fallback = 5, .min = 1,
          .max = SIMILAR_NEAREST_MAX, .help = "at most so many"),
    PARAM_END,
};
static const struct param_spec image_params[] = {
    SAMPLE_PARAM(struct neighbor_image_request),
    PARAM(struct neighbor_image_request, neighbor, .type = PARAM_TEXT, .is_required = true,
          .is_positional = true, .value_name = "NUMBER",
          .help = "number of the training sample, as neighbors gives it"),
    IMAGE_SIZE_PARAM(struct neighbor_image_request, "thumb"),
    PARAM_END,
};

/* The sample, its record in its run, and what is open for it. */
struct looking {
    struct api_call *call;
    struct sample sample;
    struct origin origin;
    const struct insight *run, *training;
    struct opened_record opened;
};

static void stop_looking(struct looking *looking)
{
    looking->opened.shard = record_shard_free(looking->opened.shard);
    insight_give_back(looking->call->api->insights, looking->training);
    insight_give_back(looking->call->api->insights, looking->run);
}

static bool find_record(struct looking *looking, struct error *err)
{
    uint64_t row = 0;
    if (!looking->origin.has_run)
        return error_set_detail(
            err, DETAIL_NO_PROFILE,
            "no run that is still there has seen this sample: nothing is known to compare "
            "it by");
    if (!take_run(looking->call, &looking->origin.run, &looking->run, err) ||
        !origin_row(looking->run, &looking->sample, &row, err) ||
        !open_record(looking->run, row, &looking->opened, err))
        return false;
    return !looking->opened.record.error ||
           error_set_detail(err, DETAIL_NO_PROFILE, "the model could not see this image");
}

static bool take_training(struct looking *looking, struct error *err)
{
    const char *folder = NULL;
    return origin_profile(looking->call, &looking->origin, &folder, err) &&
           insight_take_training(looking->call->api->insights, looking->call->api->data, folder,
                                 &looking->training, err);
}

/* ---- among the training samples ---- */

void reply_training_labels(yyjson_mut_doc *doc, yyjson_mut_val *row, const struct profile *profile,
                           uint32_t at)
{
    const char *const *names = profile_header(profile)->labels;
    yyjson_mut_val *labels = yyjson_mut_obj_add_arr(doc, row, "labels");
    const struct class_set *sets = profile_class_sets(profile);
    if (!sets) {
        if (profile_labels(profile)[at] != UINT32_MAX)
            (void)yyjson_mut_arr_add_strcpy(doc, labels, names[profile_labels(profile)[at]]);
        return;
    }
    for (uint32_t i = 0; i < sets[at].count && i < TRAINING_LABELS_MAX; i++)
        (void)yyjson_mut_arr_add_strcpy(doc, labels, names[sets[at].classes[i]]);
}

static void add_training_row(const struct looking *looking, yyjson_mut_val *row, uint32_t at, double cosine)
{
    struct api_call *call = looking->call;
    const struct profile *profile = looking->training->training.profile;
    (void)yyjson_mut_obj_add_uint(call->reply, row, "number", at);
    (void)yyjson_mut_obj_add_null(call->reply, row, "sample");
    reply_text(call->reply, row, "source", profile_source(profile, at));
    reply_text(call->reply, row, "usage", profile_usage(profile, at));
    reply_training_labels(call->reply, row, profile, at);
    (void)yyjson_mut_obj_add_real(call->reply, row, "cosine", cosine);
    (void)yyjson_mut_obj_add_real(call->reply, row, "distance", 1 - cosine);
    reply_text(call->reply, row, "image",
               arena_printf(call->arena, "/api/v1/samples/%s/neighbors/%u/image", looking->sample.id, at));
}

bool training_nearest(const struct training_query *query, struct similar found[SIMILAR_NEAREST_MAX],
                      uint32_t *ret_count, struct error *err)
{
    const struct insight *training = query->training;
    bool by_embedding = strcmp(training->training.space, "embedding") == 0;
    const struct record_header *run = record_set_header(query->run->run.set);
    const struct record_header *theirs = profile_header(training->training.profile);
    if (run->embedding_length != theirs->embedding_length ||
        run->appearance_length != theirs->appearance_length ||
        strcmp(run->appearance_name, theirs->appearance_name) != 0)
        return error_set_detail(err, DETAIL_NO_PROFILE,
                                "the training profile was made with another model than the run");
    *ret_count = similar_nearest(&training->training.rows,
                                 by_embedding ? query->record->embedding : query->record->appearance,
                                 query->most, found);
    return true;
}

static bool add_from_training(struct looking *looking, uint64_t k, struct error *err)
{
    struct api_call *call = looking->call;
    if (!take_training(looking, err))
        return false;
    const struct insight *training = looking->training;
    const struct training_query query = {looking->run, training, &looking->opened.record, (uint32_t)k};
    double began = clock_steady_seconds();
    struct similar found[SIMILAR_NEAREST_MAX];
    uint32_t count = 0;
    if (!training_nearest(&query, found, &count, err))
        return false;
    double seconds = clock_steady_seconds() - began;
    reply_text(call->reply, call->root, "space", training->training.space);
    (void)yyjson_mut_obj_add_uint(call->reply, call->root, "searched",
                                  profile_count(training->training.profile));
    (void)yyjson_mut_obj_add_bool(call->reply, call->root, "is_exact", true);
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "neighbors");
    for (uint32_t i = 0; i < count; i++)
        add_training_row(looking, yyjson_mut_arr_add_obj(call->reply, rows), (uint32_t)found[i].record,
                         found[i].cosine);
    (void)yyjson_mut_obj_add_real(call->reply, call->root, "milliseconds", seconds * 1000);
    return true;
}

/* ---- in the dataset ---- */

static void add_dataset_row(struct api_call *call, yyjson_mut_val *row, const struct sample *sample,
                            double cosine)
{
    (void)yyjson_mut_obj_add_null(call->reply, row, "number");
    reply_text(call->reply, row, "sample", sample->id);
    reply_text(call->reply, row, "source", sample->source);
    reply_text(call->reply, row, "usage", sample->usage);
    yyjson_mut_val *labels = yyjson_mut_obj_add_arr(call->reply, row, "labels");
    for (size_t i = 0; i < sample->annotation_count && i < TRAINING_LABELS_MAX; i++)
        (void)yyjson_mut_arr_add_strcpy(call->reply, labels, sample->annotations[i].name);
    (void)yyjson_mut_obj_add_real(call->reply, row, "cosine", cosine);
    (void)yyjson_mut_obj_add_real(call->reply, row, "distance", 1 - cosine);
    reply_text(call->reply, row, "image", arena_printf(call->arena, "/api/v1/samples/%s/image", sample->id));
}

/* From the nearest image of the run on: is it a sample of the dataset? */
static bool add_members(struct looking *looking, const struct similar *order, uint64_t count, uint64_t k,
                        struct error *err)
{
    struct api_call *call = looking->call;
    uint64_t found = 0, at = 0;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "neighbors");
    for (; at < count && at < LOOKUPS_MAX && found < k; at++) {
        char id[HASH_HEX_BYTES];
        struct run_index_row row;
        struct sample sample;
        struct error missing = {0};
        run_index_get(looking->run->run.index, order[at].record, &row);
        sample_id_of(looking->sample.dataset_id, row.source, id);
        if (strcmp(id, looking->sample.id) == 0)
            continue;
        if (sample_find(call->api->db, call->caller->project_id, call->arena, id, &sample, &missing)) {
            add_dataset_row(call, yyjson_mut_arr_add_obj(call->reply, rows), &sample, order[at].cosine);
            found++;
        } else if (missing.code != ERR_NOT_FOUND) {
            *err = missing;
            return false;
        }
    }
    (void)yyjson_mut_obj_add_bool(call->reply, call->root, "is_exact", found == k || at == count);
    return true;
}

static bool add_from_dataset(struct looking *looking, uint64_t k, struct error *err)
{
    struct api_call *call = looking->call;
    const struct record *record = &looking->opened.record;
    struct similar *order = NULL;
    uint64_t count = 0;
    double began = clock_steady_seconds();
    bool by_embedding = record->embedding != NULL;
    const struct similar_query query = {.set = looking->run->run.set,
                                        .by_embedding = by_embedding,
                                        .vector = by_embedding ? record->embedding : record->appearance,
                                        .threads = workers_cores()};
    if (!similar_rank(&query, &order, &count, err))
        return false;
    reply_text(call->reply, call->root, "space", by_embedding ? "embedding" : "appearance");
    (void)yyjson_mut_obj_add_uint(call->reply, call->root, "searched", count);
    bool is_done = add_members(looking, order, count, k, err);
    (void)yyjson_mut_obj_add_real(call->reply, call->root, "milliseconds",
                                  (clock_steady_seconds() - began) * 1000);
    free(order);
    return is_done;
}

static bool begin_looking(struct looking *looking, const char *reference, struct error *err)
{
    struct api_call *call = looking->call;
    return sample_find(call->api->db, call->caller->project_id, call->arena, reference, &looking->sample,
                       err) &&
           origin_find(call, &looking->sample, &looking->origin, err);
}

static bool neighbors(struct api_call *call, struct error *err)
{
    const struct neighbors_request *request = call->params;
    struct looking looking = {.call = call};
    bool is_training = strcmp(request->in, "training") == 0;
    bool is_done = begin_looking(&looking, request->sample, err);
    if (is_done) {
        reply_text(call->reply, call->root, "sample", looking.sample.id);
        reply_text(call->reply, call->root, "in", request->in);
        is_done = find_record(&looking, err) && (is_training ? add_from_training(&looking, request->k, err)
                                                             : add_from_dataset(&looking, request->k, err));
    }
    stop_looking(&looking);
    return is_done;
}

static bool neighbor_image(struct api_call *call, struct error *err)
{
    const struct neighbor_image_request *request = call->params;
    const struct image_wish wish = {request->size, NULL, NULL};
    struct looking looking = {.call = call};
    uint64_t number = 0;
    if (!text_to_count(request->neighbor, "neighbor", 0, PROFILE_SAMPLES_MAX, &number, err)) {
        err->detail = DETAIL_INVALID_ARGUMENT;
        return error_point(err, "/neighbor");
    }
    bool is_done = begin_looking(&looking, request->sample, err) && take_training(&looking, err);
    if (is_done && number >= profile_count(looking.training->training.profile))
        is_done =
            error_set(err, ERR_NOT_FOUND, "the training set has no sample %llu", (unsigned long long)number);
    if (is_done) {
        const struct image_source source = {
            .source = profile_source(looking.training->training.profile, (uint32_t)number),
            .what = "the training sample"};
        is_done = reply_image(call, &source, &wish, err);
    }
    stop_looking(&looking);
    return is_done;
}

const struct route route_samples_neighbors = {
    "samples.neighbors",
    "GET",
    "/api/v1/samples/{sample}/neighbors",
    neighbors_params,
    sizeof(struct neighbors_request),
    neighbors,
    "Lists the training samples, or those of the dataset, that are most like a sample.",
    ROLE_READ,
    200,
    &shape_neighbors};
const struct route route_samples_neighbor_image = {"samples.neighbor_image",
                                                   "GET",
                                                   "/api/v1/samples/{sample}/neighbors/{neighbor}/image",
                                                   image_params,
                                                   sizeof(struct neighbor_image_request),
                                                   neighbor_image,
                                                   "Gives the image of a training sample near to a sample.",
                                                   ROLE_READ,
                                                   200,
                                                   NULL,
                                                   true};
