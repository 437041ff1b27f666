/* SPDX-License-Identifier: Apache-2.0 */
/* JSON walk: the members of one large object out of a stream, and the entries of its lists one by one, so
 * that only one entry is in memory. Pure. For formats/ only. */
#ifndef FORMATS_JSON_WALK_H
#define FORMATS_JSON_WALK_H

#include "base/json.h"
#include "manifest/manifest.h"

enum { WALK_ENTRY_MAX_BYTES = 16 * 1024 * 1024, WALK_NAME_MAX_BYTES = 1024, WALK_CHUNK_BYTES = 64 * 1024 };

struct json_walker {
    void *state;
    /* True: the member's list is wanted entry by entry. */
    bool (*wants)(void *state, const char *name);
    MUST_CHECK bool (*entry)(void *state, const char *name, uint64_t number, yyjson_val *entry,
                             struct error *err);
};
/* ERR_INVALID: no object, a wanted member that is no list or comes twice, or anything that is no JSON;
 * ERR_LIMIT a limit above. Members that are not wanted are only skipped: that they are JSON is not checked.
 */
MUST_CHECK bool json_walk(manifest_feed *feed, void *state, const struct json_walker *walker,
                          struct error *err);

#endif
