/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORK_RUN_BATCH_H
#define WORK_RUN_BATCH_H

#include "base/hash.h"

/* The id of the filtering task that follows a run with hard example filtering. */
void run_batch_mining_id(const char *run_id, char ret_id[HASH_HEX_BYTES]);

#endif
