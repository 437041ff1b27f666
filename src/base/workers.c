/* SPDX-License-Identifier: Apache-2.0 */
#include "base/workers.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

struct worker {
    pthread_t thread;
    workers_function *function;
    void *state;
    uint32_t index;
    bool is_ok;
    struct error err;
};

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    worker->is_ok = worker->function(worker->state, worker->index, &worker->err);
    return NULL;
}

bool workers_run(uint32_t count, workers_function *function, void *state, struct error *err)
{
    if (count < 1 || count > WORKERS_MAX)
        return error_set(err, ERR_INVALID, "the number of workers must be 1 to %d, not %u", WORKERS_MAX,
                         count);
    struct worker *workers = calloc(count, sizeof(*workers));
    if (!workers)
        return error_no_memory(err);

    uint32_t started = 0;
    bool is_ok = true;
    for (; started < count; started++) {
        workers[started] = (struct worker){.function = function, .state = state, .index = started};
        int failed = pthread_create(&workers[started].thread, NULL, worker_main, &workers[started]);
        /* Fewer threads than asked for still do all the work; none at all is a failure. */
        if (failed && started == 0)
            is_ok = error_set_errno(err, failed, "start a worker thread");
        if (failed)
            break;
    }
    for (uint32_t i = 0; i < started; i++) {
        (void)pthread_join(workers[i].thread, NULL);
        if (is_ok && !workers[i].is_ok) {
            is_ok = false;
            *err = workers[i].err;
        }
    }
    free(workers);
    return is_ok;
}

uint32_t workers_cores(void)
{
    cpu_set_t set;
    /* A set of 1024 cores is too small for some machines. */
    bool is_known = sched_getaffinity(0, sizeof(set), &set) == 0;
    long cores = is_known ? CPU_COUNT(&set) : sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > WORKERS_MAX ? WORKERS_MAX : (uint32_t)cores;
}
