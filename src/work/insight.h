/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Insight: what looking into a run needs and takes long to open: its records with their index, a training
 * profile ready to be searched, strengths of all reasons. Kept open from request to request, those not used
 * longest closed first when all together are larger than a limit.
 *
 * Threads: shared; what is taken stays open until it is given back. One thread opens a thing while the others
 * that want it wait.
 */
#ifndef WORK_INSIGHT_H
#define WORK_INSIGHT_H

#include "mining/estimate.h"
#include "mining/similar.h"
#include "record/run_index.h"
#include "service/service.h"
#include "work/profile_build.h"

/* Estimated, of what nobody uses just now. */
#define INSIGHTS_MAX_BYTES (2ULL << 30)
enum { INSIGHTS_MAX = 32, INSIGHT_KEY_BYTES = 1024 };

struct insights;
struct insights *insights_new(uint64_t max_bytes); /* NULL: no memory */
struct insights *insights_free(struct insights *insights);

/* Something open. Its kind says which member is filled. */
struct insight {
    struct {
        struct record_set *set;
        struct run_index *index;
    } run;
    struct {
        struct profile *profile;
        struct similar_rows rows; /* of the profile, in `space` */
        const char *space;        /* "embedding" | "appearance" */
    } training;
    struct mining_strengths *strengths;
    char place[PROFILE_FOLDER_BYTES]; /* folder of a profile's records */
};

/* Each gives something to insight_give_back. `insights` NULL: opened for this one use. Stores are borrowed
 * until the insights end. */
MUST_CHECK bool insight_take_run(struct insights *insights, struct store *data, const char *records_key,
                                 const struct insight **ret, struct error *err);
/* `folder` as profile_find gives it. DETAIL_NO_PROFILE: it is gone. */
MUST_CHECK bool insight_take_training(struct insights *insights, struct store *data, const char *folder,
                                      const struct insight **ret, struct error *err);
/* Strengths of the run against the profile in `folder`, "" for none: read when they were kept, else measured
 * and kept. Of those that are measured here nothing is learned: that takes labelled images and their copies,
 * which a filtering has. DETAIL_NO_PROFILE also when measuring would take more than INSIGHT_MEASURE_MAX
 * products of vectors, or was not filtered with this feature extractor: then filter once. */
#define INSIGHT_MEASURE_MAX 1000000000ULL
struct strengths_of {
    const char *records_key, *folder;
    const char *sequence_order; /* as the settings have it; NULL: name */
    const char *features;       /* model_extractor_key of the feature extractor; NULL or "": none */
};
MUST_CHECK bool insight_take_strengths(struct insights *insights, struct store *data,
                                       const struct strengths_of *of, const struct insight **ret,
                                       struct error *err);
/* Where the profile of a manifest under a model is. The manifest is read when it has changed since it was
 * last asked for. DETAIL_NO_PROFILE: it was not made yet. */
MUST_CHECK bool insight_find_profile(struct insights *insights, struct store *data, const struct model *model,
                                     const struct profile_manifest *manifest,
                                     char ret_folder[PROFILE_FOLDER_BYTES], struct error *err);
/* Accepts NULL. */
void insight_give_back(struct insights *insights, const struct insight *insight);

/* Where strengths are kept: beside the records, so that they go with them. */
void insight_strengths_key(const struct strengths_of *of, char ret_key[RECORD_FOLDER_MAX_BYTES]);

#endif
