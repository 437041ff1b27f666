/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/format.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 256, NAMES_MAX_BYTES = 256 * 1024 * 1024 };

struct format_labels {
    struct arena *texts;
    const char **names;
    uint32_t *slots; /* number + 1 by hash; 0: free */
    uint32_t count, slot_count;
};

struct format_labels *format_labels_new(void)
{
    struct format_labels *labels = calloc(1, sizeof(*labels));
    if (!labels)
        return NULL;
    labels->texts = arena_new(NAMES_MAX_BYTES);
    labels->slot_count = FIRST_SLOTS;
    labels->slots = calloc(FIRST_SLOTS, sizeof(*labels->slots));
    labels->names = calloc(FIRST_SLOTS, sizeof(*labels->names));
    if (!labels->texts || !labels->slots || !labels->names)
        return format_labels_free(labels);
    return labels;
}

struct format_labels *format_labels_free(struct format_labels *labels)
{
    if (!labels)
        return NULL;
    (void)arena_free(labels->texts);
    free(labels->slots);
    free(labels->names);
    free(labels);
    return NULL;
}

/* FNV-1a. The table is at most half full; labels that collide on purpose are limited in number. */
static uint32_t slot_of(const struct format_labels *labels, const char *name)
{
    uint32_t hash = 2166136261U;
    for (const char *at = name; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619U;
    uint32_t slot = hash % labels->slot_count;
    while (labels->slots[slot] && strcmp(labels->names[labels->slots[slot] - 1], name) != 0)
        slot = (slot + 1) % labels->slot_count;
    return slot;
}

bool format_labels_find(const struct format_labels *labels, const char *name, uint32_t *ret)
{
    uint32_t slot = slot_of(labels, name);
    if (!labels->slots[slot])
        return false;
    *ret = labels->slots[slot] - 1;
    return true;
}

static bool grow(struct format_labels *labels)
{
    uint32_t count = 2 * labels->slot_count;
    uint32_t *slots = calloc(count, sizeof(*slots));
    const char **names = slots ? realloc(labels->names, count * sizeof(*names)) : NULL;
    if (!names) {
        free(slots);
        return false;
    }
    free(labels->slots);
    labels->slots = slots;
    labels->names = names;
    labels->slot_count = count;
    for (uint32_t i = 0; i < labels->count; i++)
        labels->slots[slot_of(labels, names[i])] = i + 1;
    return true;
}

bool format_labels_add(struct format_labels *labels, const char *name, uint32_t *ret, struct error *err)
{
    if (format_labels_find(labels, name, ret))
        return true;
    if (labels->count == FORMAT_LABELS_MAX)
        return error_set(err, ERR_LIMIT, "there are more than %d labels", FORMAT_LABELS_MAX);
    if (2 * (labels->count + 1) > labels->slot_count && !grow(labels))
        return error_no_memory(err);
    const char *copy = arena_text(labels->texts, name);
    if (!copy)
        return error_no_memory(err);
    uint32_t slot = slot_of(labels, name);
    labels->names[labels->count] = copy;
    *ret = labels->count++;
    labels->slots[slot] = labels->count;
    return true;
}

const char *format_labels_name(const struct format_labels *labels, uint32_t number)
{
    return number < labels->count ? labels->names[number] : NULL;
}

uint32_t format_labels_count(const struct format_labels *labels)
{
    return labels->count;
}
