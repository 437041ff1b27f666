/* SPDX-License-Identifier: Apache-2.0 */
/* The console with a table of its own in place of what web/pack.mjs writes. */
#include "test.h"

#include "console/console.h"
#include "temp_folder.h"

#include <sys/stat.h>
#include <unistd.h>

enum { ARENA_BYTES = 2 * CONSOLE_FILE_MAX_BYTES, HELLO_BYTES = 26, SIZE_AT = HELLO_BYTES - 4 };
#define HELLO "hello\n"
#define HELLO_DEFLATED                                                                                       \
    0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 2, 0, 0x20, 0x30, 0x3a, 0x36

static const unsigned char hello_gzip[HELLO_BYTES] = {HELLO_DEFLATED, 6, 0, 0, 0};
static const unsigned char too_large_gzip[HELLO_BYTES] = {HELLO_DEFLATED, 1, 0, 0x80, 0}; /* 8 MiB + 1 */
static const unsigned char cut_gzip[HELLO_BYTES] = {0x1f, 0x8b, 8, [SIZE_AT] = 6};
static const unsigned char brotli[] = "as Brotli";
#define ROW(path, gzip)                                                                                      \
    {                                                                                                        \
        path, "e7a6", gzip, (gzip) + sizeof(gzip), brotli, brotli + sizeof(brotli) - 1                       \
    }
const struct console_packed console_packed[] = {
    ROW("index.html", hello_gzip),
    ROW("assets/index-C3kd.js", hello_gzip),
    ROW("trommel.svg", hello_gzip),
    ROW("secret", hello_gzip),
    ROW("assets/too-large.css", too_large_gzip),
    ROW("assets/cut.css", cut_gzip),
    ROW("assets/unknown.wasm", hello_gzip),
};
const size_t console_packed_count = sizeof(console_packed) / sizeof(console_packed[0]);

static char folder[TEMP_PATH_BYTES];
static struct arena *arena;
static struct console_file file;
static struct error err;

static int set_up(void **state)
{
    temp_folder_make(folder);
    arena = arena_new(ARENA_BYTES);
    assert_non_null(arena);
    return 0;
}

static int tear_down(void **state)
{
    arena = arena_free(arena);
    temp_folder_remove(folder);
    return 0;
}

static void write_file(const char *name, size_t bytes)
{
    char path[TEMP_PATH_BYTES * 2];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    (void)fputs(name, stream);
    assert_int_equal(ftruncate(fileno(stream), (off_t)bytes), 0);
    (void)fclose(stream);
}

static bool find(const char *from, const char *path, enum console_coding coding)
{
    AUTO(console) console = NULL;
    if (!console_open(from, &console, &err))
        fail_msg("%s", err.message);
    return console_find(console, path, coding, arena, &file, &err);
}

static void assert_is(const char *from, const char *path, const char *content_type)
{
    if (!find(from, path, CONSOLE_PLAIN))
        fail_msg("%s: %s", path, err.message);
    assert_string_equal(file.content_type, content_type);
}

static void a_page_is_index_html_whatever_its_path(void **state)
{
    static const char *const pages[] = {"", "services", "services/nightly/sample", "datasets/v1.2/label",
                                        "index.html"};
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        assert_is(NULL, pages[i], "text/html; charset=utf-8");
        assert_int_equal(file.bytes.size, strlen(HELLO));
        assert_memory_equal(file.bytes.data, HELLO, strlen(HELLO));
        assert_false(file.is_immutable);
    }
}

static void what_is_named_after_its_content_never_changes(void **state)
{
    assert_is(NULL, "assets/index-C3kd.js", "text/javascript; charset=utf-8");
    assert_true(file.is_immutable);
    assert_string_equal(file.etag, "e7a6");
    assert_is(NULL, "trommel.svg", "image/svg+xml");
    assert_false(file.is_immutable);
}

