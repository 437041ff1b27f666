/* SPDX-License-Identifier: Apache-2.0 */
/* The backend contract: every test runs on each backend. */
#include "test.h"

#include "base/path.h"
#include "base/workers.h"
#include "store_fixture.h"

static void put_then_get_returns_the_same_bytes(void **state)
{
    struct fixture *fixture = *state;
    static const size_t sizes[] = {0, 1, 4096, 70000};
    AUTO(arena) arena = arena_new(100000);
    char *bytes = arena_alloc(arena, 70000);
    for (size_t i = 0; i < 70000; i++)
        bytes[i] = (char)(i * 7);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_true(store_put(fixture->store, "a/b/c.bin", (struct bytes){bytes, sizes[i]}, &fixture->err));
        assert_true(store_get(fixture->store, "a/b/c.bin", &fixture->buffer, &fixture->err));
        assert_int_equal(fixture->buffer.size, sizes[i]);
        assert_memory_equal(fixture->buffer.data, bytes, sizes[i]);
    }
}

static void fast_put_replaces_like_put(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "a/b", "a longer first version");
    assert_true(store_put_fast(fixture->store, "a/b", (struct bytes){"new", 3}, &fixture->err));
    assert_string_equal(get(fixture, "a/b"), "new");
    assert_true(store_flush(fixture->store, &fixture->err));
    assert_string_equal(list(fixture, "", NULL), "a/b\n");
}

static void unusual_names_pass_unharmed(void **state)
{
    static const char *const names[] = {
        " ",
        "a b",
        "quo\"te'",
        "-rf",
        "--",
        "\xC5\xBC\xC3\xB3\xC5\x82\xC4\x87",
        "\xE6\xBC\xA2",
        "bad\xFF\xFEutf8",
        "new\nline",
        "tab\t",
        "...",
        ".hidden",
        "back\\slash",
        "*?[x]",
        "$(x);&|",
        "%2e%2e",
        "~",
    };
    struct fixture *fixture = *state;
    char key[64];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        for (int in_folder = 0; in_folder < 2; in_folder++) {
            (void)snprintf(key, sizeof(key), in_folder ? "folder %s/%s" : "%s%.0s", names[i], names[i]);
            put(fixture, key, key);
            assert_string_equal(get(fixture, key), key);
            char line[80];
            (void)snprintf(line, sizeof(line), "%s\n", key);
            assert_non_null(strstr(list(fixture, "", NULL), line));
        }
    }
}

