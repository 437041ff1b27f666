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

/* The profile of the manifest that `train` names. DETAIL_NO_PROFILE: not made yet. */
MUST_CHECK bool find_training(struct api_call *call, const char *train, const char *model_id,
                              const char **ret, struct error *err);

#endif
