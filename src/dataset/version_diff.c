/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/version_diff.h"

#include "base/path.h"
#include "manifest/voc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_ARENA_BYTES = MANIFEST_ARENA_BYTES + VOC_ARENA_BYTES + 64 * 1024 * 1024 };

/* One of the two manifests, at one of its lines. */
struct side {
    struct store *data;
    const struct dataset_version *version;
    struct arena *arena; /* of the line */
    struct store_reader *reader;
    struct manifest_lines *lines;
    struct buffer file;
    bool is_over;
    struct manifest_sample line;
    char last_id[HASH_HEX_BYTES];
    bool is_read;                 /* the following are filled */
    struct param_list labels;     /* each once, in order */
    char content[HASH_HEX_BYTES]; /* hash of what it is labeled with */
};
struct diffing {
    const struct version_diff_request *request;
    struct arena *arena;
    struct side sides[2]; /* before, after */
    struct version_diff *diff;
    size_t class_room;
};

const char *version_change_name(enum version_change_kind kind)
{
    static const char *const names[VERSION_CHANGE_COUNT] = {"added", "removed", "relabelled", "usage"};
    return names[kind];
}

/* ---- one side ---- */

static bool read_piece(void *state, void *into, size_t capacity, size_t *ret_bytes, struct error *err)
{
    return store_read_some(state, into, capacity, ret_bytes, err);
}

static bool open_side(struct side *side, struct store *data, const struct dataset_version *version,
                      struct error *err)
{
    side->data = data;
    side->version = version;
    side->arena = arena_new(LINE_ARENA_BYTES);
    buffer_init(&side->file, VOC_FILE_MAX_BYTES);
    return (side->arena || error_no_memory(err)) &&
           store_read_start(data, version->manifest_key, &side->reader, err) &&
           manifest_lines_new(read_piece, side->reader, &side->lines, err);
}

static void close_side(struct side *side)
{
    side->lines = manifest_lines_free(side->lines);
    side->reader = store_reader_free(side->reader);
    side->arena = arena_free(side->arena);
    buffer_release(&side->file);
}

static bool next_line(struct side *side, struct error *err)
{
    struct bytes text;
    uint64_t number = 0;
    arena_reset(side->arena);
    side->is_read = false;
    if (!manifest_lines_next(side->lines, &text, &number, err))
        return error_wrap(err, "the manifest of version '%s'", side->version->name);
    side->is_over = text.data == NULL;
    if (side->is_over)
        return true;
    if (!manifest_line_read(text, side->arena, &side->line, err))
        return error_wrap(err, "line %llu of the manifest of version '%s'", (unsigned long long)number,
                          side->version->name);
    const char *id = side->line.id;
    if (!id || strlen(id) != HASH_HEX_BYTES - 1 || strcmp(id, side->last_id) <= 0)
        return error_set(err, ERR_INVALID,
                         "line %llu of the manifest of version '%s' is not behind the one before it: it was "
                         "changed since it was published",
                         (unsigned long long)number, side->version->name);
    memcpy(side->last_id, id, sizeof(side->last_id));
    return true;
}

/* ---- what a line is labeled with ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* `names` is sorted, and afterwards holds each once. */
static struct param_list each_once(const char **names, size_t count)
{
    size_t kept = 0;
    if (count > 1)
        qsort(names, count, sizeof(*names), by_text);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || strcmp(names[kept - 1], names[i]) != 0)
            names[kept++] = names[i];
    return (struct param_list){names, kept};
}

/* The file with this name beside the manifest, where publishing put it. */
static bool read_boxes(struct side *side, const char *loc, struct voc *ret, struct error *err)
{
    const char *folder = path_folder(side->arena, side->version->manifest_key);
    const char *key = folder ? arena_printf(side->arena, "%s/annotation/%s", folder, path_base(loc)) : NULL;
    if (!key)
        return error_no_memory(err);
    return store_get(side->data, key, &side->file, err) &&
           voc_read((struct bytes){side->file.data, side->file.size}, side->arena, ret, err);
}

static void hash_object(struct hash *hash, const struct voc_object *object)
{
    hash_add_text(hash, object->name);
    hash_add_text(hash, voc_shape_name(object->shape.kind));
    for (size_t i = 0; i < object->shape.count; i++)
        hash_add(hash, &object->shape.values[i], sizeof(object->shape.values[i]));
    hash_add_text(hash, "");
}

