/* SPDX-License-Identifier: Apache-2.0 */
/* Members: an object of our own files taken apart. The first member that does not fit is remembered; the
 * rest then give their fallback, so that one check at the end is enough. For record/ only. */
#ifndef RECORD_MEMBERS_H
#define RECORD_MEMBERS_H

#include "base/json.h"

struct members {
    yyjson_val *object;
    struct arena *arena; /* texts are copied here */
    struct error *err;
    bool has_failed;
};

enum member_need { MEMBER_OPTIONAL, MEMBER_REQUIRED };

/* NULL when absent. */
const char *members_text(struct members *members, const char *name, enum member_need need);
/* 0 when absent; refused outside min..max. */
uint64_t members_count(struct members *members, const char *name, enum member_need need, uint64_t min,
                       uint64_t max);
/* NaN when absent. */
double members_number(struct members *members, const char *name);
/* Required; refused outside 0..1, and then 0. */
double members_share(struct members *members, const char *name);
/* A list; NULL when absent. ERR_LIMIT past `max` items. */
yyjson_val *members_list(struct members *members, const char *name, size_t max);
/* A list of texts in the arena; NULL when absent, empty when it is empty. */
const char *const *members_texts(struct members *members, const char *name, size_t max, uint32_t *ret_count);
/* Remembers a failure of the caller's own. */
void members_refuse(struct members *members, const char *name, const char *must);

#endif
