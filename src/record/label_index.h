/* SPDX-License-Identifier: Apache-2.0 */
/* Label index: class numbers by label. Of equal labels the first counts. */
#ifndef RECORD_LABEL_INDEX_H
#define RECORD_LABEL_INDEX_H

#include "base/arena.h"
#include "base/error.h"

#include <stdint.h>

struct label_index;
/* The labels are borrowed as long as the index lives. */
MUST_CHECK bool label_index_new(const char *const *labels, uint32_t count, struct label_index **ret,
                                struct error *err);
struct label_index *label_index_free(struct label_index *index);
/* UINT32_MAX: no such label. */
uint32_t label_index_find(const struct label_index *index, const char *label);

DEFINE_AUTO(label_index)

#endif
