/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any outputs, read by any adapter: what is accepted is as a record wants it.
 *
 * Byte 0 adapter, 1 output_kind, 2 floor, 3 overlap, 4 and 5 the tensor's sides in steps of 32 px, 6 labels,
 * 7 number of outputs; for each output its element type, its rank, its dimensions; then one byte a number.
 */
#include "fuzz_target.h"

#include "infer/adapter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUTS_MAX = 4, RANK_MAX = 5, ELEMENTS_MAX = 20000, ARENA_BYTES = 64 * 1024 * 1024, STEP_PX = 32 };

struct input {
    const uint8_t *data;
    size_t size;
};

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* 0 past the end. */
static uint8_t take(struct input *input)
{
    if (input->size == 0)
        return 0;
    input->size--;
    return *input->data++;
}

/* Shares up to 1, then px, then what breaks. */
static float number_of(uint8_t byte)
{
    static const float odd[] = {NAN, INFINITY, -INFINITY, 3.4e38f, -3.4e38f, -0.5f};
    if (byte >= 250)
        return odd[byte - 250];
    return byte <= 200 ? (float)byte / 200 : (float)(byte - 200);
}

static void fill(struct input *input, struct tensor *tensor)
{
    size_t count = tensor_elements(&tensor->type);
    tensor->data = malloc(tensor_bytes(&tensor->type) + (count == 0));
    must(tensor->data);
    for (size_t i = 0; i < count; i++) {
        uint8_t byte = take(input);
        if (tensor->type.element == ELEMENT_FLOAT32)
            ((float *)tensor->data)[i] = number_of(byte);
        else if (tensor->type.element == ELEMENT_INT64)
            ((int64_t *)tensor->data)[i] = byte == 250 ? INT64_MAX : (int64_t)byte - 5;
        else
            memset((char *)tensor->data + i * element_type_bytes(tensor->type.element), byte,
                   element_type_bytes(tensor->type.element));
    }
}

static bool read_tensor(struct input *input, struct tensor *tensor)
{
    static const enum element_type elements[] = {ELEMENT_FLOAT32, ELEMENT_INT64, ELEMENT_INT32,
                                                 ELEMENT_FLOAT16};
    uint8_t element = take(input), rank = take(input);
    tensor->type.element = elements[element % 4];
    tensor->type.dim_count = rank % (RANK_MAX + 1);
    for (uint32_t i = 0; i < tensor->type.dim_count; i++) {
        uint8_t high = element & 0x80 ? take(input) : 0; /* long dimensions */
        tensor->type.dims[i] = take(input) + 256 * high;
    }
    return tensor_elements(&tensor->type) <= ELEMENTS_MAX;
}

static void check_candidate(const struct prediction *prediction, uint32_t index,
                            const struct placement *placement, double floor)
{
    const struct candidate *candidate = &prediction->candidates[index];
    const struct box *box = &candidate->box;
    const float *scores = prediction->candidate_scores + (size_t)index * prediction->classes;
    must(box->x_min >= 0 && box->x_min < box->x_max && box->x_max <= (float)placement->image_width);
    must(box->y_min >= 0 && box->y_min < box->y_max && box->y_max <= (float)placement->image_height);
    must((double)candidate->score >= floor && candidate->score <= 1 &&
         candidate->label < prediction->classes);
    must(index == 0 || candidate->score <= candidate[-1].score);
    for (uint32_t c = 0; c < prediction->classes; c++)
        must(scores[c] >= 0 && scores[c] <= candidate->score);
    must(scores[candidate->label] >= candidate->score);
}

static void check_prediction(const struct prediction *prediction, const struct placement *placement,
                             double floor)
{
    must(prediction->type == MODEL_TYPE_DETECTION ? !prediction->logits : prediction->logits != NULL);
    must(prediction->candidate_count <= PREDICTION_CANDIDATES_MAX);
    for (uint32_t i = 0; i < prediction->candidate_count; i++)
        check_candidate(prediction, i, placement, floor);
    for (uint32_t i = 0; prediction->logits && i < prediction->classes; i++)
        must(isfinite(prediction->logits[i]));
}

static void recognise(const struct tensor *tensors, size_t count, const struct placement *placement)
{
    static const char *const names[OUTPUTS_MAX] = {"detection_boxes", "logits", "pred_boxes", "output0"};
    struct adapter_output outputs[OUTPUTS_MAX];
    for (size_t i = 0; i < count; i++) {
        outputs[i] = (struct adapter_output){names[i], tensors[i].type};
        for (uint32_t k = 0; k < outputs[i].type.dim_count; k++)
            if (outputs[i].type.dims[k] == 255)
                outputs[i].type.dims[k] = TENSOR_DIM_FREE;
    }
    const struct adapter_outputs declared = {outputs, count, placement->tensor_width,
                                             placement->tensor_height};
    for (size_t i = 0; all_adapters[i]; i++) {
        struct adapter_match match = {0};
        if (!all_adapters[i]->recognise(&declared, &match))
            continue;
        must(match.output_count > 0 && match.output_count <= count && match.why[0]);
        for (size_t k = 0; k < match.output_count; k++)
            must(match.outputs[k] < count);
    }
}

static void decode(const struct adapter *adapter, const struct adapter_options *options,
                   const struct tensor *outputs, const struct placement *placement, uint32_t labels)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    struct prediction described = {0}, prediction = {.classes = labels};
    struct error err = {0};
    must(arena != NULL);
    bool is_described = adapter->describe(options, outputs, &described, &err);
    must(is_described || err.code == ERR_INVALID || err.code == ERR_LIMIT);
    bool is_decoded = adapter->decode(options, outputs, placement, arena, &prediction, &err);
    must(is_decoded || err.code == ERR_INVALID || err.code == ERR_LIMIT || err.code == ERR_NO_MEMORY);
    if (!is_decoded)
        return;
    must(is_described && described.type == adapter->type);
    must(prediction.classes == (described.classes > 0 ? described.classes : labels));
    check_prediction(&prediction, placement, options->candidate_floor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct tensor outputs[OUTPUTS_MAX] = {0};
    size_t adapters = 0, filled = 0;
    while (all_adapters[adapters])
        adapters++;
    must(adapters > 0);
    const struct adapter *adapter = all_adapters[take(&input) % adapters];
    struct adapter_options options = {.outputs = {"first", "second", "third", "fourth"}};
    options.output_kind = (enum output_kind)(take(&input) % OUTPUT_KIND_COUNT);
    options.candidate_floor = (double)(take(&input) + 1) / 256;
    options.nms_iou = (double)(take(&input) + 1) / 256;
    struct placement placement = {0.5, 0.25, 3, 0, 0, 0, 0, 0};
    placement.tensor_width = STEP_PX * (1u + take(&input) % 8);
    placement.tensor_height = STEP_PX * (1u + take(&input) % 8);
    placement.image_width = 2 * placement.tensor_width;
    placement.image_height = 4 * placement.tensor_height;
    uint32_t labels = take(&input);
    options.output_count = 1 + take(&input) % OUTPUTS_MAX;
    bool is_usable = true;
    for (size_t i = 0; i < options.output_count; i++)
        is_usable = is_usable && read_tensor(&input, &outputs[i]);
    for (; is_usable && filled < options.output_count; filled++)
        fill(&input, &outputs[filled]);
    if (is_usable) {
        recognise(outputs, options.output_count, &placement);
        decode(adapter, &options, outputs, &placement, labels);
    }
    for (size_t i = 0; i < filled; i++)
        free(outputs[i].data);
    return 0;
}
