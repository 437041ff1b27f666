/* SPDX-License-Identifier: Apache-2.0 */
/* Shard format: the files of a shard, and how each is written and read. For record/ only; the format itself
 * is described in docs/record-format.md. */
#ifndef RECORD_SHARD_FORMAT_H
#define RECORD_SHARD_FORMAT_H

#include "base/hash.h"
#include "record/npy.h"
#include "record/record.h"

/* In the order of the table in shard_info.c and of "files" in shard.json. */
enum shard_file {
    SHARD_ROWS,
    SHARD_LABELS,
    SHARD_FIRST_ARRAY,
    SHARD_FEATURES = SHARD_FIRST_ARRAY,
    SHARD_APPEARANCE,
    SHARD_LOGITS,
    SHARD_LOGIT_CLASSES,
    SHARD_EMBEDDINGS,
    SHARD_CANDIDATES,
    SHARD_CANDIDATE_SCORES,
    SHARD_FILE_COUNT
};

/* shard.json. */
struct shard_info {
    uint32_t number, count;
    uint64_t first, candidates;
    struct record_header header; /* labels NULL: they are in labels.json */
    struct {
        uint64_t bytes;
        char hash[HASH_HEX_BYTES];
    } files[SHARD_FILE_COUNT]; /* an empty hash: this kind of run has no such file */
};

const char *shard_file_name(enum shard_file file);
/* Whether shards of such a run have the file; the arrays among them also by shape. */
bool shard_has_file(const struct record_header *header, enum shard_file file);
struct npy_array shard_array_shape(const struct shard_info *info, enum shard_file file);

/* "FOLDER/shard-000007/features.npy". ERR_LIMIT: the folder is longer than RECORD_FOLDER_MAX_BYTES. */
enum { SHARD_KEY_BYTES = RECORD_FOLDER_MAX_BYTES + 64 };
MUST_CHECK bool shard_key(char ret_key[SHARD_KEY_BYTES], const char *folder, uint32_t shard, const char *name,
                          struct error *err);
#define SHARD_PREFIX "shard-"
#define SHARD_INFO_NAME "shard.json"
enum { SHARD_DIGITS = 6 };

/* Appends shard.json's bytes. */
MUST_CHECK bool shard_info_write(const struct shard_info *info, struct buffer *into, struct error *err);
/* Texts live in the arena. ERR_NOT_FOUND: no such shard. ERR_INVALID: damaged, or of another format. */
MUST_CHECK bool shard_info_load(struct store *store, const char *folder, uint32_t shard, struct arena *arena,
                                struct shard_info *ret, struct error *err);
/* The header members that are numbers and texts have values that this program can hold. */
MUST_CHECK bool shard_check_header(const struct record_header *header, struct error *err);

MUST_CHECK bool shard_labels_write(const struct record_header *header, struct buffer *into,
                                   struct error *err);
MUST_CHECK bool shard_labels_read(struct bytes file, uint32_t classes, struct arena *arena,
                                  const char *const **ret, struct error *err);

/* Appends a record's line; its candidates start at row `candidate` of the array. */
MUST_CHECK bool shard_row_write(const struct record_header *header, const struct record *record,
                                uint64_t candidate, struct buffer *into, struct error *err);
/* Everything but the arrays. A row's candidates must start at *candidate, which is moved past them. */
MUST_CHECK bool shard_row_read(struct bytes line, const struct record_header *header, struct arena *arena,
                               uint64_t *candidate, struct record *ret, struct error *err);

/* One zstd frame with content size and checksum. */
MUST_CHECK bool shard_pack(struct bytes plain, struct buffer *into, struct error *err);
/* ERR_LIMIT: more than the buffer may hold, found before memory is spent. ERR_INVALID: damaged. */
MUST_CHECK bool shard_unpack(struct bytes packed, struct buffer *into, struct error *err);

#endif
