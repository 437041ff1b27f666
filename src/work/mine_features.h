/* SPDX-License-Identifier: Apache-2.0 */
/* What mining_features is in a filtering: vectors of the run and of the training profile by the feature
 * extractor that the settings name, kept in the data store beside their records. */
#ifndef WORK_MINE_FEATURES_H
#define WORK_MINE_FEATURES_H

#include "mining/mining.h"
#include "work/extract.h"
#include "work/profile_build.h"

#define FEATURES_TRAINING_MAX_BYTES (8ULL << 30) /* held in memory: rows of all training samples */

/* True for a file's path, absolute or of a name that ends in .onnx; false for an imported model. */
bool feature_extractor_is_path(const char *setting);
/* What the setting names. `db` NULL: only files. Paths are made absolute and must lie in the roots.
 * DETAIL_MODEL_NOT_FOUND, DETAIL_PATH_NOT_FOUND. */
struct feature_extractor_wish {
    struct db *db;
    struct store *data;
    const char *project_id, *setting;
    const struct roots *roots;
};
MUST_CHECK bool feature_extractor_find(const struct feature_extractor_wish *wish, struct arena *arena,
                                       struct model_extractor_source *ret, struct error *err);

struct mine_features {
    /* The caller fills these in. */
    struct model_extractor_source source;
    const char *name; /* as the setting names it */
    struct store *data;
    const struct roots *roots, *training_roots; /* that hold the images; NULL: not confined */
    const struct record_set *records;
    const struct profile *profile;            /* NULL: no training set */
    const char *run_folder, *training_folder; /* of inputs; records lie in FOLDER/records */
    bool accept_partial;
    uint32_t threads; /* 0: all cores */
    struct stop_flag *stop;
    struct task_progress *progress;

    struct mining_features features; /* for mining_input, once made */
    struct extract_counts run, training;
    char key[HASH_HEX_BYTES];
    struct model_extractor *extractor;
    float *rows; /* of training samples */
};
/* Extracts what is not there yet. ERR_LIMIT past FEATURES_TRAINING_MAX_BYTES. */
MUST_CHECK bool mine_features_make(struct mine_features *features, struct error *err);
void mine_features_release(struct mine_features *features);

#endif
