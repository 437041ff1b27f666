/* SPDX-License-Identifier: Apache-2.0 */
#include "work/mine_given.h"

#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "service/service.h"
#include "work/mine_given_parts.h"
#include "work/scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MINING_ARENA_BYTES = 256 * 1024 * 1024 };

static const char *const activations[] = {"softmax", "sigmoid", NULL};
static const char *const formats[] = {"auto", "modelarts", "coco", "jsonl", NULL};
const struct param_spec mine_given_params[] = {
    PARAM(struct mine_given_request, images, .type = PARAM_TEXT, .is_required = true, .path = PARAM_PATH,
          .value_name = "DIR|X.manifest", .help = "the images: a folder, or a manifest that names them"),
    PARAM(struct mine_given_request, predictions, .type = PARAM_TEXT, .is_required = true, .path = PARAM_PATH,
          .value_name = "FILE|DIR",
          .help = "what was predicted: ModelArts results, COCO results, JSON Lines"),
    PARAM(struct mine_given_request, output, .type = PARAM_TEXT, .fallback_text = "-", .value_name = "FILE|-",
          .help = "manifest of the hard examples, hardest first; - is standard output"),
    PARAM(struct mine_given_request, format, .type = PARAM_CHOICE, .choices = formats,
          .fallback_text = "auto", .value_name = "auto|modelarts|coco|jsonl",
          .help = "form of the predictions; auto: by content"),
    PARAM(struct mine_given_request, labels, .type = PARAM_TEXT, .path = PARAM_PATH, .value_name = "FILE",
          .help = "all labels of the model, line n names class n; default: those that predictions name"),
    PARAM(struct mine_given_request, coco_images, .type = PARAM_TEXT, .path = PARAM_PATH,
          .value_name = "FILE", .help = "COCO: JSON with the images and categories that ids mean"),
    PARAM(struct mine_given_request, activation, .type = PARAM_CHOICE, .choices = activations,
          .fallback_text = "softmax", .value_name = "softmax|sigmoid",
          .help = "scores of one class of all, or of each class for itself"),
    PARAM(struct mine_given_request, score_threshold, .type = PARAM_NUMBER, .fallback = 0, .min = 0, .max = 1,
          .help =
              "detection: boxes from this score on are the model's answer, those below near misses; 0: 0.3, "
              "with ModelArts results the lowest score there is"),
    PARAM(struct mine_given_request, train, .type = PARAM_TEXT, .path = PARAM_PATH, .value_name = "MANIFEST",
          .help = "existing training dataset: the manifest the model was trained on"),
    PARAM(struct mine_given_request, train_predictions, .type = PARAM_TEXT, .path = PARAM_PATH,
          .value_name = "FILE|DIR", .help = "what was predicted of the training images"),
    PARAM(struct mine_given_request, report, .type = PARAM_TEXT, .path = PARAM_PATH, .value_name = "FILE",
          .help = "also write the report of the mining, JSON"),
    PARAM(struct mine_given_request, left_out, .type = PARAM_TEXT, .path = PARAM_PATH, .value_name = "FILE",
          .help = "also write every image and prediction that was left out and why, JSON Lines"),
    PARAM(struct mine_given_request, keep, .type = PARAM_TEXT, .path = PARAM_PATH, .value_name = "DIR",
          .help = "keep records and the rest of the work in this folder, which must be new or empty"),
    PARAM(struct mine_given_request, threads, .type = PARAM_COUNT, .fallback = 0, .min = 0,
          .max = WORKERS_MAX, .help = "worker threads; 0: all cores"),
    PARAM_TABLE(struct mine_given_request, mining, mining_params),
    PARAM_END,
};

static uint32_t threads_of(const struct mine_given_work *work)
{
    return work->request.threads ? (uint32_t)work->request.threads : workers_cores();
}

void mine_given_note(struct mine_given_work *work, const char *text)
{
    (void)yyjson_mut_arr_add_strcpy(work->summary, work->notes, text);
}

