/* SPDX-License-Identifier: Apache-2.0 */
/* Source files: deleting the image files of samples that are gone. */
#ifndef API_NATIVE_SOURCE_FILES_H
#define API_NATIVE_SOURCE_FILES_H

#include "api/native/native.h"

/* Deletes the file that a source names: only an image, only a file itself and no link, only in the call's
 * roots, and only when no sample of any dataset has the source any more. Otherwise it stays, and the error
 * says why. */
MUST_CHECK bool source_file_delete(struct api_call *call, const char *source, struct error *err);

#endif
