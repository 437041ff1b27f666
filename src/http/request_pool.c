/* SPDX-License-Identifier: Apache-2.0 */
#include "http/request_pool.h"

#include "http/http_limits.h"

#include <pthread.h>
#include <stdlib.h>

struct pool_thread {
    struct request_pool *pool;
    struct api api;
    pthread_t thread;
    bool is_started;
};

struct request_pool {
    pthread_mutex_t lock;
    pthread_cond_t woken;
    struct pool_job *first, **last;
    uint32_t waiting;
    bool is_ending;
    uint32_t count;
    struct pool_thread threads[];
};

static struct pool_job *take_job(struct request_pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    while (!pool->first && !pool->is_ending)
        (void)pthread_cond_wait(&pool->woken, &pool->lock);
    struct pool_job *job = pool->first;
    if (job) {
        pool->first = job->next;
        if (!pool->first)
            pool->last = &pool->first;
        pool->waiting--;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return job;
}

static void *run_thread(void *argument)
{
    struct pool_thread *thread = argument;
    struct pool_job *job;
    while ((job = take_job(thread->pool)))
        job->run(job, &thread->api);
    return NULL;
}

static bool start_thread(struct request_pool *pool, uint32_t index, const struct api *api, struct error *err)
{
    struct pool_thread *thread = &pool->threads[index];
    thread->pool = pool;
    thread->api = *api;
    thread->api.db = NULL;
    if (!db_open_again(api->db, &thread->api.db, err))
        return error_wrap(err, "a database handle for requests");
    int problem = pthread_create(&thread->thread, NULL, run_thread, thread);
    thread->is_started = problem == 0;
    return thread->is_started || error_set_errno(err, problem, "start a thread for requests");
}

bool request_pool_start(const struct api *api, uint32_t threads, struct request_pool **ret, struct error *err)
{
    struct request_pool *pool = calloc(1, sizeof(*pool) + threads * sizeof(struct pool_thread));
    if (!pool)
        return error_no_memory(err);
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->woken, NULL);
    pool->last = &pool->first;
    pool->count = threads;
    for (uint32_t i = 0; i < threads; i++)
        if (!start_thread(pool, i, api, err)) {
            (void)request_pool_free(pool);
            return false;
        }
    *ret = pool;
    return true;
}

bool request_pool_submit(struct request_pool *pool, struct pool_job *job, uint32_t waiting_max)
{
    (void)pthread_mutex_lock(&pool->lock);
    bool is_taken = !pool->is_ending && pool->waiting < waiting_max;
    if (is_taken) {
        job->next = NULL;
        *pool->last = job;
        pool->last = &job->next;
        pool->waiting++;
        (void)pthread_cond_signal(&pool->woken);
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return is_taken;
}

uint32_t request_pool_waiting(struct request_pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    uint32_t waiting = pool->waiting;
    (void)pthread_mutex_unlock(&pool->lock);
    return waiting;
}

void request_pool_end(struct request_pool *pool)
{
    if (!pool)
        return;
    (void)pthread_mutex_lock(&pool->lock);
    pool->is_ending = true;
    (void)pthread_cond_broadcast(&pool->woken);
    (void)pthread_mutex_unlock(&pool->lock);
    for (uint32_t i = 0; i < pool->count; i++) {
        if (pool->threads[i].is_started)
            (void)pthread_join(pool->threads[i].thread, NULL);
        pool->threads[i].is_started = false;
        pool->threads[i].api.db = db_free(pool->threads[i].api.db);
    }
}

struct request_pool *request_pool_free(struct request_pool *pool)
{
    if (!pool)
        return NULL;
    request_pool_end(pool);
    (void)pthread_cond_destroy(&pool->woken);
    (void)pthread_mutex_destroy(&pool->lock);
    free(pool);
    return NULL;
}
