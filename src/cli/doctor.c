/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "base/workers.h"
#include "cli/commands_own.h"
#include "image/decoder.h"
#include "infer/engine.h"

#include <png.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <zstd.h>

#define DISK_WANTED_BYTES (1024ULL * 1024 * 1024)

struct check {
    const char *name;
    bool is_ok;
    char found[256];
    const char *advice; /* when it is not */
};
struct checkup {
    struct cli *cli;
    struct check *check;
};

static void check_data(struct checkup *checkup)
{
    struct cli *cli = checkup->cli;
    struct error err = {0};
    cli->is_open = cli->environment->open(cli->environment->state, cli->data_folder, &cli->api, &err);
    checkup->check->is_ok = cli->is_open;
    (void)snprintf(checkup->check->found, sizeof(checkup->check->found), "%s (%s)%s%.100s", cli->data_folder,
                   cli->data_folder_origin, cli->is_open ? "" : ": ", cli->is_open ? "" : err.message);
    text_make_printable(checkup->check->found);
}

static void check_disk(struct checkup *checkup)
{
    struct statvfs disk;
    if (statvfs(checkup->cli->data_folder, &disk) != 0) {
        (void)snprintf(checkup->check->found, sizeof(checkup->check->found),
                       "the data folder cannot be looked at");
        return;
    }
    uint64_t left = (uint64_t)disk.f_bavail * disk.f_frsize;
    checkup->check->is_ok = left >= DISK_WANTED_BYTES;
    (void)snprintf(checkup->check->found, sizeof(checkup->check->found), "%.1f GB free", (double)left / 1e9);
}

static void check_engine(struct checkup *checkup)
{
    struct error err = {0};
    char version[128] = "";
    checkup->check->is_ok = engine_onnxruntime.version(version, sizeof(version), &err);
    (void)snprintf(checkup->check->found, sizeof(checkup->check->found), "%.200s",
                   checkup->check->is_ok ? version : err.message);
}

static void check_cores(struct checkup *checkup)
{
    checkup->check->is_ok = true;
    (void)snprintf(checkup->check->found, sizeof(checkup->check->found), "%u", workers_cores());
}

static void check_formats(struct checkup *checkup)
{
    char *found = checkup->check->found;
    for (const struct image_decoder *const *decoder = image_decoders; *decoder; decoder++) {
        size_t used = strlen(found);
        (void)snprintf(found + used, sizeof(checkup->check->found) - used, "%s%s", used ? ", " : "",
                       (*decoder)->name);
        checkup->check->is_ok = true;
    }
}

static const struct {
    const char *name;
    void (*run)(struct checkup *checkup);
    const char *advice;
} checks[] = {
    {"data folder", check_data, "Give another with --data DIR, or mend its permissions."},
    {"disk", check_disk, "Free some space: records and results need about 10 kB an image."},
    {"ONNX Runtime", check_engine, "Run tools/bootstrap, or set TROMMEL_ONNXRUNTIME to libonnxruntime.so."},
    {"cores", check_cores, ""},
    {"image formats", check_formats, ""},
};

static bool print_checks(struct cli *cli, const struct check *list, size_t count)
{
    static const struct column columns[] = {{"CHECK", "name", COLUMN_TEXT},
                                            {"OK", "is_ok", COLUMN_TEXT},
                                            {"FOUND", "found", COLUMN_TEXT},
                                            {NULL}};
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *rows = yyjson_mut_arr(doc);
    bool is_ok = true;
    yyjson_mut_doc_set_root(doc, rows);
    for (size_t i = 0; i < count; i++) {
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, rows);
        (void)yyjson_mut_obj_add_str(doc, row, "name", list[i].name);
        (void)yyjson_mut_obj_add_bool(doc, row, "is_ok", list[i].is_ok);
        (void)yyjson_mut_obj_add_str(doc, row, "found", list[i].found);
        if (!list[i].is_ok)
            (void)yyjson_mut_obj_add_str(doc, row, "advice", list[i].advice);
        is_ok &= list[i].is_ok;
    }
    output_rows(cli, rows, columns);
    for (size_t i = 0; i < count && !cli->is_json; i++)
        if (!list[i].is_ok)
            (void)fprintf(stderr, "%s: %s\n", list[i].name, list[i].advice);
    return is_ok;
}

int command_doctor(struct cli *cli)
{
    enum { CHECKS = sizeof(checks) / sizeof(checks[0]) };
    struct check list[CHECKS] = {0};
    for (size_t i = 0; i < CHECKS; i++) {
        struct checkup checkup = {.cli = cli, .check = &list[i]};
        list[i].name = checks[i].name;
        list[i].advice = checks[i].advice;
        checks[i].run(&checkup);
    }
    return print_checks(cli, list, CHECKS) ? 0 : 1;
}

int command_version(struct cli *cli)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    struct error err = {0};
    char engine[128] = "";
    bool has_engine = engine_onnxruntime.version(engine, sizeof(engine), &err);
    yyjson_mut_doc_set_root(doc, root);
    (void)yyjson_mut_obj_add_str(doc, root, "trommel", TROMMEL_VERSION);
    (void)yyjson_mut_obj_add_str(doc, root, "onnxruntime", has_engine ? engine : "not found");
    (void)yyjson_mut_obj_add_str(doc, root, "yyjson", YYJSON_VERSION_STRING);
    (void)yyjson_mut_obj_add_str(doc, root, "zstd", ZSTD_versionString());
    (void)yyjson_mut_obj_add_str(doc, root, "libpng", png_get_libpng_ver(NULL));
    (void)yyjson_mut_obj_add_str(doc, root, "libsodium", sodium_version_string());
    output_object(cli, root, NULL);
    return 0;
}
