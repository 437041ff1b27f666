/* SPDX-License-Identifier: Apache-2.0 */
/* Truth: what a line of a training manifest says that its image shows. */
#ifndef WORK_TRUTH_H
#define WORK_TRUTH_H

#include "formats/annotation_file.h"
#include "infer/prediction.h"

struct truth {
    const char *const *labels; /* NULL: the line says nothing; without any (count 0): nothing is there */
    const struct box *boxes;   /* `count` of them; NULL for classification */
    uint32_t count;
};
/* Only annotations for models of this type count. Of boxes, rectangles that do not fit are clipped or dropped
 * as in an import, by the size that their file tells; polygons and circles count as the rectangle around
 * them, lines and points not at all. A file of which every object was dropped says nothing. Texts live in the
 * arena, or are borrowed from the line. */
MUST_CHECK bool truth_read(const struct manifest_sample *line, enum model_type type,
                           struct annotation_files *files, struct arena *arena, struct truth *ret,
                           struct error *err);

/* What people said of a sample in a dataset: its labels or boxes that are no suggestions. Nothing: a sample
 * that is not labelled. For detection a labelled sample without boxes shows nothing. Texts are copied. */
struct sample;
MUST_CHECK bool truth_of_sample(const struct sample *sample, enum model_type type, struct arena *arena,
                                struct truth *ret, struct error *err);

#endif
