/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format: how datasets lie in files elsewhere. Each kind is a row of dataset_formats (formats.c) and a file
 * of its own; docs/dataset-formats.md is made of the rows. Reading and writing stream: one item at a time,
 * whatever their number. What is read was made by strangers: every list has a limit, and every file is opened
 * in the roots.
 */
#ifndef FORMATS_FORMAT_H
#define FORMATS_FORMAT_H

#include "base/roots.h"
#include "base/workers.h"
#include "manifest/voc.h"
#include "store/store.h"

enum {
    FORMAT_LOOK_BYTES = 4096,               /* of a file, to tell what it is */
    FORMAT_LOOK_NAMES_MAX = 2000,           /* of a folder, for the same; more are not looked at */
    FORMAT_LABELS_MAX = 100000,             /* in one dataset */
    FORMAT_ARENA_BYTES = 512 * 1024 * 1024, /* enough for one item of any kind, with its file of boxes */
};

/* ---- items ---- */

/* Where something was read: an entry or a line of the file, from 1; 0: the file has only this. */
struct format_place {
    const char *file;
    uint64_t number;
};
struct format_item {
    struct manifest_sample sample; /* its source is absolute; of boxes: one annotation, which is about voc */
    const struct voc *voc;         /* boxes; NULL: unlabeled, or classes */
    const char *boxes_file;        /* that voc was read from; NULL: the place's */
    struct format_place place;
    size_t bytes; /* about how much of the arena it takes beyond its own size */
};

enum format_holds {
    FORMAT_CLASSES = 1 << 0,
    FORMAT_MULTI_LABEL = 1 << 1, /* several classes on one image */
    FORMAT_BOXES = 1 << 2,
    FORMAT_USAGE = 1 << 3,
    FORMAT_DIFFICULT = 1 << 4,  /* of a box */
    FORMAT_SCORE = 1 << 5,      /* confidence of a label */
    FORMAT_ATTRIBUTES = 1 << 6, /* properties of labels and boxes */
    FORMAT_UNLABELED = 1 << 7,  /* images of which nothing is known */
    FORMAT_NOTHING = 1 << 8,    /* images that are known to show nothing */
    FORMAT_HARD = 1 << 9,       /* hard, with coefficient and reasons */
    FORMAT_SHAPES = 1 << 10,    /* polygons, circles and lines, not only rectangles */
    FORMAT_ELSEWHERE = 1 << 11, /* images may stay where they are: it names them */
    FORMAT_HOLDS_COUNT = 12
};

/* ---- reading ---- */

struct format_reading {
    const struct roots *roots; /* NULL: not confined */
    const char *path;          /* absolute and clean: a file or a folder */
    const char *images;        /* the folder in which names of images begin; NULL: as the format has it */
    bool is_detection;         /* boxes are wanted, else classes */
    struct stop_flag *stop;    /* may be NULL */
};
/* Items live in `arena`, which `take` may reset: readers keep nothing there. Both end the reading by false;
 * `bad` gets what is wrong in *err. */
struct format_sink {
    void *state;
    struct arena *arena;
    MUST_CHECK bool (*take)(void *state, const struct format_item *item, struct error *err);
    MUST_CHECK bool (*bad)(void *state, const struct format_place *place, struct error *err);
};

/* What can be seen of a path without reading it all. */
struct format_look {
    struct arena *arena; /* for looking further */
    const struct roots *roots;
    const char *path;
    bool is_folder;
    struct bytes start;       /* of a file */
    const char *const *names; /* of what is in a folder, sorted; a folder's ends with '/' */
    size_t name_count;
};
/* Texts and names live in the arena. DETAIL_PATH_NOT_FOUND; ERR_DENIED outside of the roots. */
MUST_CHECK bool format_look_at(const struct roots *roots, const char *path, struct arena *arena,
                               struct format_look *ret, struct error *err);
bool format_look_has(const struct format_look *look, const char *name); /* "Annotations/" */
/* The first name that ends like this, in any case; NULL: none. */
const char *format_look_suffix(const struct format_look *look, const char *suffix);
/* True when something by this name lies below the path. */
bool format_look_below(const struct format_look *look, const char *name);

/* ---- writing ---- */

struct format_labels;
struct format_writing {
    struct store *into; /* empty */
    bool is_detection;
    bool is_tree;                       /* a folder or file for each usage, where the format has such */
    const struct format_labels *labels; /* all that come, in the order of their numbers */
    void *state;
    /* Puts the item's image at the key in `into`. NULL: images stay where they are. */
    MUST_CHECK bool (*place)(void *state, const struct format_item *item, const char *key, struct error *err);
};

struct dataset_format {
    const char *name;    /* "coco" */
    const char *title;   /* "COCO" */
    const char *summary; /* what lies where; a sentence or two */
    uint32_t holds;      /* enum format_holds */
    bool (*fits)(const struct format_look *look);
    MUST_CHECK bool (*read)(const struct format_reading *reading, struct format_sink *sink,
                            struct error *err);
    /* Texts of what is borrowed must stay until it is freed. */
    MUST_CHECK bool (*begin)(const struct format_writing *writing, void **ret, struct error *err);
    /* An item that the format holds (format_cannot_hold); the arena is for this call. After ERR_INVALID,
     * ERR_LIMIT, ERR_NOT_FOUND and ERR_DENIED only this item is left out. */
    MUST_CHECK bool (*add)(void *writer, const struct format_item *item, struct arena *arena,
                           struct error *err);
    MUST_CHECK bool (*finish)(void *writer, struct error *err);
    void (*free)(void *writer); /* accepts NULL */
};
extern const struct dataset_format *const dataset_formats[]; /* NULL-ended; the first that fits is taken */
extern const struct dataset_format format_modelarts, format_sagemaker, format_coco, format_csv, format_yolo,
    format_voc, format_image_txt, format_imagenet;

extern const char *const format_names[]; /* of the rows, for choices; NULL-ended */

/* ERR_INVALID lists the names. */
MUST_CHECK bool format_find(const char *name, const struct dataset_format **ret, struct error *err);
/* By content. ERR_INVALID when no format fits. */
MUST_CHECK bool format_tell(const struct format_look *look, const struct dataset_format **ret,
                            struct error *err);
/* NULL when the format holds the item's labels; else why not, for people. */
const char *format_cannot_hold(const struct dataset_format *format, const struct format_item *item,
                               bool is_detection);
/* docs/dataset-formats.md. */
MUST_CHECK bool formats_markdown(struct buffer *into, struct error *err);

/* ---- labels and their numbers ---- */

struct format_labels *format_labels_new(void);
struct format_labels *format_labels_free(struct format_labels *labels);
/* The number of the name, which joins the list when it is new. ERR_LIMIT past FORMAT_LABELS_MAX. */
MUST_CHECK bool format_labels_add(struct format_labels *labels, const char *name, uint32_t *ret,
                                  struct error *err);
bool format_labels_find(const struct format_labels *labels, const char *name, uint32_t *ret);
const char *format_labels_name(const struct format_labels *labels, uint32_t number); /* NULL: no such */
uint32_t format_labels_count(const struct format_labels *labels);

DEFINE_AUTO(format_labels)

#endif
