/* SPDX-License-Identifier: Apache-2.0 */
#include "planted_model.h"

#include "account/account.h"
#include "record/box_features.h"

enum { ARENA_BYTES = 16 * 1024 * 1024, PNG_MAX_BYTES = 4 * 1024 * 1024 };

bool planted_model_open(const char *folder, struct planted_model *ret, struct error *err)
{
    *ret = (struct planted_model){
        .arena = arena_new(ARENA_BYTES), .augment = augment_scratch_new(), .png = {.limit = PNG_MAX_BYTES}};
    if (!ret->arena || !ret->augment)
        return error_no_memory(err);
    const char *database = arena_printf(ret->arena, "sqlite:%s/data/trommel.db", folder);
    const char *store = arena_printf(ret->arena, "%s/data/store", folder);
    if (!database || !store)
        return error_no_memory(err);
    if (!db_open(database, &ret->db, err) || !store_open(store, false, &ret->data, err) ||
        !model_find(ret->db, ACCOUNT_DEFAULT_PROJECT, ret->arena, "model", &ret->model, err) ||
        !model_runner_open(ret->data, &ret->model, &ret->runner, err) ||
        !model_scratch_new(ret->runner, &ret->scratch, err))
        return false;
    return model_runner_shape(ret->runner).classes == PLANTED_CLASSES
               ? augment_settings_read("all", &ret->ops, err)
               : error_set(err, ERR_INVALID, "a model of other classes than the ten garments");
}

void planted_model_release(struct planted_model *model)
{
    model_scratch_free(model->scratch);
    model_runner_free(model->runner);
    augment_scratch_free(model->augment);
    store_free(model->data);
    db_free(model->db);
    arena_free(model->arena);
    image_release(&model->room);
    image_release(&model->copy);
    buffer_release(&model->png);
    *model = (struct planted_model){0};
}

bool planted_ask(struct planted_model *model, const struct image *image, struct planted_answer *ret,
                 struct error *err)
{
    struct prediction prediction;
    if (!model_predict(model->runner, model->scratch, image, &prediction, err))
        return false;
    prediction_scores(&prediction, ret->scores);
    ret->label = prediction_best(ret->scores, PLANTED_CLASSES);
    return true;
}

bool planted_see(struct planted_model *model, const struct image *image, double ret[FEATURE_COUNT],
                 struct error *err)
{
    struct prediction prediction;
    if (!model_predict(model->runner, model->scratch, image, &prediction, err))
        return false;
    const struct record_header header = {
        .type = MODEL_TYPE_DETECTION, .score_threshold = model_runner_shape(model->runner).score_threshold};
    const struct image_boxes boxes = {
        prediction.candidates, record_answers(&header, prediction.candidates, prediction.candidate_count),
        image->width, image->height};
    return record_box_features(&boxes, ret, err);
}

bool planted_hash(struct planted_model *model, const struct image *image, char ret_hash[HASH_HEX_BYTES],
                  struct error *err)
{
    buffer_clear(&model->png);
    if (!image_encode_png(image, &model->png, err))
        return false;
    hash_of((struct bytes){model->png.data, model->png.size}, ret_hash);
    return true;
}

bool planted_ask_copy(struct planted_model *model, const struct image *image, const char *hash, uint32_t op,
                      struct planted_answer *ret, struct error *err)
{
    const struct model_card *card = model_runner_card(model->runner);
    uint32_t side = (uint32_t)(card->width > card->height ? card->width : card->height);
    const struct image *picture = NULL;
    struct augment_draw draw;
    if (!augment_picture(image, side, model->augment, &model->room, &picture, err))
        return false;
    augment_plan(&model->ops.ops[op], hash, side, picture, &draw);
    return augment_apply(&draw, picture, model->augment, &model->copy, err) &&
           planted_ask(model, &model->copy, ret, err);
}
