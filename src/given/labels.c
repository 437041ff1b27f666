/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "given/given_reader.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS_FIRST = 256 };

/* Names found by a keyed hash, as they come from strangers. */
struct given_labels {
    struct arena *texts;
    const char **names; /* by provisional number */
    uint64_t *turns;    /* in which each was asked for last */
    uint64_t turn;      /* now; 0: none yet */
    uint32_t count, capacity;
    uint32_t *slots; /* number + 1; 0: free */
    uint32_t slot_count;
    bool is_closed;
    const char **settled; /* by final index; NULL until settled */
    uint32_t *indexes;    /* final index by number */
    unsigned char key[crypto_shorthash_KEYBYTES];
};

struct given_labels *given_labels_new(void)
{
    AUTO(given_labels) labels = calloc(1, sizeof(*labels));
    if (!labels)
        return NULL;
    randombytes_buf(labels->key, sizeof(labels->key));
    labels->texts = arena_new(GIVEN_LABELS_MAX_BYTES);
    labels->slot_count = SLOTS_FIRST;
    labels->slots = calloc(SLOTS_FIRST, sizeof(*labels->slots));
    if (!labels->texts || !labels->slots)
        return NULL;
    return TAKE(labels);
}

struct given_labels *given_labels_free(struct given_labels *labels)
{
    if (!labels)
        return NULL;
    labels->texts = arena_free(labels->texts);
    free(labels->names);
    free(labels->turns);
    free(labels->slots);
    free(labels->settled);
    free(labels->indexes);
    free(labels);
    return NULL;
}

/* The slot that holds the name, or the free one where it belongs. */
static uint32_t *slot_of(const struct given_labels *labels, const char *name)
{
    uint64_t hash;
    unsigned char bytes[crypto_shorthash_BYTES];
    (void)crypto_shorthash(bytes, (const unsigned char *)name, strlen(name), labels->key);
    memcpy(&hash, bytes, sizeof(hash));
    for (uint64_t at = hash;; at++) {
        uint32_t *slot = &labels->slots[at & (labels->slot_count - 1)];
        if (*slot == 0 || strcmp(labels->names[*slot - 1], name) == 0)
            return slot;
    }
}

static bool grow_slots(struct given_labels *labels)
{
    assert(labels->slot_count >= SLOTS_FIRST);
    uint32_t *slots = calloc((size_t)labels->slot_count * 2, sizeof(*slots));
    if (!slots)
        return false;
    free(labels->slots);
    labels->slots = slots;
    labels->slot_count *= 2;
    for (uint32_t i = 0; i < labels->count; i++)
        *slot_of(labels, labels->names[i]) = i + 1;
    return true;
}

static bool make_room(struct given_labels *labels)
{
    if (labels->count == labels->capacity) {
        uint32_t capacity = labels->capacity ? labels->capacity * 2 : SLOTS_FIRST;
        const char **names = realloc(labels->names, capacity * sizeof(*names));
        labels->names = names ? names : labels->names;
        uint64_t *turns = realloc(labels->turns, capacity * sizeof(*turns));
        labels->turns = turns ? turns : labels->turns;
        if (!names || !turns)
            return false;
        labels->capacity = capacity;
    }
    return labels->count * 2 < labels->slot_count || grow_slots(labels);
}

static bool add(struct given_labels *labels, const char *name, uint32_t *slot, struct error *err)
{
    if (labels->count == PREDICTION_CLASSES_MAX)
        return error_set(err, ERR_LIMIT, "there are more than %d labels", PREDICTION_CLASSES_MAX);
    const char *kept = arena_text(labels->texts, name);
    if (!kept)
        return error_set(err, ERR_LIMIT, "the labels take more than %d bytes", GIVEN_LABELS_MAX_BYTES);
    labels->names[labels->count] = kept;
    labels->turns[labels->count] = 0;
    *slot = ++labels->count;
    return true;
}

