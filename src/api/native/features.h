/* SPDX-License-Identifier: Apache-2.0 */
/* Features: what of requests about feature sets several routes need. */
#ifndef API_NATIVE_FEATURES_H
#define API_NATIVE_FEATURES_H

#include "api/native/native.h"
#include "work/feature_compare.h"

/* Opens the sets of two versions of a dataset and adds the rows of all features as `name`; null when one of
 * them was not measured. */
MUST_CHECK bool reply_feature_shifts(struct api_call *call, yyjson_mut_val *object, const char *name,
                                     const struct dataset_version *before,
                                     const struct dataset_version *after, struct error *err);

#endif
