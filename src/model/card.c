/* SPDX-License-Identifier: Apache-2.0 */
#include "model/card.h"

#include "base/text.h"
#include "infer/onnx_file.h"

#include <stdlib.h>
#include <string.h>

/* In the order of the enums of infer/preprocess.h. */
static const char *const layouts[] = {[LAYOUT_NCHW] = "nchw", [LAYOUT_NHWC] = "nhwc", NULL};
static const char *const resizes[] = {
    [RESIZE_SQUASH] = "squash", [RESIZE_CENTER_CROP] = "center_crop", [RESIZE_LETTERBOX] = "letterbox", NULL};
static const char *const colors[] = {[COLOR_RGB] = "rgb", [COLOR_BGR] = "bgr", [COLOR_GRAY] = "gray", NULL};
static const char *const pad_places[] = {[PAD_CENTER] = "center", [PAD_TOP_LEFT] = "top_left", NULL};
static const char *const decodes[] = {"exact", NULL};
static const char *const types[] = {
    [MODEL_TYPE_CLASSIFICATION] = "image_classification", [MODEL_TYPE_DETECTION] = "object_detection", NULL};

const struct param_spec model_card_params[] = {
    PARAM(struct model_card, model_type, .type = PARAM_CHOICE, .choices = types, .help = "what it predicts"),
    PARAM(struct model_card, adapter, .type = PARAM_CHOICE, .choices = adapter_names,
          .help = "how its outputs are read"),
    PARAM(struct model_card, input, .type = PARAM_TEXT, .max = ONNX_NAME_MAX_BYTES, .value_name = "TENSOR",
          .help = "name of the image input"),
    PARAM(struct model_card, layout, .type = PARAM_CHOICE, .choices = layouts,
          .help = "order of the input's dimensions"),
    PARAM(struct model_card, width, .type = PARAM_COUNT, .min = 1, .max = PREPROCESS_SIDE_MAX_PX,
          .unit = "px", .help = "width of the input"),
    PARAM(struct model_card, height, .type = PARAM_COUNT, .min = 1, .max = PREPROCESS_SIDE_MAX_PX,
          .unit = "px", .help = "height of the input"),
    PARAM(struct model_card, resize, .type = PARAM_CHOICE, .choices = resizes,
          .help = "how an image is brought to the input's size"),
    PARAM(struct model_card, crop_fraction, .type = PARAM_NUMBER, .fallback = 0.875, .min = 0.1, .max = 1,
          .help = "center_crop: the share of the shorter side that is kept"),
    PARAM(struct model_card, pad_value, .type = PARAM_COUNT, .fallback = 114, .max = 255,
          .unit = "gray level", .help = "letterbox: what the rest is filled with"),
    PARAM(struct model_card, pad_place, .type = PARAM_CHOICE, .choices = pad_places,
          .fallback_text = "center", .help = "letterbox: where the image goes"),
    PARAM(struct model_card, color, .type = PARAM_CHOICE, .choices = colors, .help = "order of the channels"),
    PARAM(struct model_card, scale, .type = PARAM_NUMBER, .min = 1e-9, .max = 1e9,
          .help = "value = (pixel x scale - mean) / std, pixel 0 to 255"),
    PARAM(struct model_card, mean, .type = PARAM_LIST, .value_name = "NUMBER,…",
          .help = "one number per channel of the input, or one for all"),
    PARAM(struct model_card, std, .type = PARAM_LIST, .value_name = "NUMBER,…",
          .help = "one number per channel of the input, or one for all"),
    PARAM(struct model_card, outputs, .type = PARAM_LIST, .value_name = "TENSOR,…",
          .help = "names of the outputs that are read, in the adapter's order"),
    PARAM(struct model_card, output_kind, .type = PARAM_CHOICE, .choices = output_kind_names,
          .help = "what the scores are"),
    PARAM(struct model_card, candidate_floor, .type = PARAM_NUMBER, .fallback = 0.05, .min = 0.001, .max = 1,
          .help = "detection: candidates of lower scores are not kept"),
    PARAM(struct model_card, score_threshold, .type = PARAM_NUMBER, .fallback = 0.3, .min = 0.001, .max = 1,
          .help = "detection: boxes from this score on are the model's answer"),
    PARAM(struct model_card, nms_iou, .type = PARAM_NUMBER, .fallback = 0.45, .min = 0.01, .max = 1,
          .help = "detection: of boxes of one class that overlap more than this only the best is kept"),
    PARAM(struct model_card, embedding, .type = PARAM_TEXT, .max = ONNX_NAME_MAX_BYTES,
          .value_name = "TENSOR", .help = "inner tensor that describes an image; none: without"),
    PARAM(struct model_card, decode, .type = PARAM_CHOICE, .choices = decodes, .fallback_text = "exact",
          .help = "exact: all pixels are decoded, then resized as Pillow does"),
    PARAM(struct model_card, labels, .type = PARAM_LIST, .value_name = "FILE|NAME,…",
          .help = "names of the classes in the order of the scores"),
    PARAM_END,
};

