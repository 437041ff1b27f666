/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long the near-duplicates among perceptual hashes are looked for, and how much memory that takes.
 *
 *     near_duplicates HASHES [DISTANCE]
 *
 * Of the hashes every tenth is an earlier one with up to DISTANCE other bits (7 when it is not given).
 */
#include "base/clock.h"
#include "base/text.h"
#include "demo/scene_parts.h"
#include "image/near_hashes.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { EACH_NEAR = 10, DISTANCE_USUAL = 7 };

static void make(uint64_t *hashes, uint32_t count, uint32_t distance)
{
    struct dice dice = {.state = 1};
    for (uint32_t i = 0; i < count; i++) {
        hashes[i] = dice_throw(&dice);
        if (i % EACH_NEAR != EACH_NEAR - 1)
            continue;
        hashes[i] = hashes[dice_throw(&dice) % i];
        for (uint64_t bits = dice_throw(&dice) % (distance + 1); bits > 0; bits--)
            hashes[i] ^= 1ULL << (dice_throw(&dice) >> 58);
    }
}

static double seconds_of(const struct timeval *time)
{
    return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static bool bench(uint32_t count, uint32_t distance, struct error *err)
{
    uint64_t *hashes = calloc(count, sizeof(*hashes));
    uint32_t *heads = calloc(count, sizeof(*heads)), members = 0;
    uint64_t unheld = 0;
    struct rusage before, after;
    const struct near_hashes_grouping wanted = {
        .hashes = hashes, .count = count, .distance = distance, .threads = workers_cores()};
    if (!hashes || !heads) {
        free(hashes);
        free(heads);
        return error_no_memory(err);
    }
    make(hashes, count, distance);
    (void)getrusage(RUSAGE_SELF, &before);
    double start = clock_steady_seconds();
    bool is_done = near_hashes_group(&wanted, heads, &unheld, err);
    double seconds = clock_steady_seconds() - start;
    (void)getrusage(RUSAGE_SELF, &after);
    for (uint32_t i = 0; i < count && is_done; i++)
        members += heads[i] != i;
    if (is_done)
        (void)printf(
            "%u hashes within %u bits: %.2f s on %u threads, %.2f s of processor time, %.0f MiB at most; "
            "%u are near an earlier one\n",
            count, distance, seconds, wanted.threads,
            seconds_of(&after.ru_utime) - seconds_of(&before.ru_utime), (double)after.ru_maxrss / 1024,
            members);
    free(hashes);
    free(heads);
    return is_done;
}

int main(int argc, char **argv)
{
    struct error err = {0};
    uint64_t count = 0, distance = DISTANCE_USUAL;
    if (argc < 2 || argc > 3 || !text_to_count(argv[1], "HASHES", 1, NEAR_HASHES_MAX, &count, &err) ||
        (argc == 3 && !text_to_count(argv[2], "DISTANCE", 0, NEAR_HASHES_DISTANCE_MAX, &distance, &err))) {
        (void)fprintf(stderr, "usage: near_duplicates HASHES [DISTANCE]\n");
        return 2;
    }
    if (bench((uint32_t)count, (uint32_t)distance, &err))
        return 0;
    (void)fprintf(stderr, "%s\n", err.message);
    return 1;
}
