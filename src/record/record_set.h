/* SPDX-License-Identifier: Apache-2.0 */
/* What a shard needs to know of its set. For record/ only. */
#ifndef RECORD_RECORD_SET_H
#define RECORD_RECORD_SET_H

#include "record/shard_format.h"

struct record_set {
    struct store *store;
    char folder[RECORD_FOLDER_MAX_BYTES + 1];
    struct arena *arena; /* the header's texts */
    struct record_header header;
    struct {
        uint64_t bytes;
        char hash[HASH_HEX_BYTES];
    } labels; /* labels.json, the same in all shards */
    struct record_set_shard {
        uint64_t first;
        uint32_t count;
    } * shards;
    uint32_t shard_count;
};

/* ERR_INVALID: the shard was made with another model, setting or labels than the set. */
MUST_CHECK bool record_set_check_same(const struct record_set *set, const struct shard_info *info,
                                      struct error *err);
/* ERR_INVALID names the file when its bytes are not those that shard.json tells. */
MUST_CHECK bool shard_check_file(const struct shard_info *info, enum shard_file file, struct bytes bytes,
                                 struct error *err);

/* Turns a failure to read one of the shard's files into one that says what it means here: a file that is not
 * there is damage, not ERR_NOT_FOUND. Returns false. */
bool shard_file_failed(enum shard_file file, struct error *err);

#endif
