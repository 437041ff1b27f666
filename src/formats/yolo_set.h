/* SPDX-License-Identifier: Apache-2.0 */
/* YOLO's description of a dataset: data.yaml (by libyaml), or a list of classes. Pure. For formats/ only. */
#ifndef FORMATS_YOLO_SET_H
#define FORMATS_YOLO_SET_H

#include "formats/format_parts.h"

enum {
    YOLO_FILE_MAX_BYTES = 4 * 1024 * 1024, /* of data.yaml, of a list of classes */
    YOLO_CLASSES_MAX = FORMAT_LABELS_MAX,
    YOLO_PLACES_MAX = 64, /* folders and lists of one usage */
    YOLO_YAML_DEPTH_MAX = 32,
};

struct yolo_places {
    const char *items[YOLO_PLACES_MAX];
    size_t count;
};
struct yolo_set {
    const char *path; /* where places begin, relative to the file; NULL */
    struct yolo_places places[FORMAT_USAGES];
    const char **classes; /* by number; NULL where a number has no name */
    size_t class_count;
};
/* ERR_INVALID names the line; ERR_LIMIT a limit above. Texts live in the arena. */
MUST_CHECK bool yolo_set_read(struct bytes file, struct arena *arena, struct yolo_set *ret,
                              struct error *err);
/* One name a line. */
MUST_CHECK bool yolo_classes_read(struct bytes file, struct arena *arena, struct yolo_set *ret,
                                  struct error *err);
/* The boxes of one label file, in px of an image of this size. */
struct yolo_size {
    uint32_t width, height;
};
MUST_CHECK bool yolo_labels_read(struct bytes file, const struct yolo_set *set, struct yolo_size size,
                                 struct arena *arena, struct voc *ret, struct error *err);

#endif