bool given_labels_take(struct given_labels *labels, const char *name, uint32_t *ret, struct error *err)
{
    size_t bytes = strlen(name);
    if (bytes == 0 || bytes > GIVEN_LABEL_MAX_BYTES)
        return error_set(err, bytes ? ERR_LIMIT : ERR_INVALID, "a label has %zu bytes; 1 to %d may be", bytes,
                         GIVEN_LABEL_MAX_BYTES);
    uint32_t *slot = slot_of(labels, name);
    if (*slot == 0 && labels->is_closed)
        return error_set(err, ERR_INVALID, "'%.100s' is not one of the %u labels that were given", name,
                         labels->count);
    if (*slot == 0) {
        if (!make_room(labels))
            return error_no_memory(err);
        slot = slot_of(labels, name);
        if (!add(labels, name, slot, err))
            return false;
    }
    *ret = *slot - 1;
    return true;
}

void given_labels_close(struct given_labels *labels)
{
    labels->is_closed = true;
}

bool given_labels_are_closed(const struct given_labels *labels)
{
    return labels->is_closed;
}

void given_labels_turn(struct given_labels *labels)
{
    labels->turn++;
}

bool given_labels_first(struct given_labels *labels, uint32_t number)
{
    bool is_first = labels->turns[number] != labels->turn;
    labels->turns[number] = labels->turn;
    return is_first;
}

static bool take_line(struct given_labels *labels, const char *line, uint32_t number, struct error *err)
{
    uint32_t taken = 0;
    if (!text_is_utf8(line, strlen(line)))
        return error_set(err, ERR_INVALID, "it is not UTF-8");
    return given_labels_take(labels, line, &taken, err) &&
           (taken == number ||
            error_set(err, ERR_INVALID, "the label '%.100s' is there already, in line %u", line, taken + 1));
}

bool given_labels_read(struct given_labels *labels, const char *path, struct error *err)
{
    AUTO_BUFFER(text, GIVEN_LABELS_MAX_BYTES);
    if (!file_read(path, &text, err))
        return error_wrap(err, "the labels");
    char *at = text.data, *end = at ? at + text.size : NULL; /* NULL: nothing is in it */
    for (uint32_t number = 0; at < end; number++) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        char *next = stop < end ? stop + 1 : end;
        if (stop > at && stop[-1] == '\r')
            stop--;
        *stop = '\0';
        if (!take_line(labels, at, number, err))
            return error_wrap(err, "line %u of the labels %s", number + 1, path);
        at = next;
    }
    if (labels->count == 0)
        return error_set(err, ERR_INVALID, "the labels %s are empty; line n names class n", path);
    labels->is_closed = true;
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool given_labels_settle(struct given_labels *labels, struct error *err)
{
    if (labels->count == 0)
        return error_set(err, ERR_INVALID,
                         "no prediction names a label; give all of them with --labels FILE");
    labels->settled = calloc(labels->count, sizeof(*labels->settled));
    labels->indexes = calloc(labels->count, sizeof(*labels->indexes));
    if (!labels->settled || !labels->indexes)
        return error_no_memory(err);
    memcpy(labels->settled, labels->names, labels->count * sizeof(*labels->settled));
    if (!labels->is_closed)
        qsort(labels->settled, labels->count, sizeof(*labels->settled), compare_names);
    for (uint32_t i = 0; i < labels->count; i++)
        labels->indexes[*slot_of(labels, labels->settled[i]) - 1] = i;
    labels->is_closed = true;
    return true;
}

uint32_t given_labels_count(const struct given_labels *labels)
{
    return labels->count;
}

const char *const *given_labels_names(const struct given_labels *labels)
{
    return labels->settled;
}

uint32_t given_labels_index(const struct given_labels *labels, uint32_t number)
{
    return labels->indexes[number];
}

const char *given_labels_name(const struct given_labels *labels, uint32_t number)
{
    return labels->names[number];
}
