/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batch service: a model, an input, an output and settings, under a name; and its runs. What may happen to a
 * service in which status is one table (service_states.c). The id of a run is the id of the task that does
 * it.
 */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "base/params.h"
#include "db/db.h"
#include "store/store.h"

enum {
    SERVICE_NAME_MAX_CHARACTERS = 64,
    SERVICE_DESCRIPTION_MAX_CHARACTERS = 100,
    SERVICE_SHARD_IMAGES = 512,
    SERVICE_LIST_MAX = 100000,
    SERVICE_ROW_MAX_BYTES = 4 * 1024 * 1024,
};

/* How a run works; kept with the service and copied into each run. */
struct service_settings {
    uint64_t threads;      /* 0: all cores */
    uint64_t shard_images; /* images per record shard */
    bool accept_partial;   /* damaged images are predicted from what they have, with a warning */
    bool allow_foreign_output;
};
extern const struct param_spec service_settings_params[];

enum service_status {
    SERVICE_DEPLOYING,
    SERVICE_RUNNING,
    SERVICE_STOPPED,
    SERVICE_FAILED,
    SERVICE_FINISHED,
    SERVICE_STATUS_COUNT
};
enum service_event {
    SERVICE_EVENT_RUN_BEGAN,
    SERVICE_EVENT_RUN_FINISHED,
    SERVICE_EVENT_RUN_FAILED,
    SERVICE_EVENT_RUN_STOPPED,
    SERVICE_EVENT_STARTED_AGAIN,
    SERVICE_EVENT_COUNT
};
struct service_transition {
    enum service_status from;
    enum service_event event;
    enum service_status to;
    const char *why;
};
const char *service_status_name(enum service_status status);
enum service_status service_status_find(const char *name); /* SERVICE_STATUS_COUNT: no such */
const struct service_transition *service_transitions(size_t *ret_count);
MUST_CHECK bool service_states_markdown(struct buffer *into, struct error *err);

struct service {
    const char *id, *project_id, *name, *description, *model_id, *input_url, *output_url;
    const char *settings_json, *hard_json; /* hard_json NULL: filtering is not enabled */
    const char *status, *error_message, *run_id;
    int64_t created_ms, updated_ms;
};
struct service_happening {
    const char *event_type, *event_info; /* normal | abnormal */
    int64_t occurred_ms;
};
struct run {
    const char *id, *project_id, *service_id, *model_id, *input_url, *output_url, *settings_json, *hard_json,
        *records_key;
    bool is_complete;
    int64_t images, failed, skipped, created_ms, finished_ms;
};

/* DETAIL_SERVICE_EXISTS. Begins in status deploying. Texts of *ret live in the arena. */
MUST_CHECK bool service_create(struct db *db, struct arena *arena, const struct service *request,
                               struct service *ret, struct error *err);
/* By id, unique prefix of an id, or name, among the services of the project; those of others are as if they
 * did not exist. DETAIL_SERVICE_NOT_FOUND. */
MUST_CHECK bool service_find(struct db *db, const char *project_id, struct arena *arena,
                             const char *reference, struct service *ret, struct error *err);
MUST_CHECK bool service_list(struct db *db, const char *project_id, struct arena *arena, struct service **ret,
                             size_t *ret_count, struct error *err);
/* With its runs, their records in the data store, and events. ERR_CONFLICT, DETAIL_SERVICE_STATE, while it
 * runs. */
MUST_CHECK bool service_delete(struct db *db, struct store *data, struct arena *arena, const char *id,
                               struct error *err);
/* Moves the service along its table and writes an event row. DETAIL_SERVICE_STATE when the table has no such
 * row. */
MUST_CHECK bool service_change(struct db *db, const char *id, enum service_event event, const char *info,
                               struct error *err);
/* The same in the caller's transaction. */
MUST_CHECK bool service_change_within(struct db *db, const char *id, enum service_event event,
                                      const char *info, struct error *err);
/* The same, when the service's process died: only the event row. */
MUST_CHECK bool service_note(struct db *db, const char *id, const char *event_type, const char *info,
                             struct error *err);
/* `hard_json` NULL disables. */
MUST_CHECK bool service_set_hard(struct db *db, const char *id, const char *hard_json, struct error *err);
/* Changes description and settings; NULL stays. The next run works by them, one that is under way does not.
 * DETAIL_SERVICE_STATE when somebody changed the settings since `service` was read. */
MUST_CHECK bool service_edit(struct db *db, const struct service *service, const char *description,
                             const char *settings_json, struct error *err);
MUST_CHECK bool service_events(struct db *db, struct arena *arena, const char *id,
                               struct service_happening **ret, size_t *ret_count, struct error *err);
/* What happened to any service after the event `after_id`, oldest first, at most SERVICE_NEWS_MAX; -1: only
 * the newest event. */
enum { SERVICE_NEWS_MAX = 1000 };
struct service_news {
    int64_t id, occurred_ms;
    const char *project_id, *service_id, *event_type, *event_info;
};
MUST_CHECK bool service_news_after(struct db *db, struct arena *arena, int64_t after_id,
                                   struct service_news **ret, size_t *ret_count, struct error *err);

/* Registers a run with the service's present settings and makes it the latest. */
MUST_CHECK bool run_create(struct db *db, const char *id, const struct service *service, struct error *err);
/* DETAIL_NO_SAMPLES: no such run. */
MUST_CHECK bool run_get(struct db *db, const char *project_id, struct arena *arena, const char *id,
                        struct run *ret, struct error *err);
/* Newest first. */
MUST_CHECK bool run_list(struct db *db, struct arena *arena, const char *service_id, struct run **ret,
                         size_t *ret_count, struct error *err);
MUST_CHECK bool run_finish(struct db *db, const char *id, int64_t images, int64_t failed, int64_t skipped,
                           struct error *err);
/* The latest complete run of a service. DETAIL_NO_SAMPLES: there is none. */
MUST_CHECK bool run_latest(struct db *db, struct arena *arena, const struct service *service, struct run *ret,
                           struct error *err);

#endif
