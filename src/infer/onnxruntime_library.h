/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ONNX Runtime as a shared library opened at run time. It is never linked: a program linked against one
 * version of it refuses all others, while the interface asked for here (21) is served by 1.21 and all later
 * versions. Looked for in this order:
 *   1. $TROMMEL_ONNXRUNTIME, the path of a libonnxruntime.so; when set, nothing else is tried
 *   2. the folders compiled in: the installation's private one, then the build's
 *   3. the system's: libonnxruntime.so.1, libonnxruntime.so.1.21 (Debian 13), libonnxruntime.so
 */
#ifndef INFER_ONNXRUNTIME_LIBRARY_H
#define INFER_ONNXRUNTIME_LIBRARY_H

#include "base/error.h"

#include <onnxruntime_c_api.h>

struct onnxruntime {
    const OrtApi *api;
    const char *version; /* "1.30.0"; static */
    OrtEnv *env;         /* released by the caller; the library itself stays loaded until the process ends */
};

/* Its collection of usage data is switched off. ERR_FAILED says where it was looked for and what to install.
 * Safe in threads. */
MUST_CHECK bool onnxruntime_load(struct onnxruntime *ret, struct error *err);

#endif