static void keys_that_leave_the_root_are_refused(void **state)
{
    static const char *const keys[] = {"",
                                       "/",
                                       "/etc/passwd",
                                       "..",
                                       "../x",
                                       "a/../../x",
                                       "a/..",
                                       ".",
                                       "./a",
                                       "a//b",
                                       "a/",
                                       STORE_RESERVED_PREFIX "x",
                                       "a/" STORE_RESERVED_PREFIX "b/c"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        AUTO(store_writer) writer = NULL;
        AUTO(store_reader) reader = NULL;
        struct store_stat stat;
        struct store_map map;
        bool is_there = false;
        assert_false(store_put(fixture->store, keys[i], (struct bytes){"x", 1}, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_INVALID);
        assert_false(store_put_fast(fixture->store, keys[i], (struct bytes){"x", 1}, &fixture->err));
        assert_false(store_get(fixture->store, keys[i], &fixture->buffer, &fixture->err));
        assert_false(store_stat(fixture->store, keys[i], &stat, &fixture->err));
        assert_false(store_exists(fixture->store, keys[i], &is_there, &fixture->err));
        assert_false(store_delete(fixture->store, keys[i], &fixture->err));
        assert_false(store_delete_below(fixture->store, keys[i], &fixture->err));
        assert_false(store_write_start(fixture->store, keys[i], &writer, &fixture->err));
        assert_false(store_read_start(fixture->store, keys[i], &reader, &fixture->err));
        assert_false(store_map(fixture->store, keys[i], &map, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_INVALID);
    }
}

static void the_longest_key_works_and_one_byte_more_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char key[PATH_MAX_BYTES + 1];
    for (size_t i = 0; i < PATH_MAX_BYTES; i++)
        key[i] = i % 100 == 99 ? '/' : 'k';
    key[PATH_MAX_BYTES - 1] = '\0';
    put(fixture, key, "far");
    assert_string_equal(get(fixture, key), "far");
    assert_true(store_delete_below(fixture->store,
                                   "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
                                   "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
                                   &fixture->err));
    assert_string_equal(get(fixture, key), "(none)");
    key[PATH_MAX_BYTES - 1] = 'k';
    key[PATH_MAX_BYTES] = '\0';
    assert_false(store_put(fixture->store, key, (struct bytes){"x", 1}, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
}

static void a_missing_object_is_not_found(void **state)
{
    struct fixture *fixture = *state;
    struct store_stat stat;
    struct store_map map;
    bool is_there = true;
    put(fixture, "folder/file", "x");
    static const char *const keys[] = {"nothing", "folder", "folder/other", "folder/file/below",
                                       "no/such/folder"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        AUTO(store_reader) reader = NULL;
        assert_string_equal(get(fixture, keys[i]), "(none)");
        assert_false(store_stat(fixture->store, keys[i], &stat, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
        assert_false(store_map(fixture->store, keys[i], &map, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
        assert_false(store_read_start(fixture->store, keys[i], &reader, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
        assert_true(store_exists(fixture->store, keys[i], &is_there, &fixture->err));
        assert_false(is_there);
        assert_true(store_delete(fixture->store, keys[i], &fixture->err));
    }
    assert_true(store_exists(fixture->store, "folder/file", &is_there, &fixture->err));
    assert_true(is_there);
}

static void an_object_beyond_the_limit_is_not_read(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(small, 10);
    put(fixture, "fits", "0123456789");
    put(fixture, "long", "0123456789a");
    assert_true(store_get(fixture->store, "fits", &small, &fixture->err));
    assert_string_equal(small.data, "0123456789");
    assert_false(store_get(fixture->store, "long", &small, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_LIMIT);
    assert_int_equal(small.size, 0);
}

static void stat_tells_size_and_time(void **state)
{
    struct fixture *fixture = *state;
    struct store_stat stat = {0};
    put(fixture, "a", "12345");
    assert_true(store_stat(fixture->store, "a", &stat, &fixture->err));
    assert_int_equal(stat.bytes, 5);
    assert_true(stat.modified_ms > 1500000000000);
}

static void a_folder_and_an_object_cannot_have_one_name(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "a/b", "x");
    assert_false(store_put(fixture->store, "a", (struct bytes){"x", 1}, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    assert_false(store_put(fixture->store, "a/b/c", (struct bytes){"x", 1}, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    assert_false(store_put(fixture->store, "a/b/c/d", (struct bytes){"x", 1}, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    assert_string_equal(list(fixture, "", NULL), "a/b\n");
    assert_string_equal(get(fixture, "a/b"), "x");
}

static void a_writer_shows_nothing_until_it_is_finished(void **state)
{
    struct fixture *fixture = *state;
    AUTO(store_writer) writer = NULL;
    put(fixture, "a", "old");
    assert_true(store_write_start(fixture->store, "a", &writer, &fixture->err));
    assert_true(store_write_add(writer, (struct bytes){"new ", 4}, &fixture->err));
    assert_true(store_write_add(writer, (struct bytes){NULL, 0}, &fixture->err));
    assert_true(store_write_add(writer, (struct bytes){"bytes", 5}, &fixture->err));
    assert_string_equal(get(fixture, "a"), "old");
    assert_string_equal(list(fixture, "", NULL), "a\n");
    assert_true(store_write_finish(writer, &fixture->err));
    assert_string_equal(get(fixture, "a"), "new bytes");
    writer = store_writer_free(writer);
    assert_string_equal(get(fixture, "a"), "new bytes");
}

static void an_unfinished_writer_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct store_writer *writer = NULL;
    assert_true(store_write_start(fixture->store, "x/a", &writer, &fixture->err));
    assert_true(store_write_add(writer, (struct bytes){"half", 4}, &fixture->err));
    writer = store_writer_free(writer);
    assert_string_equal(list(fixture, "", NULL), "");
    assert_string_equal(get(fixture, "x/a"), "(none)");
}

static void a_reader_keeps_the_version_it_began_with(void **state)
{
    struct fixture *fixture = *state;
    AUTO(store_reader) reader = NULL;
    char bytes[4];
    size_t got = 0;
    put(fixture, "a", "oldest");
    assert_true(store_read_start(fixture->store, "a", &reader, &fixture->err));
    assert_true(store_read_some(reader, bytes, sizeof(bytes), &got, &fixture->err));
    assert_int_equal(got, 4);
    put(fixture, "a", "another version");
    assert_true(store_read_some(reader, bytes, sizeof(bytes), &got, &fixture->err));
    assert_int_equal(got, 2);
    assert_memory_equal(bytes, "st", 2);
    assert_true(store_read_some(reader, bytes, sizeof(bytes), &got, &fixture->err));
    assert_int_equal(got, 0);
}

static void a_map_holds_the_bytes_until_released(void **state)
{
    struct fixture *fixture = *state;
    struct store_map map, empty;
    put(fixture, "a", "mapped bytes");
    put(fixture, "empty", "");
    assert_true(store_map(fixture->store, "a", &map, &fixture->err));
    assert_int_equal(map.is_mapped, fixture->backend.map != NULL);
    put(fixture, "a", "other");
    assert_true(store_delete(fixture->store, "a", &fixture->err));
    assert_int_equal(map.bytes.size, 12);
    assert_memory_equal(map.bytes.data, "mapped bytes", 12);
    store_map_release(&map);
    store_map_release(&map);
    assert_true(store_map(fixture->store, "empty", &empty, &fixture->err));
    assert_int_equal(empty.bytes.size, 0);
    store_map_release(&empty);
}

static void listing_is_in_byte_order_of_the_whole_key(void **state)
{
    static const char *const keys[] = {"a0",    "a/z",  "a.b",  "a/b/c",  "a-",  "B",
                                       "a/b.c", "a/b0", "\xFF", "b/\x01", "b/!", "a!/x"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        put(fixture, keys[i], "");
    assert_string_equal(list(fixture, "", NULL),
                        "B\na!/x\na-\na.b\na/b.c\na/b/c\na/b0\na/z\na0\nb/\x01\nb/!\n\xFF\n");
    assert_string_equal(list(fixture, "a", NULL), "a/b.c\na/b/c\na/b0\na/z\n");
    assert_string_equal(list(fixture, "a/b", NULL), "a/b/c\n");
    assert_string_equal(list(fixture, "a0", NULL), "");
    assert_string_equal(list(fixture, "nowhere/at/all", NULL), "");
}

struct counting {
    uint64_t seen, end_at;
    uint64_t bytes;
};

static bool count_some(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    struct counting *counting = state;
    counting->bytes += stat->bytes;
    if (++counting->seen == counting->end_at)
        return error_set(err, ERR_CANCELLED, "enough at %s", key);
    return true;
}

static void a_visitor_sees_sizes_and_can_end_the_listing(void **state)
{
    struct fixture *fixture = *state;
    struct counting counting = {0};
    for (char key[] = "n/0"; key[2] <= '9'; key[2]++)
        put(fixture, key, "1234");
    assert_true(store_list(fixture->store, "", count_some, &counting, NULL, &fixture->err));
    assert_int_equal(counting.seen, 10);
    assert_int_equal(counting.bytes, 40);
    counting = (struct counting){.end_at = 3};
    assert_false(store_list(fixture->store, "", count_some, &counting, NULL, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CANCELLED);
    assert_int_equal(counting.seen, 3);
}

static void folders_in_one_another_have_a_limit(void **state)
{
    struct fixture *fixture = *state;
    char key[4 * STORE_LIST_DEPTH_MAX] = "";
    for (int i = 0; i < STORE_LIST_DEPTH_MAX; i++)
        (void)strcat(key, "d/");
    (void)strcat(key, "f");
    put(fixture, key, "");
    struct counting counting = {0};
    assert_true(store_list(fixture->store, "", count_some, &counting, NULL, &fixture->err));
    assert_int_equal(counting.seen, 1);
    key[strlen(key) - 1] = '\0';
    (void)strcat(key, "d/f");
    put(fixture, key, "");
    assert_false(store_list(fixture->store, "", count_some, &counting, NULL, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_LIMIT);
}

static void delete_below_takes_the_key_and_what_is_under_it_only(void **state)
{
    static const char *const keys[] = {"a", "run/1/x", "run/1/y/z", "run/10", "run/1.txt", "run/2/x"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        put(fixture, keys[i], "");
    assert_true(store_delete_below(fixture->store, "run/1", &fixture->err));
    assert_string_equal(list(fixture, "", NULL), "a\nrun/1.txt\nrun/10\nrun/2/x\n");
    assert_true(store_delete_below(fixture->store, "a", &fixture->err));
    assert_true(store_delete_below(fixture->store, "nothing/here", &fixture->err));
    assert_string_equal(list(fixture, "", NULL), "run/1.txt\nrun/10\nrun/2/x\n");
}

enum { RACERS = 4, ROUNDS = 60, RACE_BYTES = 6000 };

/* All but worker 0 replace the object; worker 0 reads it: every read must be of one version. */
static bool race(void *state, uint32_t index, struct error *err)
{
    struct fixture *fixture = state;
    char bytes[RACE_BYTES];
    AUTO_BUFFER(seen, RACE_BYTES);
    memset(bytes, 'A' + (int)index, sizeof(bytes));
    for (int i = 0; i < ROUNDS; i++) {
        if (index != 0) {
            if (!store_put_fast(fixture->store, "race/object", (struct bytes){bytes, sizeof(bytes)}, err))
                return false;
            continue;
        }
        if (!store_get(fixture->store, "race/object", &seen, err))
            return false;
        bool is_whole =
            seen.size == sizeof(bytes) && strspn(seen.data, (char[]){seen.data[0], '\0'}) == seen.size;
        if (!is_whole)
            return error_set(err, ERR_FAILED, "a mixture of versions was read");
    }
    return true;
}

static void readers_never_see_a_mixture(void **state)
{
    struct fixture *fixture = *state;
    char bytes[RACE_BYTES];
    memset(bytes, 'x', sizeof(bytes));
    assert_true(
        store_put(fixture->store, "race/object", (struct bytes){bytes, sizeof(bytes)}, &fixture->err));
    if (!workers_run(RACERS, race, fixture, &fixture->err))
        fail_msg("%s", fixture->err.message);
    assert_string_equal(list(fixture, "", NULL), "race/object\n");
}

static bool put_in_new_folders(void *state, uint32_t index, struct error *err)
{
    struct fixture *fixture = state;
    for (int i = 0; i < 20; i++) {
        char key[64];
        (void)snprintf(key, sizeof(key), "new/%d/folder/%u", i, index);
        if (!store_put_fast(fixture->store, key, (struct bytes){"x", 1}, err))
            return false;
    }
    return true;
}

static void several_threads_may_make_the_same_folders(void **state)
{
    struct fixture *fixture = *state;
    struct counting counting = {0};
    if (!workers_run(RACERS, put_in_new_folders, fixture, &fixture->err))
        fail_msg("%s", fixture->err.message);
    assert_true(store_list(fixture->store, "new", count_some, &counting, NULL, &fixture->err));
    assert_int_equal(counting.seen, 20 * RACERS);
}

static void urls_name_a_backend_and_an_absolute_path(void **state)
{
    char folder[TEMP_PATH_BYTES], url[TEMP_PATH_BYTES + 16], twice[TEMP_PATH_BYTES + 32];
    struct error err = {0};
    static const char *const wrong[] = {
        "", "relative/path", "file://", "file://host/path", "s4://bucket/x", "file:/x"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct store *store = NULL;
        err = (struct error){0};
        assert_false(store_open(wrong[i], false, &store, &err));
        assert_int_equal(err.code, ERR_INVALID);
        assert_null(store);
    }
    temp_folder_make(folder);
    (void)snprintf(url, sizeof(url), "file://%s/x/y", folder);
    (void)snprintf(twice, sizeof(twice), "%s/x//./z/../y/", folder);
    struct store *missing = NULL;
    assert_false(store_open(url, false, &missing, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    AUTO(store) made = NULL;
    AUTO(store) found = NULL;
    assert_true(store_open(url, true, &made, &err));
    assert_string_equal(store_url(made), url + strlen("file://"));
    assert_true(store_open(twice, false, &found, &err));
    assert_string_equal(store_url(found), store_url(made));
    temp_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_EACH(put_then_get_returns_the_same_bytes),
        ON_EACH(fast_put_replaces_like_put),
        ON_EACH(unusual_names_pass_unharmed),
        ON_EACH(keys_that_leave_the_root_are_refused),
        ON_EACH(the_longest_key_works_and_one_byte_more_is_refused),
        ON_EACH(a_missing_object_is_not_found),
        ON_EACH(an_object_beyond_the_limit_is_not_read),
        ON_EACH(stat_tells_size_and_time),
        ON_EACH(a_folder_and_an_object_cannot_have_one_name),
        ON_EACH(a_writer_shows_nothing_until_it_is_finished),
        ON_EACH(an_unfinished_writer_leaves_nothing),
        ON_EACH(a_reader_keeps_the_version_it_began_with),
        ON_EACH(a_map_holds_the_bytes_until_released),
        ON_EACH(listing_is_in_byte_order_of_the_whole_key),
        ON_EACH(a_visitor_sees_sizes_and_can_end_the_listing),
        ON_EACH(folders_in_one_another_have_a_limit),
        ON_EACH(delete_below_takes_the_key_and_what_is_under_it_only),
        ON_EACH(readers_never_see_a_mixture),
        ON_EACH(several_threads_may_make_the_same_folders),
        cmocka_unit_test(urls_name_a_backend_and_an_absolute_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