static bool read_content(struct side *side, struct error *err)
{
    const struct manifest_sample *line = &side->line;
    bool has_file = line->annotation_count == 1 && line->annotations[0].annotation_loc;
    struct voc voc = {0};
    struct hash hash;
    if (side->is_read)
        return true;
    if (has_file && !read_boxes(side, line->annotations[0].annotation_loc, &voc, err))
        return error_wrap(err, "the boxes of sample '%s' in version '%s'", line->id, side->version->name);
    size_t count = has_file ? voc.object_count : line->annotation_count;
    const char **names = arena_array(side->arena, count + 1, sizeof(*names));
    if (!names)
        return error_no_memory(err);
    hash_start(&hash);
    hash_add_text(&hash, line->annotation_count > 0 ? "labeled" : "");
    for (size_t i = 0; i < count; i++) {
        const char *name = has_file ? voc.objects[i].name : line->annotations[i].name;
        names[i] = name ? name : "";
        if (has_file)
            hash_object(&hash, &voc.objects[i]);
    }
    side->labels = each_once(names, count);
    for (size_t i = 0; i < side->labels.count && !has_file; i++)
        hash_add_text(&hash, side->labels.items[i]);
    hash_finish(&hash, side->content);
    side->is_read = true;
    return true;
}

/* The same file: its name is made of its content. */
static bool have_same_file(const struct side *one, const struct side *other)
{
    const struct manifest_sample *a = &one->line, *b = &other->line;
    if (a->annotation_count != 1 || b->annotation_count != 1)
        return false;
    const char *left = a->annotations[0].annotation_loc, *right = b->annotations[0].annotation_loc;
    return left && right && strcmp(path_base(left), path_base(right)) == 0;
}

/* ---- classes ---- */

static bool grow_classes(struct diffing *diffing, struct error *err)
{
    struct version_diff *diff = diffing->diff;
    if (diff->class_count >= VERSION_DIFF_CLASSES_MAX)
        return error_set(err, ERR_LIMIT, "the two versions differ in more than %d classes",
                         VERSION_DIFF_CLASSES_MAX);
    if (diff->class_count < diffing->class_room)
        return true;
    size_t room = diffing->class_room == 0 ? 64 : 2 * diffing->class_room;
    struct version_class *grown = arena_array(diffing->arena, room, sizeof(*grown));
    if (!grown)
        return error_no_memory(err);
    if (diff->class_count > 0)
        memcpy(grown, diff->classes, diff->class_count * sizeof(*grown));
    diff->classes = grown;
    diffing->class_room = room;
    return true;
}

