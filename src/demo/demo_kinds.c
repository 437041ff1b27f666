/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/demo_kind.h"

#include "base/path.h"

#include <math.h>
#include <stdlib.h>

const struct demo_kind *const demo_kinds[] = {&demo_garments, &demo_scenes, NULL};

bool demo_image_number(const char *source, uint32_t first, uint32_t count, uint32_t *ret)
{
    const char *base = path_base(source);
    char *end = NULL;
    unsigned long number = strtoul(base, &end, 10);
    if (end == base || number < first || number - first >= count)
        return false;
    *ret = (uint32_t)number;
    return true;
}

bool demo_training_line(const char *source, const struct manifest_annotation *said, struct buffer *into,
                        struct error *err)
{
    struct manifest_annotation annotation = *said;
    annotation.annotated_by = "human";
    annotation.confidence = (double)NAN;
    annotation.hard_coefficient = (double)NAN;
    const struct manifest_sample sample = {.source = source,
                                           .usage = "TRAIN",
                                           .hard_coefficient = (double)NAN,
                                           .sample_type = -1,
                                           .annotations = &annotation,
                                           .annotation_count = 1};
    return manifest_line_write(&sample, into, err);
}
