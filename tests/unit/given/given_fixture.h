/* SPDX-License-Identifier: Apache-2.0 */
/* Predictions from memory, and a sink that keeps what it is given. Include after test.h. */
#ifndef TESTS_GIVEN_FIXTURE_H
#define TESTS_GIVEN_FIXTURE_H

#include "given/given_reader.h"
#include "temp_folder.h"

#define FIXTURE __attribute__((unused)) static

enum { KEPT_MAX = 8, FEED_STEP = 7, GIVEN_TEST_ARENA_BYTES = 256 * 1024 * 1024 };

struct kept {
    char name[64], error[64];
    struct given_image image;
    struct given_box boxes[4];
    struct given_score scores[4];
};
struct fixture {
    char folder[TEMP_PATH_BYTES];
    struct arena *arena;
    struct given_labels *labels;
    struct given_sink sink;
    struct kept kept[KEPT_MAX];
    size_t count;
    struct error err;
};

FIXTURE bool keep(void *state, const struct given_image *image, struct error *err)
{
    struct fixture *fixture = state;
    (void)err;
    struct kept *kept = &fixture->kept[fixture->count++ % KEPT_MAX];
    *kept = (struct kept){.image = *image};
    (void)snprintf(kept->name, sizeof(kept->name), "%s", image->name);
    (void)snprintf(kept->error, sizeof(kept->error), "%s", image->error ? image->error : "");
    for (uint32_t i = 0; i < image->box_count && i < 4; i++)
        kept->boxes[i] = image->boxes[i];
    for (uint32_t i = 0; i < image->score_count && i < 4; i++)
        kept->scores[i] = image->scores[i];
    return true;
}

FIXTURE int given_setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    temp_folder_make(fixture->folder);
    fixture->arena = arena_new(GIVEN_TEST_ARENA_BYTES);
    fixture->labels = given_labels_new();
    fixture->sink =
        (struct given_sink){.labels = fixture->labels, .state = fixture, .take = keep, .lowest_score = 1};
    *state = fixture;
    return 0;
}

FIXTURE int given_teardown(void **state)
{
    struct fixture *fixture = *state;
    temp_folder_remove(fixture->folder);
    given_labels_free(fixture->labels);
    arena_free(fixture->arena);
    free(fixture);
    return 0;
}

/* Bytes in small steps, so that everything lies across them. */
struct stream {
    const char *bytes;
    size_t left, step;
};
FIXTURE bool feed(void *state, void *into, size_t capacity, size_t *ret_bytes, struct error *err)
{
    struct stream *stream = state;
    (void)err;
    size_t bytes = stream->left < stream->step ? stream->left : stream->step;
    bytes = bytes < capacity ? bytes : capacity;
    memcpy(into, stream->bytes, bytes);
    stream->bytes += bytes;
    stream->left -= bytes;
    *ret_bytes = bytes;
    return true;
}
FIXTURE struct stream stream_of(const char *text)
{
    return (struct stream){text, strlen(text), FEED_STEP};
}

FIXTURE void assert_error(struct fixture *fixture, bool is_ok, enum error_code code, const char *words)
{
    assert_false(is_ok);
    if (fixture->err.code != code || !strstr(fixture->err.message, words))
        fail_msg("'%s' (%d) does not say '%s' (%d)", fixture->err.message, fixture->err.code, words, code);
}
FIXTURE void assert_done(struct fixture *fixture, bool is_ok)
{
    if (!is_ok)
        fail_msg("%s", fixture->err.message);
}

FIXTURE const char *put(struct fixture *fixture, const char *name, struct bytes bytes)
{
    const char *path = arena_printf(fixture->arena, "%s/%s", fixture->folder, name);
    struct store *store = NULL;
    assert_done(fixture, store_open(fixture->folder, true, &store, &fixture->err));
    assert_done(fixture, store_put(store, name, bytes, &fixture->err));
    (void)store_free(store);
    return path;
}
FIXTURE const char *put_text(struct fixture *fixture, const char *name, const char *text)
{
    return put(fixture, name, (struct bytes){text, strlen(text)});
}

#endif