static bool find_class(struct diffing *diffing, const char *name, struct version_class **ret,
                       struct error *err)
{
    struct version_diff *diff = diffing->diff;
    size_t low = 0, high = diff->class_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(diff->classes[middle].name, name);
        if (order == 0) {
            *ret = &diff->classes[middle];
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    char *copy = arena_text(diffing->arena, name);
    if (!copy)
        return error_no_memory(err);
    if (!grow_classes(diffing, err))
        return false;
    memmove(&diff->classes[low + 1], &diff->classes[low], (diff->class_count - low) * sizeof(*diff->classes));
    diff->classes[low] = (struct version_class){.name = copy};
    diff->class_count++;
    *ret = &diff->classes[low];
    return true;
}

static bool has_label(struct param_list labels, const char *name)
{
    for (size_t i = 0; i < labels.count; i++)
        if (strcmp(labels.items[i], name) == 0)
            return true;
    return false;
}

static bool count_classes(struct diffing *diffing, struct param_list before, struct param_list after,
                          struct error *err)
{
    struct version_class *found = NULL;
    for (size_t i = 0; i < before.count; i++) {
        if (has_label(after, before.items[i]))
            continue;
        if (!find_class(diffing, before.items[i], &found, err))
            return false;
        found->lost++;
    }
    for (size_t i = 0; i < after.count; i++) {
        if (has_label(before, after.items[i]))
            continue;
        if (!find_class(diffing, after.items[i], &found, err))
            return false;
        found->gained++;
    }
    return true;
}

/* ---- changes ---- */

static bool keep_labels(struct arena *arena, struct param_list labels, struct param_list *ret)
{
    const char **kept = arena_array(arena, labels.count + 1, sizeof(*kept));
    for (size_t i = 0; kept && i < labels.count; i++) {
        kept[i] = arena_text(arena, labels.items[i]);
        if (!kept[i])
            return false;
    }
    *ret = (struct param_list){kept, labels.count};
    return kept != NULL;
}

static bool list_change(struct diffing *diffing, const struct version_change *seen, struct error *err)
{
    const struct version_diff_request *request = diffing->request;
    struct version_diff *diff = diffing->diff;
    struct arena *arena = diffing->arena;
    if ((request->kind >= 0 && request->kind != (int)seen->kind) ||
        (request->from && strcmp(seen->id, request->from) <= 0))
        return true;
    if (diff->change_count == request->limit) {
        diff->has_more = true;
        return true;
    }
    struct version_change *change = &diff->changes[diff->change_count];
    *change = (struct version_change){.kind = seen->kind,
                                      .id = arena_text(arena, seen->id),
                                      .source = arena_text(arena, seen->source),
                                      .usage_before = seen->usage_before,
                                      .usage_after = seen->usage_after};
    if (!change->id || !change->source || !keep_labels(arena, seen->labels_before, &change->labels_before) ||
        !keep_labels(arena, seen->labels_after, &change->labels_after))
        return error_no_memory(err);
    diff->change_count++;
    return true;
}

/* `before` or `after` NULL: the sample is not in it. */
static bool note(struct diffing *diffing, enum version_change_kind kind, struct side *before,
                 struct side *after, struct error *err)
{
    const struct manifest_sample *line = after ? &after->line : &before->line;
    struct version_change change = {.kind = kind, .id = line->id, .source = line->source};
    if ((before && !read_content(before, err)) || (after && !read_content(after, err)))
        return false;
    if (before) {
        change.labels_before = before->labels;
        change.usage_before = manifest_usage(before->line.usage);
    }
    if (after) {
        change.labels_after = after->labels;
        change.usage_after = manifest_usage(after->line.usage);
    }
    diffing->diff->counts[kind]++;
    return count_classes(diffing, change.labels_before, change.labels_after, err) &&
           list_change(diffing, &change, err);
}

static bool is_same_usage(const char *one, const char *other)
{
    const char *a = manifest_usage(one), *b = manifest_usage(other);
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Both stand at the same sample. */
static bool compare(struct diffing *diffing, struct error *err)
{
    struct side *before = &diffing->sides[0], *after = &diffing->sides[1];
    bool is_relabelled = false;
    if (!have_same_file(before, after)) {
        if (!read_content(before, err) || !read_content(after, err))
            return false;
        is_relabelled = strcmp(before->content, after->content) != 0;
    }
    if (is_relabelled)
        return note(diffing, VERSION_RELABELLED, before, after, err);
    if (!is_same_usage(before->line.usage, after->line.usage))
        return note(diffing, VERSION_USAGE, before, after, err);
    diffing->diff->unchanged++;
    return true;
}

static bool walk(struct diffing *diffing, struct error *err)
{
    struct side *before = &diffing->sides[0], *after = &diffing->sides[1];
    if (!next_line(before, err) || !next_line(after, err))
        return false;
    while (!before->is_over || !after->is_over) {
        int order = 0;
        if (before->is_over || after->is_over)
            order = before->is_over ? 1 : -1;
        else
            order = strcmp(before->line.id, after->line.id);
        bool is_done = order < 0   ? note(diffing, VERSION_REMOVED, before, NULL, err)
                       : order > 0 ? note(diffing, VERSION_ADDED, NULL, after, err)
                                   : compare(diffing, err);
        if (!is_done || (order <= 0 && !next_line(before, err)) || (order >= 0 && !next_line(after, err)))
            return false;
    }
    return true;
}

bool version_diff(const struct version_diff_request *request, struct arena *arena, struct version_diff *ret,
                  struct error *err)
{
    struct version_diff diff = {0};
    struct diffing diffing = {.request = request, .arena = arena, .diff = &diff};
    assert(request->limit <= VERSION_DIFF_PAGE_MAX);
    diff.changes = arena_array(arena, request->limit + 1, sizeof(*diff.changes));
    if (!diff.changes)
        return error_no_memory(err);
    bool is_done = open_side(&diffing.sides[0], request->data, request->before, err) &&
                   open_side(&diffing.sides[1], request->data, request->after, err) && walk(&diffing, err);
    close_side(&diffing.sides[0]);
    close_side(&diffing.sides[1]);
    if (is_done)
        *ret = diff;
    return is_done;
}