/* Members that say nothing of a classifier. */
static const char *const detection_members[] = {"candidate_floor", "score_threshold", "nms_iou", NULL};

bool card_is_detector(const struct model_card *card)
{
    return card->model_type && strcmp(card->model_type, types[MODEL_TYPE_DETECTION]) == 0;
}

static int choice_index(const char *const *choices, const char *text)
{
    for (int i = 0; choices[i]; i++)
        if (strcmp(choices[i], text) == 0)
            return i;
    return 0;
}

static void add_members(yyjson_mut_doc *doc, yyjson_mut_val *to, yyjson_val *from)
{
    yyjson_obj_iter members;
    yyjson_val *key;
    (void)yyjson_obj_iter_init(from, &members);
    while ((key = yyjson_obj_iter_next(&members)))
        (void)yyjson_mut_obj_put(to, yyjson_val_mut_copy(doc, key),
                                 yyjson_val_mut_copy(doc, yyjson_obj_iter_get_val(key)));
}

bool card_merge(yyjson_val *file, yyjson_val *overrides, yyjson_doc **ret, struct error *err)
{
    if ((file && !yyjson_is_obj(file)) || (overrides && !yyjson_is_obj(overrides)))
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "the model card must be a JSON object");
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *object = doc ? yyjson_mut_obj(doc) : NULL;
    if (!object)
        return error_no_memory(err);
    yyjson_mut_doc_set_root(doc, object);
    add_members(doc, object, file);
    add_members(doc, object, overrides);
    *ret = yyjson_mut_doc_imut_copy(doc, NULL);
    return *ret || error_no_memory(err);
}

/* By text, then by place in the list. */
static int compare_labels(const void *a, const void *b)
{
    const char *const *first = *(const char *const *const *)a, *const *second =
                                                                   *(const char *const *const *)b;
    int order = strcmp(*first, *second);
    return order != 0 ? order : (first > second) - (first < second);
}

/* The places of the labels in the order of their texts. */
static const char ***sort_labels(const struct param_list *labels, struct arena *arena)
{
    const char ***places = arena_array(arena, labels->count + 1, sizeof(*places));
    for (size_t i = 0; places && i < labels->count; i++)
        places[i] = &labels->items[i];
    if (places)
        qsort(places, labels->count, sizeof(*places), compare_labels);
    return places;
}

static bool check_labels(const struct param_list *labels, struct error *err)
{
    for (size_t i = 0; i < labels->count; i++) {
        struct error why = {0};
        if (!text_check_name(labels->items[i], "a label", MODEL_LABEL_MAX_CHARACTERS, "", &why))
            return error_set_detail(err, DETAIL_MODEL_UNUSABLE, "label %zu: %s", i, why.message);
    }
    return true;
}

bool card_settle_labels(struct param_list *labels, struct arena *arena, size_t *ret_renamed,
                        struct error *err)
{
    if (!check_labels(labels, err))
        return false;
    const char ***places = sort_labels(labels, arena);
    if (!places)
        return error_no_memory(err);
    size_t renamed = 0;
    const char *name = labels->count > 0 ? *places[0] : "";
    for (size_t i = 1; i < labels->count; i++) {
        if (strcmp(name, *places[i]) != 0) {
            name = *places[i];
            continue;
        }
        if (!(*places[i] = arena_printf(arena, "%s (%td)", name, places[i] - labels->items)))
            return error_no_memory(err);
        renamed++;
    }
    if (renamed > 0 && !(places = sort_labels(labels, arena)))
        return error_no_memory(err);
    for (size_t i = 1; i < labels->count; i++)
        if (strcmp(*places[i - 1], *places[i]) == 0)
            return error_set_detail(err, DETAIL_MODEL_UNUSABLE, "two classes have the label '%.100s'",
                                    *places[i]);
    *ret_renamed = renamed;
    return true;
}

