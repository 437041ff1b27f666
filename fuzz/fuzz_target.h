/* SPDX-License-Identifier: Apache-2.0 */

/* What every fuzz target defines; libFuzzer calls it under 'make fuzz', replay.c in every test run. */

#ifndef FUZZ_FUZZ_TARGET_H
#define FUZZ_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Tries one input. Returns 0; aborts (assert) when a property does not hold. */
/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
