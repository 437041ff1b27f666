/* SPDX-License-Identifier: Apache-2.0 */
/* Origin: the task, run and training profile that a sample came from, as far as they are still there. */
#ifndef API_NATIVE_ORIGIN_H
#define API_NATIVE_ORIGIN_H

#include "api/native/find_result.h"

struct origin {
    bool has_task, has_run, is_mined; /* is_mined: `request` is the filtering's */
    struct task task;
    struct run run;
    struct mine_hard_request request;
    const char *profile; /* folder of the profile that the filtering used; NULL: not told */
};
/* Only a database that fails is an error. Texts live in the call's arena. */
MUST_CHECK bool origin_find(struct api_call *call, const struct sample *sample, struct origin *ret,
                            struct error *err);
/* The folder of the training profile. DETAIL_NO_PROFILE says why there is none. */
MUST_CHECK bool origin_profile(struct api_call *call, const struct origin *origin, const char **ret,
                               struct error *err);
/* Row of the sample's image in the run. DETAIL_NO_SAMPLES. */
MUST_CHECK bool origin_row(const struct insight *run, const struct sample *sample, uint64_t *ret,
                           struct error *err);

/* The operation as the filtering had it; else as it is usual. */
MUST_CHECK bool origin_operation(const struct origin *origin, const char *name, struct augment_setting *ret,
                                 struct error *err);
/* Longer side of what the run's model sees, px: operations are measured in these. DETAIL_NO_SAMPLES. */
MUST_CHECK bool origin_side(struct api_call *call, const struct origin *origin, uint32_t *ret,
                            struct error *err);

/* Nearest samples of the profile to a record, in the profile's space; *ret_count may be 0. DETAIL_NO_PROFILE:
 * the profile was made with another model. */
struct training_query {
    const struct insight *run, *training;
    const struct record *record; /* of the run */
    uint32_t most;
};
MUST_CHECK bool training_nearest(const struct training_query *query,
                                 struct similar found[SIMILAR_NEAREST_MAX], uint32_t *ret_count,
                                 struct error *err);
/* Adds the labels of a training sample, as "labels". */
void reply_training_labels(yyjson_mut_doc *doc, yyjson_mut_val *row, const struct profile *profile,
                           uint32_t at);

/* Adds "augmented" from the evidence of reasons 19 to 29: both answers of the model that was asked again. */
void reply_augmented(struct api_call *call, const char *sample, yyjson_mut_val *row, yyjson_val *evidence);

/* The profile of the manifest that `train` names. DETAIL_NO_PROFILE: not made yet. */
MUST_CHECK bool find_training(struct api_call *call, const char *train, const char *model_id,
                              const char **ret, struct error *err);

#endif
