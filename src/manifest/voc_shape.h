/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of shapes, one row each: what reading and writing share. */
#ifndef MANIFEST_VOC_SHAPE_H
#define MANIFEST_VOC_SHAPE_H

#include "manifest/voc.h"

enum { VOC_SHAPE_NAMED_VALUES = 4 };
struct voc_shape_form {
    const char *name; /* of the element, and in JSON */
    /* Elements of the values in their order; none: x1 y1 x2 y2 … */
    const char *values[VOC_SHAPE_NAMED_VALUES];
    size_t min, max; /* count of values */
};
extern const struct voc_shape_form voc_shape_forms[VOC_SHAPE_COUNT];
bool voc_shape_find(const char *name, enum voc_shape_kind *ret);

#endif
