/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/split.h"

#include "dataset/value_set.h"

#include <stdlib.h>
#include <string.h>

/* Strata: two of their own, then one for each class by its number. */
enum {
    STRATUM_NOTHING,
    STRATUM_MULTI,
    STRATUM_FIRST_CLASS,
    STRATA_MAX = STRATUM_FIRST_CLASS + VALUE_SET_MAX
};
enum { FIRST_CAPACITY = 1024 };

struct member {
    uint64_t key;
    uint32_t stratum;
};
struct split {
    double ratio;
    uint64_t seed;
    struct value_set classes;
    uint64_t *carriers; /* labeled samples with the class, by its number */
    uint64_t *last;     /* of each stratum the largest key that is for training */
    bool *has_training; /* of each stratum: `last` counts */
    struct member *members;
    size_t count, capacity;
    uint64_t multi;
};

struct split *split_new(double ratio, uint64_t seed)
{
    struct split *split = calloc(1, sizeof(*split));
    if (!split)
        return NULL;
    split->ratio = ratio;
    split->seed = seed;
    split->carriers = calloc(VALUE_SET_MAX, sizeof(*split->carriers));
    split->last = calloc(STRATA_MAX, sizeof(*split->last));
    split->has_training = calloc(STRATA_MAX, sizeof(*split->has_training));
    return split->carriers && split->last && split->has_training ? split : split_free(split);
}

struct split *split_free(struct split *split)
{
    if (!split)
        return NULL;
    value_set_release(&split->classes);
    free(split->carriers);
    free(split->last);
    free(split->has_training);
    free(split->members);
    free(split);
    return NULL;
}

/* A place in an order that seed and id make and nobody can foresee. */
static uint64_t key_of(const struct split *split, const struct sample *sample)
{
    char hex[HASH_HEX_BYTES], *end = NULL;
    struct hash hash;
    hash_start(&hash);
    hash_add(&hash, &split->seed, sizeof(split->seed));
    hash_add_text(&hash, sample->id);
    hash_finish(&hash, hex);
    hex[16] = '\0';
    return strtoull(hex, &end, 16);
}

/* Boxes of one class are one class. */
static bool is_named_before(const struct sample *sample, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(sample->annotations[i].name, sample->annotations[at].name) == 0)
            return true;
    return false;
}

/* A class that nobody had when the split was made counts with those of several. */
static uint32_t stratum_of(const struct split *split, const struct sample *sample)
{
    const char *first = sample->annotation_count > 0 ? sample->annotations[0].name : NULL;
    if (!first)
        return STRATUM_NOTHING;
    for (size_t i = 1; i < sample->annotation_count; i++)
        if (strcmp(sample->annotations[i].name, first) != 0)
            return STRATUM_MULTI;
    uint32_t number = value_set_find(&split->classes, first);
    return number == VALUE_NONE ? STRATUM_MULTI : STRATUM_FIRST_CLASS + number;
}

static bool count_classes(struct split *split, const struct sample *sample, struct error *err)
{
    for (size_t i = 0; i < sample->annotation_count; i++) {
        uint32_t number = 0;
        if (is_named_before(sample, i))
            continue;
        if (!value_set_need(&split->classes, sample->annotations[i].name, &number, err))
            return false;
        split->carriers[number]++;
    }
    return true;
}

static bool make_room(struct split *split, struct error *err)
{
    if (split->count < split->capacity)
        return true;
    if (split->count >= SPLIT_SAMPLES_MAX)
        return error_set(err, ERR_LIMIT, "at most %d labeled samples are split", SPLIT_SAMPLES_MAX);
    size_t wanted = split->capacity == 0 ? FIRST_CAPACITY : 2 * split->capacity;
    wanted = wanted < SPLIT_SAMPLES_MAX ? wanted : SPLIT_SAMPLES_MAX;
    struct member *grown = realloc(split->members, wanted * sizeof(*grown));
    if (!grown)
        return error_no_memory(err);
    split->members = grown;
    split->capacity = wanted;
    return true;
}

bool split_add(struct split *split, const struct sample *sample, bool takes_part, struct error *err)
{
    if (!count_classes(split, sample, err))
        return false;
    uint32_t stratum = stratum_of(split, sample);
    split->multi += stratum == STRATUM_MULTI;
    if (!takes_part)
        return true;
    if (!make_room(split, err))
        return false;
    split->members[split->count++] = (struct member){key_of(split, sample), stratum};
    return true;
}

static int by_stratum(const void *a, const void *b)
{
    const struct member *one = a, *other = b;
    if (one->stratum != other->stratum)
        return one->stratum < other->stratum ? -1 : 1;
    return (one->key > other->key) - (one->key < other->key);
}

static bool check(const struct split *split, struct error *err)
{
    const char *poor = NULL;
    uint64_t has = 0;
    for (uint32_t i = 0; i < split->classes.count; i++) {
        const char *name = split->classes.values[i].name;
        if (split->carriers[i] >= SPLIT_LABEL_SAMPLES_MIN || (poor && strcmp(poor, name) < 0))
            continue;
        poor = name;
        has = split->carriers[i];
    }
    if (poor)
        return error_set_detail(err, DETAIL_SPLIT_IMPOSSIBLE,
                                "a split needs at least %d labeled samples of each label, and '%s' has %llu",
                                SPLIT_LABEL_SAMPLES_MIN, poor, (unsigned long long)has);
    if (split->multi > 0 && split->multi < SPLIT_MULTI_SAMPLES_MIN)
        return error_set_detail(err, DETAIL_SPLIT_IMPOSSIBLE,
                                "a split needs at least %d samples with several labels where there is any, "
                                "and there is %llu",
                                SPLIT_MULTI_SAMPLES_MIN, (unsigned long long)split->multi);
    return true;
}

/* How many of so many are for training. */
static size_t training_of(double ratio, size_t count)
{
    size_t wanted = (size_t)(ratio * (double)count + 0.5);
    if (count < 2)
        return count;
    if (wanted < 1)
        return 1;
    return wanted < count ? wanted : count - 1;
}

bool split_settle(struct split *split, struct error *err)
{
    if (!check(split, err))
        return false;
    if (split->count > 0)
        qsort(split->members, split->count, sizeof(*split->members), by_stratum);
    for (size_t i = 0; i < split->count;) {
        uint32_t stratum = split->members[i].stratum;
        size_t end = i;
        while (end < split->count && split->members[end].stratum == stratum)
            end++;
        size_t training = training_of(split->ratio, end - i);
        split->has_training[stratum] = training > 0;
        split->last[stratum] = split->members[i + training - 1].key;
        i = end;
    }
    return true;
}

const char *split_usage(const struct split *split, const struct sample *sample)
{
    uint32_t stratum = stratum_of(split, sample);
    bool is_training = !split->has_training[stratum] || key_of(split, sample) <= split->last[stratum];
    return is_training ? "TRAIN" : "EVAL";
}
