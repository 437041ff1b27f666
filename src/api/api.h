/* SPDX-License-Identifier: Apache-2.0 */
/*
 * API: everything the product can do, as functions of request and reply. One route table names method, path,
 * parameters and handler; the command line calls the handlers in process through it, and an HTTP server calls
 * the same ones.
 *
 * A request is a JSON object with the members of the route's param table; path parameters are members of the
 * same name.
 */
#ifndef API_API_H
#define API_API_H

#include "account/account.h"
#include "account/password.h"
#include "account/secret.h"
#include "base/params.h"
#include "base/roots.h"
#include "dataset/sample_index.h"
#include "db/db.h"
#include "store/store.h"
#include "tasks/task.h"

enum {
    API_ARENA_MAX_BYTES = 512 * 1024 * 1024,
    API_PATH_PARAMS_MAX = 2,
    API_WAIT_MAX_SECONDS = 60, /* ?wait= of routes that show or queue one task */
    API_ETAG_HASH_DIGITS = 16, /* after the revision, where a reply shows more than that tells */
    API_KEY_MAX_BYTES = 128,   /* Idempotency-Key of routes that queue a task */
};

/* Where a request names a file of the server's machine, "upload:NAME" names one that was sent to it. */
#define UPLOAD_PREFIX "upload:"

/* A setting of the program, and where it comes from. */
struct api_setting {
    const char *name, *environment, *help;
    const char *value, *origin; /* NULL: not set */
    bool is_secret;             /* its value is not shown */
};

/* What handlers work with. */
struct api {
    struct db *db;
    struct store *data;
    const char *data_folder;
    struct picture_cache *pictures;      /* shared by threads; NULL: no small pictures are made here */
    struct insights *insights;           /* shared by threads; NULL: nothing is kept between calls */
    struct sample_index *index;          /* of the samples, borrowed; NULL: the database answers */
    const struct account_caller *caller; /* of calls that name none; NULL: account_local */
    /* What every path that a request names must lie in; NULL: not confined, it is the person's own right. */
    const struct roots *roots;
    bool is_remote;                     /* requests come from elsewhere: their paths must be absolute */
    struct password_gate *gate;         /* how many passwords may be checked at once; NULL: any number */
    const char *url;                    /* of the server that answers; NULL: none, the call is in process */
    uint32_t task_workers;              /* how many tasks it works on by itself */
    const struct task_kind *demo;       /* the task that loads the demo's data; NULL: there is none */
    const struct api_setting *settings; /* in force, ended by a NULL name; borrowed; NULL: none are known */
    bool checks_replies; /* a reply that is not of its route's shape is ERR_FAILED: for tests */
};

/* A reply that is a file's content. */
struct api_file {
    int fd; /* -1: none; whoever gets the call closes it */
    uint64_t bytes;
    const char *content_type;
    const char *etag;  /* without quotes; NULL: from size and time */
    const char *name;  /* what to call it when it is saved; NULL: none */
    bool is_immutable; /* what this URL names never changes */
};

/* What a call over HTTP brings beside its request, and takes beside its reply. */
struct api_client {
    const char *address;            /* it came from */
    const char *session;            /* secret of the caller's session; NULL: another way, or none */
    char new_session[SECRET_BYTES]; /* of the session that the handler began; "": none */
    bool is_session_over;           /* the handler ended the caller's */
};

/* Where the body of a request goes, for routes with receive. */
struct api_body {
    bool is_open;
    int fd; /* written from where it stands; whoever gets the call closes it */
    uint64_t max_bytes;
};

struct api_call {
    struct api *api;
    const struct account_caller *caller; /* NULL in a call that begins: the api's */
    struct arena *arena;                 /* ends after the reply was used */
    bool is_local;             /* over HTTP: it came by the socket in the data folder, from this machine */
    const struct roots *roots; /* the api's, with the caller's uploads; NULL: not confined */
    yyjson_val *request;       /* as it came; may be NULL */
    const void *params;        /* the route's struct, filled */
    yyjson_mut_doc *reply;     /* the handler adds members to its root */
    yyjson_mut_val *root;      /* an object */
    const char *task_id;  /* for the task that the handler queues when the request names none; may be NULL */
    struct api_file file; /* of routes with is_file */
    struct api_body body; /* of routes with receive */
    int64_t revision;     /* of the thing shown; 0: it has none */
    bool shows_more; /* the reply also holds what changes without the revision: its ETag tells that too */
    const char *if_match;      /* If-Match as sent: "7" in quotes; NULL: none */
    struct api_client *client; /* NULL: in process */
    const char *request_id;    /* for the audit; NULL: none */
    const char *subject;       /* what the audit says it is about; NULL: the path's, or the request's name */
    int64_t retry_seconds;     /* with ERR_TOO_MANY and ERR_BUSY: when to try again */
    bool is_stale;             /* the call failed because If-Match names another revision than there is; the
                                  reply shows the thing as it is */
    /* Of routes that keep their reply: called in the handler's transaction when the reply is complete, so
     * that what was done and the reply to it are written together. NULL: nobody wants it. */
    bool (*keep)(void *state, yyjson_mut_doc *reply, struct error *err);
    void *keep_state;
};