/* ---- reading predictions ---- */

static bool open_given(struct mine_given_work *work, const char *path, struct mine_given_side *side,
                       struct error *err)
{
    const struct mine_given_request *request = &work->request;
    bool is_folder_of_images = side == &work->run && !text_ends_with(request->images, ".manifest");
    const struct given_options options = {
        .path = path,
        .format = strcmp(request->format, "auto") == 0 ? NULL : request->format,
        .coco_images = side == &work->run ? request->coco_images : NULL,
        .images_folder = is_folder_of_images ? request->images : "/",
        .activation = strcmp(request->activation, "sigmoid") == 0 ? ACTIVATION_SIGMOID : ACTIVATION_SOFTMAX,
        .data = work->store,
        .spool = side == &work->run ? "run/predictions" : "training/predictions",
        .stop = work->mining->stop,
        .done = &work->mining->progress->done};
    task_progress_stage(work->mining->progress, "reading", 0);
    return given_open(&options, work->labels, &side->given, err);
}

static bool check_types(struct mine_given_work *work, struct error *err)
{
    const struct given *run = work->run.given, *training = work->training.given;
    return !training || given_type(run) == given_type(training) ||
           error_set(err, ERR_INVALID, "the predictions are %s, those of the training images %s",
                     model_type_name(given_type(run)), model_type_name(given_type(training)));
}

/* Embeddings are only worth keeping where both sides have the same. */
static void settle_embeddings(struct mine_given_work *work)
{
    uint32_t length = given_embedding_length(work->run.given);
    uint32_t other = work->training.given ? given_embedding_length(work->training.given) : 0;
    bool has_training = work->request.train != NULL;
    work->shape.embedding_length = has_training && length != other ? 0 : length;
    if (length == 0)
        mine_given_note(work, work->request.mining.feature_extractor
                                  ? "the predictions have no embeddings: neighbours are looked for by the "
                                    "feature extractor alone"
                                  : "the predictions have no embeddings: neighbours are looked for by "
                                    "appearance alone");
    else if (has_training && length != other)
        mine_given_note(
            work, other == 0
                      ? "the embeddings are not used: the training images have none; give "
                        "--train-predictions with embeddings"
                      : "the embeddings are not used: those of the training images have another length");
}

static void settle_threshold(struct mine_given_work *work)
{
    const struct given *given = work->run.given;
    double lowest = given_lowest_score(given), wanted = work->request.score_threshold;
    if (given_type(given) != MODEL_TYPE_DETECTION)
        return;
    if (!(wanted > 0))
        wanted = given_is_answers_only(given) ? fmax(lowest, GIVEN_SCORE_FLOOR) : GIVEN_SCORE_THRESHOLD;
    work->header.score_threshold = wanted;
    work->header.candidate_floor = fmin(lowest, wanted);
    if (lowest >= wanted)
        mine_given_note(
            work,
            "no box below the score threshold was given: the rules of near misses (reasons 0 and 1) have "
            "nothing to look at");
}

/* The labels stand for the model that nobody knows. */
static void hash_model(struct mine_given_work *work)
{
    struct hash hash;
    hash_start(&hash);
    for (uint32_t i = 0; i < work->shape.classes; i++)
        hash_add_text(&hash, given_labels_names(work->labels)[i]);
    hash_finish(&hash, work->model_hash);
}

static bool settle_header(struct mine_given_work *work, struct error *err)
{
    if (!check_types(work, err) || !given_labels_settle(work->labels, err))
        return false;
    work->shape.classes = given_labels_count(work->labels);
    settle_embeddings(work);
    hash_model(work);
    work->header = (struct record_header){.type = given_type(work->run.given),
                                          .activation = strcmp(work->request.activation, "sigmoid") == 0
                                                            ? ACTIVATION_SIGMOID
                                                            : ACTIVATION_SOFTMAX,
                                          .classes = work->shape.classes,
                                          .embedding_length = work->shape.embedding_length,
                                          .appearance_length = IMAGE_APPEARANCE_LENGTH,
                                          .appearance_name = IMAGE_APPEARANCE_NAME,
                                          .decode = "exact",
                                          .model_hash = work->model_hash,
                                          .labels = given_labels_names(work->labels)};
    settle_threshold(work);
    return true;
}

