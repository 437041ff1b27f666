/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inputs: the list of images that a run or a training profile works on, made once and kept in the data store,
 * so that a resumed run sees the same images in the same order whatever happened to the folder.
 * FOLDER/inputs/000000.jsonl holds the first shard's images, one JSON object per line; FOLDER/inputs.json is
 * written last.
 */
#ifndef WORK_INPUTS_H
#define WORK_INPUTS_H

#include "base/json.h"
#include "base/path.h"
#include "base/roots.h"
#include "base/workers.h"
#include "infer/prediction.h"
#include "store/store.h"

enum { INPUTS_CHUNK_MAX_BYTES = 64 * 1024 * 1024 };

struct inputs_request {
    const struct roots *roots; /* nothing outside is read; NULL: not confined */
    struct store *data;
    const char *folder;    /* key in the data store: "runs/<id>" */
    const char *input_url; /* a folder, or a .manifest file */
    uint32_t shard_images;
    bool is_training; /* manifest lines carry labels and usage: keep them, skip lines without */
    /* In training: only annotations for models of this type count. Boxes come from the files that the lines
     * name, clipped and dropped as in an import. */
    enum model_type type;
    struct stop_flag *stop;
    atomic_int_fast64_t *done;
};
struct inputs {
    uint64_t count, skipped; /* skipped: hidden files, files that are not images, lines without labels */
    uint32_t shard_images, shards;
    const char *root;   /* URL of the store that the keys are in */
    const char *common; /* "" or "a/b/": what all keys begin with; result files are named without it */
};
/* Lists the input unless that was done before. Texts of *ret live in the arena. DETAIL_NO_SAMPLES: nothing
 * there. DETAIL_BAD_MANIFEST names the line. */
MUST_CHECK bool inputs_make(const struct inputs_request *request, struct arena *arena, struct inputs *ret,
                            struct error *err);
MUST_CHECK bool inputs_open(struct store *data, const char *folder, struct arena *arena, struct inputs *ret,
                            struct error *err);

/* By its suffix alone; files of other names are looked into. */
bool inputs_is_image_name(const char *key);

struct input_item {
    const char *source; /* as results and datasets name it: absolute, or of a store that is not here */
    const char *key;    /* in the root; NULL when `error` says why there is none */
    const char *error;
    const char *const *truth; /* training only: one label per class or box; without any, nothing is there */
    const struct box *truth_boxes; /* truth_count of them; NULL for classification */
    uint32_t truth_count;
    const char *usage;
};
/* The images of one shard; texts live in the arena. */
struct input_list {
    struct input_item *items;
    uint32_t count;
};
MUST_CHECK bool inputs_shard(struct store *data, const char *folder, uint32_t shard, struct arena *arena,
                             struct input_list *ret, struct error *err);

#endif
