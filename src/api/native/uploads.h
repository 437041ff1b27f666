/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Uploads: files that clients send, kept below the data folder, one folder each: uploads/PROJECT/NAME/. What
 * has come so far is the file "~part" in it; a whole upload has the upload's own name, and is replaced as a
 * whole. Where a request names a file of the server's machine, "upload:NAME" names an upload of the caller's
 * project.
 */
#ifndef API_NATIVE_UPLOADS_H
#define API_NATIVE_UPLOADS_H

#include "api/api.h"

enum { UPLOAD_NAME_MAX_BYTES = 128, UPLOADS_MAX = 1000, UPLOAD_SHA256_BYTES = 65 };
#define UPLOAD_MAX_BYTES (UINT64_C(8) * 1024 * 1024 * 1024)
#define UPLOADS_MAX_BYTES (UINT64_C(64) * 1024 * 1024 * 1024) /* of a project */

struct upload {
    const char *name;
    uint64_t bytes;      /* that are there */
    uint64_t kept_bytes; /* with those of a whole one that a part is about to replace */
    int64_t changed_ms;
    bool is_complete;
};

/* 1 to UPLOAD_NAME_MAX_BYTES of letters, digits, '.', '_' and '-', no dot first. */
MUST_CHECK bool upload_check_name(const char *name, struct error *err);
/* By name. */
MUST_CHECK bool upload_list(struct api_call *call, struct upload **ret, size_t *ret_count, struct error *err);
/* The part while one is there, else the whole one. ERR_NOT_FOUND. */
MUST_CHECK bool upload_find(const struct api_call *call, const char *name, struct upload *ret,
                            struct error *err);
MUST_CHECK bool upload_delete(struct api_call *call, const char *name, struct error *err);

/* Opens the part for what comes from `offset` on, which is where it ends now, 0: from anew. The file is the
 * caller's; while it is open nobody else can open it: ERR_CONFLICT. */
MUST_CHECK bool upload_open(struct api_call *call, const char *name, uint64_t offset, int *ret_file,
                            struct error *err);
/* The part becomes the upload, durably. `sha256`: what it should be, hex; NULL: whatever it is. When it is
 * another, the part is gone. */
MUST_CHECK bool upload_finish(struct api_call *call, const char *name, int file, const char *sha256,
                              char ret_sha256[UPLOAD_SHA256_BYTES], struct error *err);

/* *ret is the path of the whole upload that `text`, "upload:NAME", names. ERR_NOT_FOUND; ERR_CONFLICT: it has
 * not come whole yet. */
MUST_CHECK bool upload_resolve(const struct api_call *call, const char *text, const char **ret,
                               struct error *err);

#endif
