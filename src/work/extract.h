/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extract: a feature extractor on images that were scanned before (work/reread.h). What was extracted is kept
 * shard by shard beside the records and is not extracted again, so a kill costs at most one shard, and what
 * comes out depends neither on threads nor on what was there before. Memory: one shard's vectors.
 *
 * FOLDER/features-KEY/000000.npy holds float32 rows, one for each record of the shard: of L2 norm 1, zeros
 * for images that failed, NaN for those that could not be read again.
 */
#ifndef WORK_EXTRACT_H
#define WORK_EXTRACT_H

#include "model/extractor.h"
#include "work/reread.h"

enum { EXTRACT_FILE_BYTES = 160, EXTRACT_FOLDER_BYTES = 100 };

struct extract_request {
    struct reread_request images; /* progress: images */
    const char *key;              /* model_extractor_key of the source */
    const struct model_extractor_source *source;
    struct model_extractor **extractor; /* opened when an image is to be extracted; the caller frees it */
};
struct extract_counts {
    uint64_t extracted, kept; /* vectors: made now, and found from before */
    uint64_t gone;            /* images that cannot be read any more, or are not those that were scanned */
    uint32_t length;          /* of the vectors */
};
/* ERR_CANCELLED when stopped: finished shards stay. */
MUST_CHECK bool extract_run(const struct extract_request *request, struct extract_counts *ret,
                            struct error *err);

/* The vectors of a shard. `length` 0 before the first that is read, which sets it. *ret_is_there false: there
 * is no file, or it is not of so many records or of another length. `ret` NULL, or room for count × length.
 */
struct extract_place {
    struct store *data;
    const char *folder, *key;
    uint32_t shard, count;
};
MUST_CHECK bool extract_read(const struct extract_place *place, uint32_t *length, float *ret,
                             bool *ret_is_there, struct error *err);

#endif
