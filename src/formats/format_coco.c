/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"
#include "base/text.h"
#include "formats/coco_parts.h"

#include <string.h>

static bool fits(const struct format_look *look)
{
    static const char *const names[] = {"\"images\"", "\"annotations\"", "\"categories\"", "\"info\"",
                                        "\"licenses\""};
    struct format_look below;
    struct error ignored = {0};
    const char *folder = format_look_has(look, "annotations/")
                             ? arena_printf(look->arena, "%s/annotations", look->path)
                             : NULL;
    if (look->is_folder)
        return format_look_suffix(look, ".json") != NULL ||
               (folder && format_look_at(look->roots, folder, look->arena, &below, &ignored) &&
                format_look_suffix(&below, ".json") != NULL);
    if (format_first_byte(look->start) != '{' || format_holds_text(look->start, "\"source\""))
        return false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (format_holds_text(look->start, names[i]))
            return true;
    return false;
}

struct coco_folder {
    const struct format_reading *reading;
    struct format_sink *sink;
    struct arena *arena;
    struct store *root;
    const char *file; /* being read */
};

/* "train" of "instances_train2017.json". */
static const char *usage_of_name(const char *name)
{
    for (const char *at = name; *at; at++) {
        size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyz");
        const char *usage = length ? format_usage_of_word(at, length) : NULL;
        if (usage)
            return usage;
        at += length ? length - 1 : 0;
    }
    return NULL;
}

static bool is_there(const struct coco_folder *folder, const char *path, const char *name, bool *ret,
                     struct error *err)
{
    char *full = NULL;
    const char *joined = path_join(folder->arena, path, name);
    if (!joined)
        return error_no_memory(err);
    *ret = false;
    if (!path_absolute(folder->arena, joined, &full, err))
        return false;
    return !roots_check(folder->reading->roots, full, &(struct error){0}) ||
           store_exists(folder->root, full + 1, ret, err);
}

/* Names begin beside the file, in the folder above, or in one of the usage's or file's name there. */
static bool find(void *state, const char *name, const char **ret_folder, struct error *err)
{
    struct coco_folder *folder = state;
    struct arena *arena = folder->arena;
    const char *own = path_folder(arena, folder->file), *above = own ? path_folder(arena, own) : NULL;
    const char *stem = format_beside(arena, path_base(folder->file), "");
    if (!above || !stem)
        return error_no_memory(err);
    const char *set = text_starts_with(stem, "instances_") ? stem + strlen("instances_") : stem;
    const char *const folders[] = {
        own,
        above,
        arena_printf(arena, "%s/images", own),
        arena_printf(arena, "%s/images", above),
        arena_printf(arena, "%s/%s", own, set),
        arena_printf(arena, "%s/%s", above, set),
        arena_printf(arena, "%s/images/%s", above, set),
    };
    if (name[0] == '/' || strstr(name, "://")) {
        *ret_folder = own;
        return true;
    }
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        bool is_found = false;
        if (!folders[i])
            return error_no_memory(err);
        if (!is_there(folder, folders[i], name, &is_found, err))
            return false;
        *ret_folder = folders[i];
        if (is_found)
            return true;
    }
    return error_set_detail(err, DETAIL_PATH_NOT_FOUND,
                            "the image '%.120s' of %.200s is not beside it; say where images are (images)",
                            name, folder->file);
}

static bool read_file(struct coco_folder *folder, const char *path, bool has_usage, struct error *err)
{
    struct format_file file = {0};
    folder->file = path;
    const struct coco_files files = {folder->reading, path, has_usage ? usage_of_name(path_base(path)) : NULL,
                                     folder, find};
    bool is_done = format_file_open(folder->reading->roots, path, &file, err) &&
                   format_coco_read(format_file_feed, file.reader, &files, folder->sink, err);
    format_file_release(&file);
    return is_done;
}

static bool read_folder(struct coco_folder *folder, const char *path, bool *ret_any, struct error *err)
{
    struct format_look look;
    if (!format_look_at(folder->reading->roots, path, folder->arena, &look, err))
        return false;
    for (size_t i = 0; i < look.name_count; i++) {
        if (!text_ends_with(look.names[i], ".json"))
            continue;
        const char *file = path_join(folder->arena, path, look.names[i]);
        *ret_any = true;
        if (!file)
            return error_no_memory(err);
        if (!read_file(folder, file, true, err))
            return false;
    }
    return true;
}

static bool read_path(struct coco_folder *folder, struct error *err)
{
    const char *path = folder->reading->path;
    struct format_look look;
    bool is_any = false;
    if (!format_look_at(folder->reading->roots, path, folder->arena, &look, err))
        return false;
    if (!look.is_folder)
        return read_file(folder, path, true, err);
    const char *below = path_join(folder->arena, path, "annotations");
    if (!below)
        return error_no_memory(err);
    if (!(format_look_has(&look, "annotations/") ? read_folder(folder, below, &is_any, err)
                                                 : read_folder(folder, path, &is_any, err)))
        return false;
    return is_any || error_set_detail(err, DETAIL_PATH_NOT_FOUND, "there is no file *.json in %s", path);
}

static bool read_coco(const struct format_reading *reading, struct format_sink *sink, struct error *err)
{
    AUTO(arena) arena = arena_new(FORMAT_OWN_ARENA_BYTES);
    AUTO(store) root = NULL;
    if (!arena)
        return error_no_memory(err);
    if (!store_open_within(reading->roots, "/", false, &root, err))
        return false;
    struct coco_folder folder = {reading, sink, arena, root, NULL};
    return read_path(&folder, err);
}

const struct dataset_format format_coco = {
    .name = "coco",
    .title = "COCO",
    .summary =
        "A JSON file of `images`, `annotations` and `categories`; `bbox` is x, y, width, height in px, "
        "`iscrowd` 1 "
        "counts as difficult, `score` is the confidence. An image without annotations shows nothing. "
        "Segmentation and "
        "keypoints are not read. Read: the file, or every `*.json` of a folder, or of `annotations/` in it; "
        "a word "
        "like `train` in a file's name is the usage. Names begin beside the file, in the folder above, in "
        "`images/`, "
        "or in a folder of the file's name. Written: `annotations/instances.json` and `images/` (tree: "
        "`annotations/instances_train.json` …, `images/train/` …).",
    .holds =
        FORMAT_BOXES | FORMAT_USAGE | FORMAT_DIFFICULT | FORMAT_SCORE | FORMAT_NOTHING | FORMAT_ELSEWHERE,
    .fits = fits,
    .read = read_coco,
    .begin = coco_begin,
    .add = coco_add,
    .finish = coco_finish,
    .free = coco_free,
};
