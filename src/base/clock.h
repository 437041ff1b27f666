/* SPDX-License-Identifier: Apache-2.0 */
/* Clock: milliseconds since 1970 UTC for what is stored, seconds of a steady clock for what is measured. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum { CLOCK_TEXT_BYTES = 32 };

int64_t clock_now_ms(void);
double clock_steady_seconds(void);
void clock_sleep_ms(uint32_t ms);
/* A condition whose timed waits go by the steady clock, and the time of a wait that lasts `ms` from now. */
void clock_condition_init(pthread_cond_t *condition);
struct timespec clock_steady_after(uint32_t ms);
/* "2026-11-22T10:04:00.123Z" */
const char *clock_rfc3339(int64_t ms, char text[CLOCK_TEXT_BYTES]);
/* "2026-11-22 10:04:00", the form manifests use, UTC */
const char *clock_manifest_time(int64_t ms, char text[CLOCK_TEXT_BYTES]);
/* The way back. False unless the text has exactly that form and the day exists. */
bool clock_of_manifest_time(const char *text, int64_t *ret_ms);

#endif
