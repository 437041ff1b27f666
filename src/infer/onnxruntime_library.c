/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/onnxruntime_library.h"

#include "base/path.h"
#include "base/text.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *const private_folders[] = {ONNXRUNTIME_FOLDERS};
static const char *const private_names[] = {"libonnxruntime.so.1", "libonnxruntime.so"};
static const char *const system_names[] = {"libonnxruntime.so.1", "libonnxruntime.so.1.21",
                                           "libonnxruntime.so"};

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

/* dlopen that keeps the reason of the first failure that is not "no such file". */
static void *open_library(const char *path, int flags, char *reason, size_t reason_bytes)
{
    /* NODELETE: the library starts threads and exit handlers of its own and does not survive unloading. */
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE | flags);
    const char *problem = library ? NULL : dlerror(); /* NOLINT(concurrency-mt-unsafe): per thread in glibc */
    if (problem && reason[0] == '\0' && !strstr(problem, "No such file"))
        (void)snprintf(reason, reason_bytes, "%s", problem);
    return library;
}

static void *open_first(int flags, char *reason, size_t reason_bytes)
{
    char path[PATH_MAX_BYTES];
    void *library = NULL;
    for (size_t i = 0; i < COUNT_OF(private_folders) * COUNT_OF(private_names) && !library; i++) {
        int length = snprintf(path, sizeof(path), "%s/%s", private_folders[i / COUNT_OF(private_names)],
                              private_names[i % COUNT_OF(private_names)]);
        if (length > 0 && (size_t)length < sizeof(path))
            library = open_library(path, flags, reason, reason_bytes);
    }
    for (size_t i = 0; i < COUNT_OF(system_names) && !library; i++)
        library = open_library(system_names[i], flags, reason, reason_bytes);
    return library;
}

static bool open_chosen(int flags, void **ret, struct error *err)
{
    char reason[160] = "", folders[200] = "";
    const char *chosen = secure_getenv("TROMMEL_ONNXRUNTIME");
    if (chosen && chosen[0]) {
        *ret = open_library(chosen, flags, reason, sizeof(reason));
        return *ret || error_set(err, ERR_FAILED,
                                 "cannot load ONNX Runtime from TROMMEL_ONNXRUNTIME='%.150s': %s; give the "
                                 "path of a libonnxruntime.so of version 1.21 or later, or unset it",
                                 chosen, reason[0] ? reason : "no such file");
    }
    if ((*ret = open_first(flags, reason, sizeof(reason))))
        return true;
    for (size_t i = 0; i < COUNT_OF(private_folders); i++) {
        size_t used = strlen(folders);
        (void)snprintf(folders + used, sizeof(folders) - used, "%.90s, ", private_folders[i]);
    }
    return error_set(
        err, ERR_FAILED,
        "ONNX Runtime is not installed: no libonnxruntime.so.1 in %sor the system's folders%s%s; "
        "run tools/bootstrap, or install libonnxruntime1.21 (Debian 13), or set "
        "TROMMEL_ONNXRUNTIME to the file",
        folders, reason[0] ? "; " : "", reason);
}

/*
 * Microsoft's builds collect usage data: a thread, a database under ~/.cache/Microsoft, a log in /tmp,
 * uploads over HTTPS. The only switch that keeps all of it from starting is this variable, read when the
 * environment is created. It is set once, before the library is opened; glibc adds a first variable without
 * freeing what other threads may be reading.
 */
static void forbid_telemetry(void)
{
    (void)setenv("ORT_DISABLE_TELEMETRY", "1", 0); /* NOLINT(concurrency-mt-unsafe): see above */
}

static bool start_library(void *library, struct onnxruntime *ret, struct error *err)
{
    const OrtApiBase *(*get_base)(void) = NULL;
    void *symbol = dlsym(library, "OrtGetApiBase");
    memcpy(&get_base, &symbol, sizeof(symbol));
    const OrtApiBase *base = get_base ? get_base() : NULL;
    if (!base)
        return error_set(err, ERR_FAILED,
                         "the library found as ONNX Runtime is another one: it has no "
                         "OrtGetApiBase; set TROMMEL_ONNXRUNTIME to the right file");
    const OrtApi *api = base->GetApi(ORT_API_VERSION);
    if (!api)
        return error_set(err, ERR_FAILED, "ONNX Runtime %.40s is too old: 1.%d or later is needed",
                         base->GetVersionString(), ORT_API_VERSION);
    /* Errors reach the caller as errors; nothing is logged on the side. */
    OrtStatus *status = api->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "trommel", &ret->env);
    if (status) {
        (void)error_set(err, ERR_FAILED, "ONNX Runtime %.40s does not start: %.250s",
                        base->GetVersionString(), api->GetErrorMessage(status));
        api->ReleaseStatus(status);
        return false;
    }
    if ((status = api->DisableTelemetryEvents(ret->env))) /* builds that do not know the variable */
        api->ReleaseStatus(status);
    ret->api = api;
    ret->version = base->GetVersionString();
    return true;
}

/*
 * Debian 13's library writes some 2000 lines "Schema error: …" to stderr when it starts, a harmless fault of
 * its packaging. While it starts, stderr goes to a file in memory; everything else is passed on afterwards.
 */
enum { QUIET_MAX_BYTES = 4 * 1024 * 1024 };
struct quiet {
    int saved, capture;
};

static struct quiet quiet_start(void)
{
    struct quiet quiet = {.saved = -1, .capture = memfd_create("onnxruntime-start", MFD_CLOEXEC)};
    if (quiet.capture >= 0 && (quiet.saved = dup(STDERR_FILENO)) >= 0)
        (void)dup2(quiet.capture, STDERR_FILENO);
    return quiet;
}

static void pass_on(const char *text, size_t bytes)
{
    for (const char *at = text, *end = text + bytes; at < end;) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t length = line_end ? (size_t)(line_end - at) + 1 : (size_t)(end - at);
        if (length < 12 || memcmp(at, "Schema error", 12) != 0)
            (void)!write(STDERR_FILENO, at, length);
        at += length;
    }
}

static void quiet_end(struct quiet *quiet)
{
    if (quiet->saved >= 0) {
        (void)dup2(quiet->saved, STDERR_FILENO);
        (void)close(quiet->saved);
        off_t bytes = lseek(quiet->capture, 0, SEEK_END);
        char *text = bytes > 0 && bytes < QUIET_MAX_BYTES ? malloc((size_t)bytes) : NULL;
        ssize_t got = text ? pread(quiet->capture, text, (size_t)bytes, 0) : 0;
        if (got > 0)
            pass_on(text, (size_t)got);
        free(text);
    }
    if (quiet->capture >= 0)
        (void)close(quiet->capture);
}

static bool is_loaded_already(void)
{
    struct error ignored = {0};
    void *library = NULL;
    return open_chosen(RTLD_NOLOAD, &library, &ignored);
}

bool onnxruntime_load(struct onnxruntime *ret, struct error *err)
{
    /* Stderr belongs to the whole process, so what takes it away for a moment is guarded by one lock. */
    static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;
    (void)pthread_mutex_lock(&starting);
    bool is_first = !is_loaded_already();
    struct quiet quiet = {-1, -1};
    void *library = NULL;
    if (is_first) {
        forbid_telemetry();
        quiet = quiet_start();
    }
    bool is_ready = open_chosen(0, &library, err) && start_library(library, ret, err);
    if (is_first)
        quiet_end(&quiet);
    (void)pthread_mutex_unlock(&starting);
    return is_ready;
}