/* ---- matching ---- */

static bool keys_of_inputs(struct mine_given_work *work, const struct mine_given_side *side,
                           struct given_keys *ret, struct error *err)
{
    AUTO(arena) arena = arena_new(INPUTS_CHUNK_MAX_BYTES);
    uint64_t at = 0;
    if (!arena)
        return error_no_memory(err);
    for (uint32_t shard = 0; shard < side->inputs.shards; shard++) {
        struct input_list list;
        arena_reset(arena);
        if (!inputs_shard(work->store, side->folder, shard, arena, &list, err))
            return false;
        for (uint32_t i = 0; i < list.count && at < side->inputs.count; i++, at++)
            given_keys_of(list.items[i].key ? list.items[i].key : list.items[i].source, side->inputs.common,
                          &ret[at]);
    }
    return true;
}

static bool match_side(struct mine_given_work *work, struct mine_given_side *side, struct error *err)
{
    if (!side->given)
        return true;
    uint64_t count = side->inputs.count;
    struct given_keys *keys = calloc(count + 1, sizeof(*keys));
    side->matches = calloc(count + 1, sizeof(*side->matches));
    side->is_used = calloc(given_count(side->given) + 1, sizeof(*side->is_used));
    bool has_memory = keys && side->matches && side->is_used;
    bool is_done = has_memory && keys_of_inputs(work, side, keys, err) &&
                   given_match(side->given, keys, count, side->matches, side->is_used, err);
    free(keys);
    for (uint64_t i = 0; is_done && i < count; i++)
        side->predicted += side->matches[i] != GIVEN_NONE;
    side->unmatched = given_count(side->given) - side->predicted;
    if (!is_done)
        return has_memory ? false : error_no_memory(err);
    return side->predicted > 0 || error_set(err, ERR_INVALID,
                                            "no prediction is of any of the %llu images: the first is of "
                                            "'%.100s', which is not among them",
                                            (unsigned long long)count, given_name(side->given, 0));
}

/* ---- scanning ---- */

static bool read_given(void *state, uint64_t image, struct arena *arena, struct prediction *ret,
                       struct error *err)
{
    const struct mine_given_side *side = state;
    if (side->matches[image] == GIVEN_NONE)
        return error_set(err, ERR_NOT_FOUND, "there is no prediction of it");
    return given_read(side->given, side->matches[image], side->shape, arena, ret, err);
}

static bool fit_given(void *state, struct prediction *prediction, const struct image *image,
                      struct arena *arena, struct error *err)
{
    struct mine_given_side *side = state;
    const struct given_extent extent = {image->width, image->height};
    uint32_t dropped = 0;
    if (prediction->type != MODEL_TYPE_DETECTION)
        return true;
    if (!given_clip(prediction, &extent, arena, &dropped, err))
        return false;
    atomic_fetch_add(&side->boxes_dropped, dropped);
    return true;
}

/* Of training images that nobody predicted: records want something, and the profile forgets it. */
static bool read_nothing(void *state, uint64_t image, struct arena *arena, struct prediction *ret,
                         struct error *err)
{
    const struct mine_given_side *side = state;
    const struct record_header *header = side->header;
    (void)image;
    *ret = (struct prediction){
        .type = header->type, .activation = header->activation, .classes = header->classes};
    if (header->type == MODEL_TYPE_CLASSIFICATION)
        ret->logits = arena_array(arena, header->classes, sizeof(float));
    return header->type == MODEL_TYPE_DETECTION || ret->logits || error_no_memory(err);
}

