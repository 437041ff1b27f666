/* SPDX-License-Identifier: Apache-2.0 */
/* Versions: names and registration of published manifests. */
#ifndef DATASET_VERSION_H
#define DATASET_VERSION_H

#include "dataset/dataset.h"

/* `wanted` when it is free (DETAIL_VERSION_EXISTS otherwise); for NULL the next V00N, in the arena. */
MUST_CHECK bool version_choose_name(struct db *db, struct arena *arena, const char *dataset_id,
                                    const char *wanted, const char **ret, struct error *err);
/* Registers the version as the current one and lets its file appear, in one transaction: the file is finished
 * only while this transaction holds the name, so a file that is registered is never replaced. Ended between
 * the two, the file stays unregistered and the next call replaces it. */
MUST_CHECK bool version_register(struct db *db, const struct dataset_version *version,
                                 struct store_writer *file, struct error *err);

#endif
