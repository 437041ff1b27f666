/* SPDX-License-Identifier: Apache-2.0 */
/* Results: finding a run, and one image of it, for the routes that show what a model said. */
#ifndef API_NATIVE_FIND_RESULT_H
#define API_NATIVE_FIND_RESULT_H

#include "api/native/native.h"
#include "work/insight.h"

/* A run of a service: by its id, or NULL for the latest complete one. DETAIL_NO_SAMPLES. */
MUST_CHECK bool find_run(struct api_call *call, const char *service, const char *run_id,
                         struct service *ret_service, struct run *ret_run, struct error *err);
/* Takes the records of a complete run. DETAIL_NO_SAMPLES when they are gone or not all there. */
MUST_CHECK bool take_run(struct api_call *call, const struct run *run, const struct insight **ret,
                         struct error *err);

/* "RUN-ROW": the id of a result. */
bool result_id_read(const char *text, char ret_run[HASH_HEX_BYTES], uint64_t *ret_row);
const char *result_id_write(struct arena *arena, const char *run, uint64_t row); /* NULL: no memory */

/* One record, whose shard stays open with it. */
struct opened_record {
    struct record_shard *shard;
    struct record record;
};
MUST_CHECK bool open_record(const struct insight *insight, uint64_t row, struct opened_record *ret,
                            struct error *err);

/* Adds "boxes" and "near_misses" of a detection: label, score and corners of each. */
enum { RESULT_NEAR_MISSES_MAX = 50 };
void reply_boxes(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct record_header *header,
                 const struct record *record);

#endif