static bool list_side(struct mine_given_work *work, struct mine_given_side *side, const char *images,
                      struct error *err)
{
    const struct mine_given *mining = work->mining;
    task_progress_stage(mining->progress, "listing", 0);
    const struct inputs_request listing = {.data = work->store,
                                           .folder = side->folder,
                                           .input_url = images,
                                           .shard_images = SERVICE_SHARD_IMAGES,
                                           .is_training = side == &work->training,
                                           .type = work->header.type,
                                           .stop = mining->stop,
                                           .done = &mining->progress->done};
    return inputs_make(&listing, work->arena, &side->inputs, err);
}

static bool scan_side(struct mine_given_work *work, struct mine_given_side *side, struct error *err)
{
    const struct mine_given *mining = work->mining;
    side->header = &work->header;
    side->shape = &work->shape;
    const struct scan_given given = {.header = &work->header,
                                     .state = side,
                                     .read = side->given ? read_given : read_nothing,
                                     .fit = side->given ? fit_given : NULL};
    const struct scan_request scan = {.data = work->store,
                                      .folder = side->folder,
                                      .inputs = &side->inputs,
                                      .given = &given,
                                      .threads = threads_of(work),
                                      .stop = mining->stop,
                                      .progress = mining->progress};
    uint64_t scanned = 0;
    task_progress_stage(mining->progress, side == &work->run ? "measuring" : "profiling",
                        (int64_t)side->inputs.count);
    return scan_run(&scan, &scanned, err);
}

static bool profile_training(struct mine_given_work *work, struct error *err)
{
    const char *train = work->request.train;
    if (!train)
        return true;
    if (!list_side(work, &work->training, train, err) || !match_side(work, &work->training, err) ||
        !scan_side(work, &work->training, err) ||
        !profile_open(work->store, "training/records", &work->profile, err))
        return error_wrap(err, "the training images");
    if (work->training.given)
        return record_set_open(work->store, "training/records", &work->training_records, err);
    profile_forget_predictions(work->profile);
    mine_given_note(
        work,
        "nothing was predicted of the training images: the profile is of their pixels and labels alone; "
        "give --train-predictions to have the model's own answers in it");
    return true;
}

/* ---- mining ---- */

static bool make_features(struct mine_given_work *work, struct error *err)
{
    const struct feature_extractor_wish wish = {.setting = work->request.mining.feature_extractor};
    if (!wish.setting)
        return true;
    work->features = (struct mine_features){.name = wish.setting,
                                            .data = work->store,
                                            .records = work->records,
                                            .profile = work->profile,
                                            .run_folder = work->run.folder,
                                            .training_folder = work->training.folder,
                                            .threads = threads_of(work),
                                            .stop = work->mining->stop,
                                            .progress = work->mining->progress};
    return feature_extractor_find(&wish, work->arena, &work->features.source, err) &&
           mine_features_make(&work->features, err);
}

static bool mine(struct mine_given_work *work, struct error *err)
{
    const struct mine_given *mining = work->mining;
    if (!record_set_open(work->store, "run/records", &work->records, err))
        return false;
    if (!make_features(work, err))
        return false;
    task_progress_stage(mining->progress, "analyzing", (int64_t)record_set_count(work->records));
    const struct mining_input input = {.records = work->records,
                                       .profile = work->profile,
                                       .features = work->features.name ? &work->features.features : NULL,
                                       .training = work->training_records,
                                       .threads = threads_of(work),
                                       .stop = mining->stop,
                                       .done = &mining->progress->done};
    return mining_run(&input, &work->request.mining, &work->result, err);
}