/* Gives a task up that nobody holds (task_give_up), and fails the service whose run it is. */
MUST_CHECK bool api_give_up(struct db *db, const struct task *task, const char *why, struct error *err);

/* What a reply holds, for documents and checks. Members beside these may come later. */
enum reply_type {
    REPLY_TEXT,
    REPLY_TIME, /* RFC 3339, UTC */
    REPLY_COUNT,
    REPLY_NUMBER,
    REPLY_BOOL,
    REPLY_OBJECT,
    REPLY_LIST,
    REPLY_ANY, /* any JSON value */
    REPLY_TYPE_COUNT
};
struct reply_shape;
struct reply_spec {
    const char *name; /* NULL ends the table */
    enum reply_type type;
    const struct reply_shape *shape; /* REPLY_OBJECT and REPLY_LIST; NULL: not described */
    bool is_nullable, is_optional;
    const char *help; /* one phrase, no full stop */
};
struct reply_shape {
    const char *name; /* "Task": unique among shapes */
    const struct reply_spec *members;
};

struct route {
    const char *name;                /* "service.deploy": unique; also operationId */
    const char *method;              /* "GET", "POST", "PUT", "PATCH", "DELETE" */
    const char *path;                /* "/api/v1/services/{service}" */
    const struct param_spec *params; /* path parameters first */
    size_t params_size;
    bool (*handle)(struct api_call *call, struct error *err);
    const char *summary; /* one sentence */
    enum account_role role;
    int status;                      /* when it is done: 200, 201 made something, 202 queued a task */
    const struct reply_shape *reply; /* NULL with is_file */
    bool is_file;                    /* the reply is call->file, and only over HTTP */
    bool needs_if_match;             /* it changes the one revision that If-Match names; only over HTTP */
    bool keeps_reply;                /* an Idempotency-Key replays its reply: its handler calls api_keep */
    /* The body is bytes, not JSON: called before it comes, fills call->body; handle is called when it is
     * whole. Other parameters than the path's stand in the query. Only over HTTP; NULL: not so. */
    bool (*receive)(struct api_call *call, struct error *err);
};

/* What of its value people may see: "(set)" of a secret; NULL when it is not set. */
const char *api_setting_shown(const struct api_setting *setting);

extern const struct route *const all_routes[]; /* NULL-ended */
const struct route *route_find(const char *name);
/* Who calls when the call names nobody. */
const struct account_caller *api_caller(const struct api *api);
/* What an HTTP server answers itself: health, metrics, events, this document. Their handle is NULL. */
extern const struct route *const server_routes[]; /* NULL-ended */

/* Parses the request into the route's struct, calls its handler and gives the reply, an object; the caller
 * frees it with yyjson_mut_doc_free. `request` NULL counts as empty. */
MUST_CHECK bool api_handle(struct api *api, const struct route *route, yyjson_val *request,
                           struct arena *arena, yyjson_mut_doc **ret_reply, struct error *err);
/* The same for a call that the caller has begun: api, arena, request and task_id are set. Fills the rest;
 * ERR_DENIED when call->caller has not the route's role. reply and file are the caller's to free,
 * api_call_release does it. */
MUST_CHECK bool api_answer(struct api_call *call, const struct route *route, struct error *err);
/* The first half, of routes with receive: call->body is open then; api_answer is the second half. */
MUST_CHECK bool api_receive(struct api_call *call, const struct route *route, struct error *err);
void api_call_release(struct api_call *call);

/* Calls that change something are written down, done or refused; api_handle does it, others call this.
 * `outcome`: AUDIT_DONE or the name of an error's kind. */
bool api_is_audited(const struct route *route);
void api_audit(const struct api_call *call, const struct route *route, const char *outcome);

/* ERR_FAILED names the first member that is missing or of another type. */
MUST_CHECK bool api_check_reply(const struct reply_shape *shape, yyjson_mut_val *reply, struct error *err);

/* The documents that follow from the route tables: OpenAPI 3.1 and a page for people. */
MUST_CHECK bool api_openapi(struct buffer *into, struct error *err);
MUST_CHECK bool api_markdown(struct buffer *into, struct error *err);

/* Keeps the reply, where somebody wants that; in the handler's transaction. */
MUST_CHECK bool api_keep(struct api_call *call, struct error *err);
/* The reply of the route holds one task: ?wait= is understood. */
bool api_route_has_task(const struct route *route);

/* {"error": {"code", "detail", "error_code", "message", "advice", "pointer", "retryable"}} */
void api_error_json(const struct error *err, yyjson_mut_doc *doc);

#endif
