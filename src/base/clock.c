/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t clock_now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

double clock_steady_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void clock_sleep_ms(uint32_t ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    (void)nanosleep(&left, NULL);
}

void clock_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t steady;
    (void)pthread_condattr_init(&steady);
    (void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    (void)pthread_cond_init(condition, &steady);
    (void)pthread_condattr_destroy(&steady);
}

struct timespec clock_steady_after(uint32_t ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    return until;
}

static struct tm utc(int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000 - (ms % 1000 < 0));
    struct tm parts = {0};
    (void)gmtime_r(&seconds, &parts);
    return parts;
}

const char *clock_rfc3339(int64_t ms, char text[CLOCK_TEXT_BYTES])
{
    struct tm parts = utc(ms);
    size_t used = strftime(text, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%S", &parts);
    (void)snprintf(text + used, CLOCK_TEXT_BYTES - used, ".%03dZ", (int)((ms % 1000 + 1000) % 1000));
    return text;
}

const char *clock_manifest_time(int64_t ms, char text[CLOCK_TEXT_BYTES])
{
    struct tm parts = utc(ms);
    (void)strftime(text, CLOCK_TEXT_BYTES, "%Y-%m-%d %H:%M:%S", &parts);
    return text;
}

/* The form is checked by printing it again: dates that do not exist come back as others. */
bool clock_of_manifest_time(const char *text, int64_t *ret_ms)
{
    struct tm parts = {0};
    char again[CLOCK_TEXT_BYTES];
    const char *end = strptime(text, "%Y-%m-%d %H:%M:%S", &parts);
    if (!end || *end != '\0')
        return false;
    int64_t ms = (int64_t)timegm(&parts) * 1000;
    if (strcmp(clock_manifest_time(ms, again), text) != 0)
        return false;
    *ret_ms = ms;
    return true;
}
