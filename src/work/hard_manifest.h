/* SPDX-License-Identifier: Apache-2.0 */
/* Hard manifest: hard examples as lines of a manifest, hardest first, each with the model's answer to be
 * confirmed. The same hard examples give the same bytes. */
#ifndef WORK_HARD_MANIFEST_H
#define WORK_HARD_MANIFEST_H

#include "mining/mining.h"
#include "store/store.h"

struct hard_manifest {
    const struct record_header *header;
    const struct mining_hard_example *hard;
    size_t count;
    /* Detection: files of boxes go to FOLDER/annotation. NULL: lines have no boxes. */
    struct store *annotations;
    /* Takes the next bytes of the manifest. */
    void *state;
    MUST_CHECK bool (*write)(void *state, struct bytes piece, struct error *err);
};
MUST_CHECK bool hard_manifest_write(const struct hard_manifest *manifest, struct error *err);

#endif
