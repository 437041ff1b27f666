/* SPDX-License-Identifier: Apache-2.0 */
/* A database with a model, and services in it. Include after test.h. */
#ifndef TESTS_SERVICE_FIXTURE_H
#define TESTS_SERVICE_FIXTURE_H

#include "service/service.h"

#include "temp_folder.h"
#include "test_database.h"

#include <stdlib.h>
#include <string.h>

#define FIXTURE __attribute__((unused)) static
enum { FIXTURE_ARENA_BYTES = 64 * 1024 * 1024 };

struct fixture {
    struct db *db;
    struct store *data;
    char folder[TEMP_PATH_BYTES];
    struct arena *arena;
    struct error err;
};

FIXTURE int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    assert_non_null(fixture->arena = arena_new(FIXTURE_ARENA_BYTES));
    temp_folder_make(fixture->folder);
    if (!store_open(fixture->folder, false, &fixture->data, &fixture->err) ||
        !test_database_open(&fixture->db, &fixture->err) || !db_migrate(fixture->db, &fixture->err) ||
        !db_exec(
            fixture->db,
            "INSERT INTO model (id, project_id, name, version, model_type, object_key, content_hash, "
            "card_json, created_ms) VALUES ('m', '0', 'net', '1', 'image_classification', 'k', 'h', '{}', "
            "0)",
            DB_NO_ARGS, NULL, &fixture->err))
        fail_msg("%s", fixture->err.message);
    *state = fixture;
    return 0;
}

FIXTURE int tear_down(void **state)
{
    struct fixture *fixture = *state;
    (void)db_free(fixture->db);
    (void)store_free(fixture->data);
    temp_folder_remove(fixture->folder);
    (void)arena_free(fixture->arena);
    free(fixture);
    return 0;
}

FIXTURE struct service service_named(const char *name)
{
    return (struct service){.project_id = "0",
                            .name = name,
                            .description = "",
                            .model_id = "m",
                            .input_url = "/in",
                            .output_url = "/out",
                            .settings_json = "{\"threads\":2}"};
}

FIXTURE bool create(struct fixture *fixture, const struct service *wanted, struct service *ret)
{
    fixture->err = (struct error){0};
    return service_create(fixture->db, fixture->arena, wanted, ret, &fixture->err);
}

FIXTURE struct service make_service(struct fixture *fixture, const char *name)
{
    const struct service wanted = service_named(name);
    struct service service = {0};
    if (!create(fixture, &wanted, &service))
        fail_msg("%s", fixture->err.message);
    return service;
}

FIXTURE struct service find(struct fixture *fixture, const char *reference)
{
    struct service service = {0};
    if (!service_find(fixture->db, "0", fixture->arena, reference, &service, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return service;
}

FIXTURE void change(struct fixture *fixture, const char *id, enum service_event event)
{
    if (!service_change(fixture->db, id, event, NULL, &fixture->err))
        fail_msg("%s", fixture->err.message);
}

#endif
