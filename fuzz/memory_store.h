/* SPDX-License-Identifier: Apache-2.0 */
/* A store of a few objects in memory, so that a fuzz target does not wait for a disk. */
#ifndef FUZZ_MEMORY_STORE_H
#define FUZZ_MEMORY_STORE_H

#include "store/backend.h"

enum { MEMORY_OBJECTS_MAX = 32, MEMORY_OBJECT_MAX_BYTES = 1 << 24, MEMORY_KEY_BYTES = 128 };

extern const struct store_backend store_backend_memory;

#endif