/* All paths of the request, absolute. */
static bool settle_paths(struct mine_given_work *work, struct error *err)
{
    struct mine_given_request *request = &work->request;
    const char **const paths[] = {&request->mining.feature_extractor,
                                  &request->images,
                                  &request->predictions,
                                  &request->labels,
                                  &request->train,
                                  &request->train_predictions,
                                  &request->coco_images,
                                  &request->report,
                                  &request->left_out};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        char *absolute = NULL;
        if (*paths[i] && !path_absolute(work->arena, *paths[i], &absolute, err))
            return false;
        *paths[i] = absolute;
    }
    char *output = NULL;
    if (strcmp(request->output, "-") == 0)
        return true;
    bool is_done = path_absolute(work->arena, request->output, &output, err);
    request->output = is_done ? output : request->output;
    return is_done;
}

/* The last one finished would be all that is left. */
static bool check_outlets(const struct mine_given_request *request, struct error *err)
{
    const char *const paths[] = {request->output, request->report, request->left_out};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; paths[i] && j < i; j++)
            if (paths[j] && strcmp(paths[i], paths[j]) == 0)
                return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                        "--output, --report and --left-out must be different files: %s",
                                        paths[i]);
    return true;
}

/* Found out before hours are spent, not after. */
static bool open_outlets(struct mine_given_work *work, struct error *err)
{
    const struct mine_given_request *request = &work->request;
    return (strcmp(request->output, "-") == 0 || outlet_open(request->output, true, &work->output, err)) &&
           (!request->report || outlet_open(request->report, true, &work->report, err)) &&
           (!request->left_out || outlet_open(request->left_out, true, &work->left_out, err));
}

static bool run_all(struct mine_given_work *work, struct error *err)
{
    const struct mine_given_request *request = &work->request;
    if (request->train_predictions && !request->train)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "predictions of training images are of no use without --train MANIFEST");
    return settle_paths(work, err) && check_outlets(request, err) &&
           mining_settings_check(&request->mining, err) && open_outlets(work, err) &&
           store_open(work->mining->folder, true, &work->store, err) &&
           (!request->labels || given_labels_read(work->labels, request->labels, err)) &&
           open_given(work, request->predictions, &work->run, err) &&
           (!request->train_predictions ||
            open_given(work, request->train_predictions, &work->training, err)) &&
           settle_header(work, err) && list_side(work, &work->run, request->images, err) &&
           match_side(work, &work->run, err) && scan_side(work, &work->run, err) &&
           profile_training(work, err) && mine(work, err) && mine_given_tell(work, err);
}

static void release_side(struct mine_given_side *side)
{
    side->given = given_free(side->given);
    free(side->matches);
    free(side->is_used);
}

static void release(struct mine_given_work *work)
{
    mining_result_release(&work->result);
    mine_features_release(&work->features);
    work->profile = profile_free(work->profile);
    work->records = record_set_free(work->records);
    work->training_records = record_set_free(work->training_records);
    outlet_release(&work->output);
    outlet_release(&work->report);
    outlet_release(&work->left_out);
    release_side(&work->run);
    release_side(&work->training);
    work->labels = given_labels_free(work->labels);
    work->store = store_free(work->store);
    yyjson_mut_doc_free(work->summary);
}

bool mine_given_run(const struct mine_given *mining, yyjson_mut_doc **ret, struct error *err)
{
    AUTO(arena) arena = arena_new(MINING_ARENA_BYTES);
    struct mine_given_work work = {.mining = mining,
                                   .request = *mining->request,
                                   .arena = arena,
                                   .labels = given_labels_new(),
                                   .run.folder = "run",
                                   .training.folder = "training",
                                   .output = outlet_none(),
                                   .report = outlet_none(),
                                   .left_out = outlet_none(),
                                   .summary = yyjson_mut_doc_new(NULL)};
    bool is_done = arena && work.labels && work.summary;
    if (is_done) {
        yyjson_mut_doc_set_root(work.summary, yyjson_mut_obj(work.summary));
        work.notes = yyjson_mut_arr(work.summary);
        is_done = run_all(&work, err);
    } else {
        (void)error_no_memory(err);
    }
    if (is_done)
        *ret = TAKE(work.summary);
    release(&work);
    return is_done;
}
