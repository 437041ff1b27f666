/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors: a small value the caller owns, filled in by the function that failed.
 *
 * A function that can fail returns bool and takes `struct error *err` last. It returns false exactly when it
 * filled in *err. Library code never logs an error it returns. The code says what kind of failure it is; the
 * detail, when there is one, is a row of the table in error_details.c that also carries the ModelArts code
 * and advice for people.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

#define MUST_CHECK __attribute__((warn_unused_result))

enum error_code {
    ERR_NONE = 0,
    ERR_INVALID, /* the caller's input is wrong; retrying cannot help */
    ERR_NOT_FOUND,
    ERR_CONFLICT,  /* exists already, or the state forbids it */
    ERR_DENIED,    /* not allowed */
    ERR_LIMIT,     /* a named limit was met */
    ERR_IO,        /* the outside world failed; retrying may help */
    ERR_UNCERTAIN, /* the write may have happened: look before retrying */
    ERR_CANCELLED, /* somebody asked to stop */
    ERR_NO_MEMORY,
    ERR_SIGN_IN,     /* nobody has shown who it is, or not rightly */
    ERR_BUSY,        /* too much to do just now; retrying helps */
    ERR_TOO_MANY,    /* asked too often; retrying helps after a while */
    ERR_FAILED,      /* the work itself ended badly; the task says why */
    ERR_UNREACHABLE, /* a server that was to be asked does not answer */
    ERR_TIMED_OUT,   /* what was waited for has not ended in time; it may go on */
    ERR_CODE_COUNT
};

/* One row per error code. */
struct error_kind {
    const char *name; /* kebab-case, in JSON */
    int http_status;
    int exit_code;
    bool retryable;
};

enum error_detail {
    DETAIL_NONE = 0,
    DETAIL_INVALID_ARGUMENT,
    DETAIL_MODEL_NOT_FOUND,
    DETAIL_MODEL_EXISTS,
    DETAIL_MODEL_UNUSABLE,
    DETAIL_SERVICE_NOT_FOUND,
    DETAIL_SERVICE_EXISTS,
    DETAIL_SERVICE_STATE,
    DETAIL_PATH_NOT_FOUND,
    DETAIL_OUTPUT_NOT_EMPTY,
    DETAIL_HARD_NOT_ENABLED,
    DETAIL_HARD_ALREADY_ENABLED,
    DETAIL_MODEL_TYPE_UNSUPPORTED,
    DETAIL_DATASET_TYPE_MISMATCH,
    DETAIL_IMPORT_FAILED,
    DETAIL_NO_SAMPLES,
    DETAIL_TASK_NOT_FOUND,
    DETAIL_TASK_STATE,
    DETAIL_INPUT_GONE,
    DETAIL_DATASET_NOT_FOUND,
    DETAIL_DATASET_EXISTS,
    DETAIL_VERSION_NOT_FOUND,
    DETAIL_VERSION_EXISTS,
    DETAIL_NOTHING_TO_PUBLISH,
    DETAIL_SPLIT_IMPOSSIBLE,
    DETAIL_SAMPLE_NOT_FOUND,
    DETAIL_OPERATION_NOT_FOUND,
    DETAIL_LABEL_NOT_FOUND,
    DETAIL_LABEL_EXISTS,
    DETAIL_BAD_MANIFEST,
    DETAIL_USER_NOT_FOUND,
    DETAIL_USER_EXISTS,
    DETAIL_LAST_ADMIN,
    DETAIL_TOKEN_NOT_FOUND,
    DETAIL_TOKEN_EXISTS,
    DETAIL_IMAGE_MISSING,
    DETAIL_IMAGE_DAMAGED,
    DETAIL_IMAGE_TOO_LARGE,
    DETAIL_RESULT_NOT_FOUND,
    DETAIL_NO_PROFILE,
    DETAIL_COUNT
};

/* One row per detail. */
struct error_detail_row {
    enum error_code code;
    const char *name;      /* kebab-case, in JSON */
    const char *modelarts; /* "ModelArts.NNNN" */
    const char *advice;    /* what to do, one sentence; "" when the message says it all */
};

enum { ERROR_MESSAGE_BYTES = 400, ERROR_POINTER_BYTES = 96 };

struct error {
    enum error_code code;
    enum error_detail detail;
    char pointer[ERROR_POINTER_BYTES]; /* JSON pointer to the offending request field, or "" */
    char message[ERROR_MESSAGE_BYTES]; /* one line of printable UTF-8, whatever was put into it */
};

/* Fills *err and returns false, so that a caller can `return error_set(...)`. */
bool error_set(struct error *err, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull(1, 3)));

/* The same with a row of the detail table, which also gives the code. */
bool error_set_detail(struct error *err, enum error_detail detail, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull(1, 3)));

/* As error_set(ERR_IO) with ": " and the text of `error_number` (an errno value) added. ENOENT gives
 * ERR_NOT_FOUND, EACCES and EPERM give ERR_DENIED, ENOMEM gives ERR_NO_MEMORY. */
bool error_set_errno(struct error *err, int error_number, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull(1, 3)));

bool error_no_memory(struct error *err);

/* Prefixes the message of an error on its way up: "load model: no such object". Returns false. */
bool error_wrap(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(1, 2)));

/* Names the request field at fault: "/output/dataset". Returns false. */
bool error_point(struct error *err, const char *pointer);

const struct error_kind *error_kind(enum error_code code);
const struct error_detail_row *error_detail_row(enum error_detail detail);
/* The row of that name; DETAIL_NONE for none, and for NULL. */
enum error_detail error_detail_find(const char *name);

/* The static analyzer reads one file at a time: this tells it what the functions above always return. */
#if defined(__clang_analyzer__) && !defined(BASE_ERROR_DEFINES)
/* NOLINTBEGIN(readability-identifier-naming) */
#define error_set(...) ((void)error_set(__VA_ARGS__), false)
#define error_set_detail(...) ((void)error_set_detail(__VA_ARGS__), false)
#define error_set_errno(...) ((void)error_set_errno(__VA_ARGS__), false)
#define error_no_memory(err) ((void)error_no_memory(err), false)
#define error_wrap(...) ((void)error_wrap(__VA_ARGS__), false)
#define error_point(err, pointer) ((void)error_point(err, pointer), false)
/* NOLINTEND(readability-identifier-naming) */
#endif

#endif
