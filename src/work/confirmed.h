/* SPDX-License-Identifier: Apache-2.0 */
/* Confirmed: what people said, in datasets, of the images of a run. */
#ifndef WORK_CONFIRMED_H
#define WORK_CONFIRMED_H

#include "record/record_set.h"
#include "work/work.h"

enum {
    CONFIRMED_SAMPLES_MAX = 100000, /* of all datasets; of more, the newest of each */
    CONFIRMED_DATASETS_MAX = 32     /* of the newest filterings */
};

struct confirmed_query {
    struct db *db;
    const char *project_id, *service_id; /* datasets that its finished filterings wrote into … */
    const char *dataset_id; /* … and this one, which has the word where they disagree; then the newest */
    const struct record_set *records;
};
/* Of each record an enum record_verdict: of a labelled sample with the record's source, else unknown. The
 * caller frees it. NULL: nothing was said of any. */
MUST_CHECK bool confirmed_verdicts(const struct confirmed_query *query, uint8_t **ret, struct error *err);

#endif
