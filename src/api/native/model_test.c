/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/native.h"

#include "base/path.h"
#include "image/image.h"
#include "work/results.h"
#include "work/scan.h"
#include "work/scan_shard.h"

enum { PREDICTION_MAX_BYTES = 1024 * 1024 };

/* One image takes the road of a run: the same worker, the same record, the same result JSON. */
static bool predict_one(struct scan_worker *worker, struct store *folder, const char *name,
                        const struct record_header *header, struct buffer *text, struct error *err)
{
    const struct image_options options = {.background = {255, 255, 255}};
    struct scan_seen seen = {0};
    const struct input_item item = {.source = name, .key = name};
    if (!scan_image(worker, folder, &item, &options, &seen, err))
        return error_wrap(err, "%s", name);
    struct record record = {.logits = seen.prediction.logits,
                            .candidates = seen.prediction.candidates,
                            .candidate_scores = seen.prediction.candidate_scores,
                            .candidate_count = seen.prediction.candidate_count};
    struct record_header whole = *header;
    float top[RECORD_LOGITS_TOP];
    uint32_t classes[RECORD_LOGITS_TOP];
    if (seen.prediction.logits)
        scan_record_logits(&whole, &seen.prediction, top, classes, &record);
    return results_prediction_json(&whole, &record, text, err);
}

static bool predict_with(struct api_call *call, const struct model_runner *runner, const struct model *model,
                         const char *path, struct error *err)
{
    struct store *opened = NULL;
    struct record_header header;
    AUTO_BUFFER(text, PREDICTION_MAX_BYTES);
    char *folder = path_folder(call->arena, path);
    if (!folder)
        return error_no_memory(err);
    if (!store_open_within(call->roots, folder, false, &opened, err))
        return error_set_detail(err, DETAIL_PATH_NOT_FOUND, "there is no folder %s", folder);
    AUTO(store) store = opened;
    struct scan_worker worker = {0};
    scan_record_header(runner, model->content_hash, &header);
    bool is_done = scan_worker_init(&worker, runner, &header, err) &&
                   predict_one(&worker, store, path_base(path), &header, &text, err);
    scan_worker_release(&worker);
    if (is_done)
        reply_json(call->reply, call->root, "prediction", text.data);
    return is_done;
}

bool reply_model_test(struct api_call *call, const struct model *model, const char *image, struct error *err)
{
    char *path = NULL;
    struct model_runner *opened = NULL;
    if (!path_absolute(call->arena, image, &path, err) ||
        !model_runner_open(call->api->data, model, &opened, err))
        return false;
    AUTO(model_runner) runner = opened;
    reply_text(call->reply, call->root, "image", path);
    reply_text(call->reply, call->root, "model", model->name);
    return predict_with(call, runner, model, path, err);
}
