/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Request pool: threads that answer requests, each with a database handle of its own, so that a slow answer
 * never holds up the threads that read and write the sockets.
 */
#ifndef HTTP_REQUEST_POOL_H
#define HTTP_REQUEST_POOL_H

#include "api/api.h"

struct pool_job {
    struct pool_job *next;
    void (*run)(struct pool_job *job, struct api *api); /* `api` is the thread's own; borrowed for the call */
};

struct request_pool;
/* `api` is copied; each thread opens its database again. */
MUST_CHECK bool request_pool_start(const struct api *api, uint32_t threads, struct request_pool **ret,
                                   struct error *err);
/* False when `waiting_max` jobs wait already, or the pool is ending; the job was not taken. */
bool request_pool_submit(struct request_pool *pool, struct pool_job *job, uint32_t waiting_max);
uint32_t request_pool_waiting(struct request_pool *pool);
/* Runs what waits, then ends the threads; no more jobs are taken. Accepts NULL. */
void request_pool_end(struct request_pool *pool);
/* The same, and frees it. Accepts NULL, returns NULL. */
struct request_pool *request_pool_free(struct request_pool *pool);

#endif