static void a_file_comes_as_the_client_takes_it(void **state)
{
    assert_true(find(NULL, "trommel.svg", CONSOLE_PLAIN));
    assert_int_equal(file.coding, CONSOLE_PLAIN);
    assert_memory_equal(file.bytes.data, HELLO, strlen(HELLO));
    assert_true(find(NULL, "trommel.svg", CONSOLE_GZIP));
    assert_int_equal(file.coding, CONSOLE_GZIP);
    assert_int_equal(file.bytes.size, HELLO_BYTES);
    assert_memory_equal(file.bytes.data, hello_gzip, HELLO_BYTES);
    assert_true(find(NULL, "trommel.svg", CONSOLE_BROTLI));
    assert_int_equal(file.coding, CONSOLE_BROTLI);
    assert_memory_equal(file.bytes.data, brotli, file.bytes.size);
    assert_string_equal(file.etag, "e7a6");
}

static void what_is_not_there_is_not_found(void **state)
{
    static const char *const paths[] = {
        "assets/index-0000.js", "missing.html",  "assets/unknown.wasm", "../index.html",
        "assets/../index.html", "a//index.html", "/index.html",         "trommel.svg\n.svg",
    };
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (find(NULL, paths[i], CONSOLE_GZIP))
            fail_msg("'%s' was found", paths[i]);
        assert_int_equal(err.code, ERR_NOT_FOUND);
    }
    assert_false(find(NULL, "assets/index-0000.js", CONSOLE_GZIP));
    assert_string_equal(err.message, "the console has no file 'assets/index-0000.js'");
}

static void a_damaged_pack_is_told_and_one_past_the_limit_refused(void **state)
{
    assert_false(find(NULL, "assets/cut.css", CONSOLE_PLAIN));
    assert_int_equal(err.code, ERR_FAILED);
    assert_false(find(NULL, "assets/too-large.css", CONSOLE_PLAIN));
    assert_int_equal(err.code, ERR_FAILED);
}

static void a_folder_is_read_anew_each_time(void **state)
{
    char etag[CONSOLE_ETAG_BYTES];
    write_file("index.html", 100);
    write_file("trommel.svg", 11);
    assert_is(folder, "services", "text/html; charset=utf-8");
    assert_int_equal(file.bytes.size, 100);
    assert_is(folder, "trommel.svg", "image/svg+xml");
    assert_memory_equal(file.bytes.data, "trommel.svg", 11);
    memcpy(etag, file.etag, sizeof(etag));
    write_file("trommel.svg", 12);
    assert_true(find(folder, "trommel.svg", CONSOLE_BROTLI));
    assert_int_equal(file.bytes.size, 12);
    assert_int_equal(file.coding, CONSOLE_PLAIN);
    assert_string_not_equal(file.etag, etag);
    assert_false(find(folder, "other.svg", CONSOLE_PLAIN));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void nothing_of_a_folder_is_kept_by_browsers_or_larger_than_the_limit(void **state)
{
    char path[TEMP_PATH_BYTES * 2];
    (void)snprintf(path, sizeof(path), "%s/assets", folder);
    assert_int_equal(mkdir(path, 0777), 0);
    write_file("index.html", 1);
    write_file("assets/at.css", CONSOLE_FILE_MAX_BYTES);
    write_file("assets/past.css", (size_t)CONSOLE_FILE_MAX_BYTES + 1);
    assert_true(find(folder, "assets/at.css", CONSOLE_PLAIN));
    assert_int_equal(file.bytes.size, CONSOLE_FILE_MAX_BYTES);
    assert_false(file.is_immutable);
    assert_false(find(folder, "assets/past.css", CONSOLE_PLAIN));
    assert_int_equal(err.code, ERR_LIMIT);
}

static void a_folder_without_a_console_says_how_to_build_it(void **state)
{
    AUTO(console) console = NULL;
    assert_false(console_open(folder, &console, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "npm run build"));
    assert_false(console_open("/nowhere/at/all", &console, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_null(console);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(a_page_is_index_html_whatever_its_path),
        TEST_CASE(what_is_named_after_its_content_never_changes),
        TEST_CASE(a_file_comes_as_the_client_takes_it),
        TEST_CASE(what_is_not_there_is_not_found),
        TEST_CASE(a_damaged_pack_is_told_and_one_past_the_limit_refused),
        TEST_CASE(a_folder_is_read_anew_each_time),
        TEST_CASE(nothing_of_a_folder_is_kept_by_browsers_or_larger_than_the_limit),
        TEST_CASE(a_folder_without_a_console_says_how_to_build_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
