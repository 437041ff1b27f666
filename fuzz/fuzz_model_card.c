/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a model card. What is accepted reads back the same from what is written of it, and what it
 * says of pixels and outputs is either refused by name or within the limits that the hot path relies on. */
#include "fuzz_target.h"

#include "model/card.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 64 * 1024 * 1024, WRITTEN_MAX_BYTES = 64 * 1024 * 1024, INPUT_MAX_BYTES = 256 * 1024 };

static void check_pixels(const struct model_card *card)
{
    static const enum element_type elements[] = {ELEMENT_FLOAT32, ELEMENT_UINT8};
    for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
        struct preprocess_options options;
        struct preprocess preprocess;
        struct error err = {0};
        if (!card_preprocess(card, elements[i], &options, &err) ||
            !preprocess_init(&options, &preprocess, &err)) {
            assert(err.message[0] != '\0');
            continue;
        }
        assert(options.width <= PREPROCESS_SIDE_MAX_PX && options.height <= PREPROCESS_SIDE_MAX_PX);
        assert(isfinite(preprocess.levels[0][0]) && isfinite(preprocess.levels[0][PREPROCESS_LEVELS - 1]));
    }
}

static void check_outputs(const struct model_card *card)
{
    struct adapter_options options;
    struct error err = {0};
    if (!card_adapter_options(card, &options, &err)) {
        assert(err.detail == DETAIL_MODEL_UNUSABLE && err.message[0] != '\0');
        return;
    }
    assert(options.output_count >= 1 && options.output_count <= ADAPTER_OUTPUTS_MAX);
    assert(options.output_kind < OUTPUT_KIND_COUNT);
    assert(options.candidate_floor > 0 && options.candidate_floor <= 1 && options.nms_iou > 0);
    for (size_t i = 0; i < options.output_count; i++)
        assert(options.outputs[i]);
}

static void read_back(const struct model_card *card, struct arena *arena)
{
    AUTO_BUFFER(first, WRITTEN_MAX_BYTES);
    AUTO_BUFFER(second, WRITTEN_MAX_BYTES);
    struct error err = {0};
    struct model_card again = {0};
    if (!card_write(card, &first, &err))
        return;
    const struct model model = {.card_json = first.data};
    if (!model_card_read(&model, arena, &again, &err) || !card_write(&again, &second, &err))
        abort();
    assert(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
}

/* The members that an import always settles. */
static bool is_complete(const struct model_card *card)
{
    return card->layout && card->resize && card->color && card->mean.count > 0 && card->std.count > 0 &&
           card->output_kind && card->input;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    AUTO_JSON doc = NULL;
    AUTO_JSON merged = NULL;
    struct model_card card = {0};
    struct error err = {0};
    if (size > INPUT_MAX_BYTES || !arena || !json_parse((struct bytes){data, size}, "a card", &doc, &err) ||
        !card_merge(yyjson_doc_get_root(doc), NULL, &merged, &err) ||
        !params_read_json(model_card_params, &card, yyjson_doc_get_root(merged), arena, &err))
        return 0;
    read_back(&card, arena);
    if (is_complete(&card)) {
        check_pixels(&card);
        check_outputs(&card);
    }
    return 0;
}
