/* SPDX-License-Identifier: Apache-2.0 */
/* Spool: predictions in one form, one row after the other, in a file that is mapped. It never leaves the
 * process that wrote it, so it has no format of its own. For given/ only. */
#ifndef GIVEN_SPOOL_H
#define GIVEN_SPOOL_H

#include "given/given_reader.h"

enum { SPOOL_ROW_MAX_BYTES = 4 * 1024 * 1024 };

MUST_CHECK bool spool_write(const struct given_image *image, struct buffer *into, struct error *err);
const char *spool_name(struct bytes spool, uint64_t offset);
uint64_t spool_place(struct bytes spool, uint64_t offset);

struct spool_asked {
    const struct given_labels *labels;
    enum activation activation;
    const struct given_shape *shape;
};
MUST_CHECK bool spool_read(struct bytes spool, uint64_t offset, const struct spool_asked *asked,
                           struct arena *arena, struct prediction *ret, struct error *err);

#endif
