/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/hash.h"
#include "base/workers.h"

#include <string.h>

/* b2sum -l 128 */
static void known_bytes_have_known_hashes(void **state)
{
    char hex[HASH_HEX_BYTES];
    hash_of((struct bytes){"", 0}, hex);
    assert_string_equal(hex, "cae66941d9efbd404e4d88758ea67670");
    hash_of((struct bytes){"abc", 3}, hex);
    assert_string_equal(hex, "cf4ab791c62b8d2b2109c90275287816");
}

static void pieces_hash_like_the_whole(void **state)
{
    char whole[HASH_HEX_BYTES], pieces[HASH_HEX_BYTES], bytes[1000];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 31);
    hash_of((struct bytes){bytes, sizeof(bytes)}, whole);
    for (size_t step = 1; step < 200; step += 17) {
        struct hash hash;
        hash_start(&hash);
        for (size_t at = 0; at < sizeof(bytes); at += step)
            hash_add(&hash, bytes + at, at + step > sizeof(bytes) ? sizeof(bytes) - at : step);
        hash_finish(&hash, pieces);
        assert_string_equal(pieces, whole);
    }
}

static void texts_do_not_run_together(void **state)
{
    char a[HASH_HEX_BYTES], b[HASH_HEX_BYTES];
    struct hash hash;
    hash_start(&hash);
    hash_add_text(&hash, "ab");
    hash_add_text(&hash, "c");
    hash_finish(&hash, a);
    hash_start(&hash);
    hash_add_text(&hash, "a");
    hash_add_text(&hash, "bc");
    hash_finish(&hash, b);
    assert_string_not_equal(a, b);
}

static void ids_have_their_length_and_differ(void **state)
{
    enum { IDS = 200 };
    char ids[IDS][HASH_HEX_BYTES], text[20];
    for (int i = 0; i < IDS; i++) {
        id_random_hex(ids[i]);
        assert_int_equal(strspn(ids[i], "0123456789abcdef"), 32);
        assert_int_equal(strlen(ids[i]), 32);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(ids[i], ids[j]);
    }
    id_random(text, 19);
    assert_int_equal(strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz"), 19);
    assert_int_equal(strlen(text), 19);
    id_random(text, 0);
    assert_string_equal(text, "");
}

static bool make_ids(void *state, uint32_t index, struct error *err)
{
    char id[HASH_HEX_BYTES];
    (void)state, (void)index, (void)err;
    for (int i = 0; i < 100; i++)
        id_random_hex(id);
    return true;
}

static void threads_may_make_ids_at_once(void **state)
{
    struct error err = {0};
    assert_true(workers_run(4, make_ids, NULL, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_may_make_ids_at_once),     cmocka_unit_test(known_bytes_have_known_hashes),
        cmocka_unit_test(pieces_hash_like_the_whole),       cmocka_unit_test(texts_do_not_run_together),
        cmocka_unit_test(ids_have_their_length_and_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
