/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workers: a function run by N threads at once until it returns in each of them.
 *
 * Work is handed out by the function itself, usually with one atomic counter, so that no lock is taken per
 * item.
 */
#ifndef BASE_WORKERS_H
#define BASE_WORKERS_H

#include "base/error.h"

#include <stdatomic.h>
#include <stdint.h>

enum { WORKERS_MAX = 256 };

/* `index` is 0..count-1. Returns false with *err filled when this worker failed; the first failure by index
 * wins. */
typedef bool workers_function(void *state, uint32_t index, struct error *err);

/* Runs `function` in `count` threads (1..WORKERS_MAX) and waits for all. False when any failed. */
MUST_CHECK bool workers_run(uint32_t count, workers_function *function, void *state, struct error *err);

/* Cores this process may use, at least 1. */
uint32_t workers_cores(void);

/* Somebody's wish that long work ends soon; set from a signal handler or another thread. */
struct stop_flag {
    atomic_bool is_set;
};

#endif