/* One number for each channel. */
static bool read_numbers(const struct param_list *list, const char *what, size_t channels,
                         double ret[PREPROCESS_CHANNELS_MAX], struct error *err)
{
    if (list->count != 1 && list->count != channels)
        return error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                                "%s has %zu numbers; give one, or %zu, one per channel", what, list->count,
                                channels);
    for (size_t i = 0; i < PREPROCESS_CHANNELS_MAX; i++) {
        const char *text = list->items[i < list->count ? i : 0];
        if (!text_to_double(text, what, -1e9, 1e9, &ret[i], err))
            return error_set_detail(err, DETAIL_MODEL_UNUSABLE, "%s must be numbers, not '%.60s'", what,
                                    text);
    }
    return true;
}

bool card_preprocess(const struct model_card *card, enum element_type element, struct preprocess_options *ret,
                     struct error *err)
{
    *ret = (struct preprocess_options){
        .layout = (enum preprocess_layout)choice_index(layouts, card->layout),
        .resize = (enum preprocess_resize)choice_index(resizes, card->resize),
        .color = (enum preprocess_color)choice_index(colors, card->color),
        .element = element,
        .width = (uint32_t)card->width,
        .height = (uint32_t)card->height,
        .crop_fraction = card->crop_fraction,
        .scale = card->scale,
        .pad_value = (uint8_t)card->pad_value,
        .pad_place = (enum preprocess_pad)choice_index(pad_places, card->pad_place),
    };
    size_t channels = ret->color == COLOR_GRAY ? 1 : 3;
    if (!read_numbers(&card->mean, "mean", channels, ret->mean, err) ||
        !read_numbers(&card->std, "std", channels, ret->std, err))
        return false;
    bool is_plain = card->scale == 1;
    for (size_t i = 0; i < channels; i++)
        is_plain = is_plain && ret->mean[i] == 0 && ret->std[i] == 1;
    if (element == ELEMENT_UINT8 && !is_plain)
        return error_set_detail(
            err, DETAIL_MODEL_UNUSABLE,
            "input '%.100s' takes the 8-bit pixels themselves: scale must be 1, mean 0, std 1", card->input);
    return true;
}

bool card_adapter_options(const struct model_card *card, struct adapter_options *ret, struct error *err)
{
    const struct param_list *outputs = &card->outputs;
    if (outputs->count < 1 || outputs->count > ADAPTER_OUTPUTS_MAX)
        return error_set_detail(err, DETAIL_MODEL_UNUSABLE, "outputs names %zu tensors; 1 to %d are possible",
                                outputs->count, ADAPTER_OUTPUTS_MAX);
    if (card_is_detector(card) && card->score_threshold < card->candidate_floor)
        return error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                                "score_threshold %g is below candidate_floor %g: set one of them",
                                card->score_threshold, card->candidate_floor);
    *ret = (struct adapter_options){.output_kind = output_kind_find(card->output_kind),
                                    .output_count = outputs->count,
                                    .candidate_floor = card->candidate_floor,
                                    .nms_iou = card->nms_iou};
    memcpy(ret->outputs, outputs->items, outputs->count * sizeof(ret->outputs[0]));
    return true;
}

bool card_write(const struct model_card *card, struct buffer *into, struct error *err)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *object = doc ? yyjson_mut_obj(doc) : NULL;
    if (!object)
        return error_no_memory(err);
    yyjson_mut_doc_set_root(doc, object);
    params_write_json(model_card_params, card, doc, object);
    for (const char *const *member = detection_members; *member && !card_is_detector(card); member++)
        (void)yyjson_mut_obj_remove_str(object, *member);
    return json_write(doc, false, into, err);
}

bool card_read_labels(struct bytes text, struct arena *arena, struct param_list *ret, struct error *err)
{
    const char *at = text.data, *end = text.size > 0 ? at + text.size : at;
    size_t lines = 1;
    for (size_t i = 0; i < text.size; i++)
        lines += at[i] == '\n';
    if (lines > PREDICTION_CLASSES_MAX + 1)
        return error_set_detail(err, DETAIL_MODEL_UNUSABLE, "it has more than %d lines",
                                PREDICTION_CLASSES_MAX);
    struct param_list list = {.items = arena_array(arena, lines, sizeof(char *))};
    size_t used = 0; /* up to the last line that is not empty */
    while (list.items && at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        const char *next = line_end ? line_end + 1 : end;
        size_t bytes = (size_t)((line_end ? line_end : end) - at);
        if (bytes > 0 && at[bytes - 1] == '\r')
            bytes--;
        if (!(list.items[list.count++] = arena_text_n(arena, at, bytes)))
            return error_no_memory(err);
        used = bytes > 0 ? list.count : used;
        at = next;
    }
    if (!list.items)
        return error_no_memory(err);
    list.count = used;
    *ret = list;
    return true;
}
