/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VOC: annotation files in PASCAL VOC's XML, with the shapes that ModelArts adds to it
 * (docs/manifest-format.md). Pure parsing and writing by libxml2. Files come from strangers: nothing is
 * loaded from anywhere, a document type declaration is refused, and everything has a limit.
 *
 * Threads: safe on different files.
 */
#ifndef MANIFEST_VOC_H
#define MANIFEST_VOC_H

#include "manifest/manifest.h"

enum {
    VOC_FILE_MAX_BYTES = 4 * 1024 * 1024,
    VOC_ELEMENTS_MAX = 250000,
    VOC_DEPTH_MAX = 32, /* elements in one another */
    VOC_OBJECTS_MAX = MANIFEST_ANNOTATIONS_MAX,
    VOC_POINTS_MAX = 10000, /* of one shape */
    VOC_NAME_MAX_BYTES = 1024,
    VOC_TEXT_MAX_BYTES = 4096,        /* every other text that has a member below */
    VOC_PROPERTIES_MAX = 256,         /* of one object */
    VOC_EXTRA_MAX_BYTES = 256 * 1024, /* elements without a member below, of the file or of one object */
    VOC_SIDE_MAX_PX = 10 * 1000 * 1000,
    VOC_COORDINATE_MAX = 10 * 1000 * 1000,    /* and its negative; px */
    VOC_ARENA_BYTES = 8 * VOC_FILE_MAX_BYTES, /* enough for any file */
};

/* ---- shapes ---- */

enum voc_shape_kind {
    VOC_BNDBOX, /* xmin ymin xmax ymax */
    VOC_POLYGON,
    VOC_POLYLINE,
    VOC_LINE,
    VOC_DASHED,
    VOC_CIRCLE, /* cx cy r */
    VOC_POINT,
    VOC_SHAPE_COUNT
};
/* Numbers in px, x right and y down from the top left corner: x, y of one point after the other, if not said
 * otherwise above. */
struct voc_shape {
    enum voc_shape_kind kind;
    double *values;
    size_t count;
};
const char *voc_shape_name(enum voc_shape_kind kind); /* "bndbox": element and JSON word */

/* The form of ModelArts' API: {"@modelarts:shape":"bndbox","@modelarts:feature":[[xmin,ymin],[xmax,ymax]]};
 * a circle is [[cx,cy],[r]], all others are lists of points. ERR_INVALID: another form, or numbers that make
 * no such shape (of a bndbox min must be below max). */
MUST_CHECK bool voc_shape_json_read(const char *json, struct arena *arena, struct voc_shape *ret,
                                    struct error *err);
MUST_CHECK bool voc_shape_json_write(const struct voc_shape *shape, struct arena *arena, const char **ret,
                                     struct error *err);

/* ---- files ---- */

struct voc_property {
    const char *key, *value;
};
/* Texts are NULL when the file has none. */
struct voc_object {
    const char *name; /* label; always there */
    const char *pose, *truncated, *occluded, *difficult, *mask_color;
    const char *hard_reasons;
    double confidence, hard_coefficient; /* NaN when absent */
    struct voc_shape shape;
    struct voc_property *properties;
    size_t property_count;
    const char *extra_xml; /* whole elements that have no member here, one after the other; NULL */
    uint32_t line;         /* where it was read; 0: nowhere */
};
struct voc {
    const char *folder, *filename, *database, *segmented, *mask_source;
    const char *source_xml, *extra_xml; /* further elements of <source>, of <annotation> */
    int64_t width, height, depth;       /* 0 when absent */
    struct voc_object *objects;
    size_t object_count;
};
struct voc_object voc_object_none(void);

/* ERR_INVALID names line, object and element; ERR_LIMIT a limit above. An element that has a member here must
 * have content (<folder> and what is in <source> may be empty: absent), and an object has exactly one
 * position. Of elements without a member everything is kept, of the others text only. Texts live in the
 * arena. */
MUST_CHECK bool voc_read(struct bytes file, struct arena *arena, struct voc *ret, struct error *err);
/* Appends the file. Absent members that the format demands get its usual values ("Unspecified", 0 …); whole
 * numbers are written as such. What is written reads back equal and gives the same bytes again; ERR_INVALID
 * when it would not. On failure `into` is as before. */
MUST_CHECK bool voc_write(const struct voc *voc, struct buffer *into, struct error *err);

/* ---- boxes that do not fit ---- */

enum voc_fix {
    VOC_FIX_SIZE,     /* the image's width and height replace the file's */
    VOC_FIX_CLIPPED,  /* at most half of the box outside: cut off */
    VOC_FIX_OUTSIDE,  /* this and the rest: dropped */
    VOC_FIX_INVERTED, /* min above max */
    VOC_FIX_NO_AREA,
    VOC_FIX_TOO_SMALL, /* below VOC_BOX_MIN_PX wide or high */
    VOC_FIX_COUNT
};
enum { VOC_BOX_MIN_PX = 2 };
const char *voc_fix_text(enum voc_fix fix); /* "dropped: more than half of it is outside the image" */
struct voc_fixed {
    enum voc_fix fix;
    size_t number;                   /* of the object in the file, from 1; 0: the file itself */
    const struct voc_object *object; /* as it was; NULL for the file itself */
};
typedef void voc_fix_visitor(void *state, const struct voc_fixed *fixed);
/* Clips and drops rectangles as ModelArts' validation does, by the image's size when it is known (both > 0),
 * else by the file's; without either nothing counts as outside. Other shapes are left alone. Every change is
 * told. */
void voc_fix_boxes(struct voc *voc, int64_t image_width, int64_t image_height, voc_fix_visitor *visit,
                   void *state);

#endif
