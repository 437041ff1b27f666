/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Idempotency: the same Idempotency-Key with the same request queues one task, however often it is sent. The
 * key is written down with the id of the task to come before anything is done, so that after the death of the
 * server the next try with the key finds that task, or queues it under that id.
 */
#ifndef HTTP_IDEMPOTENCY_H
#define HTTP_IDEMPOTENCY_H

#include "db/db.h"

enum { IDEMPOTENCY_ELSEWHERE_MS = 10 * 60 * 1000 };

struct idempotency_wish {
    const char *project_id, *key;    /* a key is of its project: others may use the same */
    const char *route, *fingerprint; /* the fingerprint is of the whole request */
};
enum idempotency_verdict {
    IDEMPOTENCY_NEW,     /* do it, with this task id */
    IDEMPOTENCY_RESUMED, /* a try that died had begun: the task may be there under this id, else do it */
    IDEMPOTENCY_REPLAY,  /* answer with status and reply_json */
    IDEMPOTENCY_BUSY,    /* the first try is being answered now */
    IDEMPOTENCY_OTHER,   /* the key was used for another request */
};
struct idempotency_found {
    enum idempotency_verdict verdict;
    const char *task_id, *reply_json; /* in the arena */
    int status;
};

MUST_CHECK bool idempotency_begin(struct db *db, struct arena *arena, const struct idempotency_wish *wish,
                                  struct idempotency_found *ret, struct error *err);
/* Of the wish only project and key count. */
MUST_CHECK bool idempotency_finish(struct db *db, const struct idempotency_wish *wish, int status,
                                   const char *reply_json, struct error *err);
/* Nothing was done: the key may be used again. `is_uncertain`: something may have been done; the next try
 * looks. */
MUST_CHECK bool idempotency_abandon(struct db *db, const struct idempotency_wish *wish, bool is_uncertain,
                                    struct error *err);

#endif
