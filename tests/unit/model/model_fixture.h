/* SPDX-License-Identifier: Apache-2.0 */
/* A database, a store in a temporary folder, and files to import. Include after test.h. */
#ifndef TESTS_MODEL_FIXTURE_H
#define TESTS_MODEL_FIXTURE_H

#include "model/model.h"
#include "temp_folder.h"
#include "test_database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIXTURE __attribute__((unused)) static
enum { FIXTURE_ARENA_BYTES = 256 * 1024 * 1024, FIXTURE_PATH_BYTES = TEMP_PATH_BYTES + 100 };

struct fixture {
    char folder[TEMP_PATH_BYTES], data[FIXTURE_PATH_BYTES];
    struct db *db;
    struct store *store;
    struct arena *arena;
    struct error err;
    /* of the last import */
    struct model model;
    struct model_guess *guesses;
    size_t guess_count;
};

FIXTURE int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    temp_folder_make(fixture->folder);
    (void)snprintf(fixture->data, sizeof(fixture->data), "%s/data", fixture->folder);
    assert_non_null(fixture->arena = arena_new(FIXTURE_ARENA_BYTES));
    if (!test_database_open(&fixture->db, &fixture->err) || !db_migrate(fixture->db, &fixture->err) ||
        !store_open(fixture->data, true, &fixture->store, &fixture->err))
        fail_msg("%s", fixture->err.message);
    *state = fixture;
    return 0;
}

FIXTURE int tear_down(void **state)
{
    struct fixture *fixture = *state;
    (void)db_free(fixture->db);
    (void)store_free(fixture->store);
    (void)arena_free(fixture->arena);
    temp_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

/* Writes a file into the fixture's folder; the path lives in the arena. */
FIXTURE const char *write_file(struct fixture *fixture, const char *name, struct bytes bytes)
{
    const char *path = arena_printf(fixture->arena, "%s/%s", fixture->folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.data, 1, bytes.size, file), bytes.size);
    assert_int_equal(fclose(file), 0);
    return path;
}

FIXTURE const char *write_text(struct fixture *fixture, const char *name, const char *text)
{
    return write_file(fixture, name, (struct bytes){text, strlen(text)});
}

FIXTURE bool import_model(struct fixture *fixture, const struct model_import *request)
{
    fixture->err = (struct error){0};
    struct model_imported imported = {0};
    if (!model_import(fixture->db, fixture->store, fixture->arena, request, &imported, &fixture->err))
        return false;
    fixture->model = imported.model;
    fixture->guesses = imported.guesses;
    fixture->guess_count = imported.guess_count;
    return true;
}

FIXTURE void assert_imported(struct fixture *fixture, const struct model_import *request)
{
    if (!import_model(fixture, request))
        fail_msg("%s", fixture->err.message);
}

/* A model for the real engine, which may not be here. */
FIXTURE void assert_imported_or_skip(struct fixture *fixture, const struct model_import *request)
{
    if (import_model(fixture, request))
        return;
    if (strstr(fixture->err.message, "not installed"))
        skip();
    fail_msg("%s", fixture->err.message);
}

FIXTURE void assert_says(const struct error *err, const char *words)
{
    if (!strstr(err->message, words))
        fail_msg("'%s' does not say '%s'", err->message, words);
}

/* The row of a member in the last import's guesses. */
FIXTURE const struct model_guess *guess_of(const struct fixture *fixture, const char *field)
{
    for (size_t i = 0; i < fixture->guess_count; i++)
        if (strcmp(fixture->guesses[i].field, field) == 0)
            return &fixture->guesses[i];
    fail_msg("nothing was said of %s", field);
    static const struct model_guess nothing = {"", "", "", false};
    return &nothing;
}

FIXTURE void assert_guessed(const struct fixture *fixture, const char *field, const char *value,
                            const char *why)
{
    const struct model_guess *guess = guess_of(fixture, field);
    if (strcmp(guess->value, value) != 0 || !strstr(guess->why, why))
        fail_msg("%s: '%s' because '%s', expected '%s' because '%s'", field, guess->value, guess->why, value,
                 why);
}

/* A picture of the given size, another for each number. */
FIXTURE void make_picture(struct image *image, uint32_t width, uint32_t height, uint32_t number)
{
    struct error err = {0};
    uint32_t random = number * 2654435761u + 1;
    assert_true(image_resize_buffer(image, width, height, &err));
    for (size_t i = 0; i < (size_t)width * height * 3; i++) {
        random = random * 1664525u + 1013904223u;
        image->pixels[i] = (uint8_t)((random >> 25) + i * (number + 1) / (width * 3u) % 128);
    }
}

#endif
