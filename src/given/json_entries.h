/* SPDX-License-Identifier: Apache-2.0 */
/* Entries: the objects of one JSON array, cut out of a stream one by one, so that a list of any length takes
 * no memory. For given/ only. */
#ifndef GIVEN_JSON_ENTRIES_H
#define GIVEN_JSON_ENTRIES_H

#include "manifest/manifest.h"

enum { ENTRIES_CHUNK_BYTES = 64 * 1024 };

struct json_entries {
    manifest_feed *feed;
    void *state;
    struct buffer entry; /* the current one */
    uint64_t number;     /* of the current one, from 1 */
    char *chunk;
    size_t at, end;
    bool is_open, is_over;
};
/* Entries longer than `limit` bytes are ERR_LIMIT. Release also after a failure. */
MUST_CHECK bool json_entries_start(struct json_entries *entries, manifest_feed *feed, void *state,
                                   size_t limit, struct error *err);
/* *ret_is_end at the end of the array, behind which nothing may come. The entry is an object by its brackets;
 * whether it is JSON is the parser's to say. */
MUST_CHECK bool json_entries_next(struct json_entries *entries, bool *ret_is_end, struct error *err);
void json_entries_release(struct json_entries *entries);

#endif
