/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/adapter.h"

#include <math.h>
#include <string.h>

const struct adapter *const all_adapters[] = {
    &adapter_classifier,
    &adapter_detr,
    &adapter_fastestdet,
    &adapter_rt_detr,
    &adapter_ssd,
    &adapter_tf_detection,
    &adapter_torchvision,
    &adapter_yolo_end2end,
    &adapter_yolov5,
    &adapter_yolov8,
    &adapter_yolov8_rows,
    &adapter_yolox,
    NULL,
};
const char *const adapter_names[] = {
    "classifier",   "detr",   "fastestdet", "rt_detr",     "ssd",   "tf_detection", "torchvision",
    "yolo_end2end", "yolov5", "yolov8",     "yolov8_rows", "yolox", NULL,
};

const struct adapter *adapter_find(const char *name)
{
    for (const struct adapter *const *adapter = all_adapters; *adapter; adapter++)
        if (strcmp((*adapter)->name, name) == 0)
            return *adapter;
    return NULL;
}

const char *const output_kind_names[] = {
    [OUTPUT_LOGITS] = "logits",
    [OUTPUT_PROBABILITIES] = "probabilities",
    [OUTPUT_SIGMOID_LOGITS] = "sigmoid_logits",
    [OUTPUT_SIGMOID_PROBABILITIES] = "sigmoid_probabilities",
    [OUTPUT_KIND_COUNT] = NULL,
};

enum output_kind output_kind_find(const char *name)
{
    for (int kind = 0; kind < OUTPUT_KIND_COUNT; kind++)
        if (strcmp(output_kind_names[kind], name) == 0)
            return (enum output_kind)kind;
    return OUTPUT_KIND_COUNT;
}

/* Without a branch per element, and in lanes that the compiler makes vectors of: outputs are long, and nearly
 * always fine. An exponent of all ones carries into the sign bit. */
static bool are_finite(const float *values, size_t count)
{
    enum { LANES = 8 };
    static const uint32_t sign = 0x80000000, carry = 0x00800000;
    uint32_t found[LANES] = {0}, bits[LANES], any = 0;
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        memcpy(bits, values + i, sizeof(bits));
        for (size_t k = 0; k < LANES; k++)
            found[k] |= (bits[k] & ~sign) + carry;
    }
    for (size_t k = 0; k < LANES; k++)
        any |= found[k];
    bool is_fine = (any & sign) == 0;
    for (; i < count; i++)
        is_fine = is_fine && isfinite(values[i]);
    return is_fine;
}

bool tensor_check_finite(const struct tensor *tensor, const char *name, struct error *err)
{
    const float *values = tensor->data;
    size_t count = tensor_elements(&tensor->type);
    if (are_finite(values, count))
        return true;
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return error_set(err, ERR_INVALID, "output '%.100s' holds %s (element %zu of %zu)", name,
                             isnan(values[i]) ? "NaN" : "an infinity", i, count);
    return true;
}
