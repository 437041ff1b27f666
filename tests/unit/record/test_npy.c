/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "infer/prediction.h"
#include "record_fixture.h"

static void a_file_has_the_bytes_that_numpy_writes(void **state)
{
    static const char header[] =
        "\x93NUMPY\x01\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }"
        "                                                          \n";
    static const float numbers[] = {1, -2};
    struct error err = {0};
    AUTO_BUFFER(file, NPY_FILE_MAX_BYTES);
    assert_true(npy_start(&file, NPY_F4, 1, 2, &err));
    assert_int_equal(file.size, 128);
    assert_memory_equal(file.data, header, sizeof(header) - 1);
    assert_true(buffer_add(&file, numbers, sizeof(numbers)));
    struct npy_array array;
    assert_true(npy_read((struct bytes){file.data, file.size}, &array, &err));
    assert_int_equal(array.type, NPY_F4);
    assert_int_equal(array.rows, 1);
    assert_int_equal(array.columns, 2);
    assert_memory_equal(array.data, numbers, sizeof(numbers));
}

static void every_type_and_shape_comes_back(void **state)
{
    static const uint64_t shapes[][2] = {{0, 0}, {0, 3}, {1, 1}, {7, 0}, {1000, 14}, {12345, 7}};
    AUTO_BUFFER(file, NPY_FILE_MAX_BYTES);
    for (enum npy_type type = NPY_F4; type < NPY_TYPE_COUNT; type++) {
        for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
            struct error err = {0};
            struct npy_array array;
            uint64_t columns = shapes[i][1];
            size_t bytes = (size_t)(shapes[i][0] * (columns > 0 ? columns : 1)) * npy_item_bytes(type);
            assert_true(npy_start(&file, type, shapes[i][0], columns, &err));
            assert_int_equal(file.size % NPY_ALIGNMENT_BYTES, 0);
            assert_true(buffer_reserve(&file, bytes));
            memset(file.data + file.size, 7, bytes);
            file.size += bytes;
            assert_true(npy_read((struct bytes){file.data, file.size}, &array, &err));
            assert_int_equal(array.type, type);
            assert_int_equal(array.rows, shapes[i][0]);
            assert_int_equal(array.columns, columns);
        }
    }
}

static void files_are_limited(void **state)
{
    struct error err = {0};
    AUTO_BUFFER(file, (size_t)2 * NPY_FILE_MAX_BYTES);
    assert_true(npy_start(&file, NPY_F4, NPY_FILE_MAX_BYTES / 4, 0, &err));
    assert_false(npy_start(&file, NPY_F4, NPY_FILE_MAX_BYTES / 4 + 1, 0, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_false(npy_start(&file, NPY_F4, NPY_FILE_MAX_BYTES / 8 + 1, 2, &err));
    assert_false(npy_start(&file, NPY_F8, UINT64_MAX, UINT64_MAX, &err));
    assert_false(npy_start(&file, NPY_F8, 1, UINT64_MAX / 8 + 2, &err));
}

/* Makes a file of a dictionary and a number of data bytes, aligned as it must be. */
static void make_file(struct buffer *file, const char *dictionary, size_t data)
{
    buffer_clear(file);
    (void)buffer_add(file, "\x93NUMPY\x01\0\0\0", 10);
    (void)buffer_add_text(file, dictionary);
    while ((file->size + 1) % NPY_ALIGNMENT_BYTES != 0)
        (void)buffer_add_text(file, " ");
    (void)buffer_add_text(file, "\n");
    file->data[8] = (char)((file->size - 10) & 0xFF);
    file->data[9] = (char)((file->size - 10) >> 8);
    for (size_t i = 0; i < data; i++)
        (void)buffer_add(file, "", 1);
}

static bool reads(const struct buffer *file)
{
    struct error err = {0};
    struct npy_array array;
    bool done = npy_read((struct bytes){file->data, file->size}, &array, &err);
    assert_int_equal(err.code, done ? ERR_NONE : ERR_INVALID);
    return done;
}

#define F4(shape) "{'descr': '<f4', 'fortran_order': False, 'shape': " shape ", }"

static void foreign_headers_are_refused(void **state)
{
    static const char *const dictionaries[] = {
        "",
        "{}",
        "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 2), }",
        "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 2), }",
        "{'descr': '|O', 'fortran_order': False, 'shape': (2, 2), }",
        "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }",
        "{'shape': (2, 2), 'descr': '<f4', 'fortran_order': False, }",
        F4("(2, 2"),
        F4("(2 2)"),
        F4("(2, 2, 1)"),
        F4("()"),
        F4("(4, 0)"),
        F4("(-2, -2)"),
        F4("(2,  2)"),
        F4("(0x4,)"),
        F4("(1111111111111,)"),
        F4("(2, 2)") "x",
        F4("(2, 3)"),
        F4("(3,)"),
    };
    AUTO_BUFFER(file, 100000);
    make_file(&file, F4("(2, 2)"), 16);
    assert_true(reads(&file));
    for (size_t i = 0; i < sizeof(dictionaries) / sizeof(dictionaries[0]); i++) {
        make_file(&file, dictionaries[i], 16);
        if (reads(&file))
            fail_msg("accepted: %s", dictionaries[i]);
    }
}

static void sizes_that_lie_are_refused(void **state)
{
    AUTO_BUFFER(file, 100000);
    make_file(&file, F4("(2, 2)"), 15);
    assert_false(reads(&file));
    make_file(&file, F4("(2, 2)"), 17);
    assert_false(reads(&file));
    make_file(&file, F4("(2, 2)"), 16);
    for (size_t size = 0; size < file.size; size++) {
        struct error err = {0};
        struct npy_array array;
        assert_false(npy_read((struct bytes){file.data, size}, &array, &err));
    }
    file.data[9] = (char)0xFF;
    assert_false(reads(&file));
    make_file(&file, F4("(2, 2)"), 16);
    file.data[6] = 2;
    assert_false(reads(&file));
    make_file(&file, F4("(2, 2)") " ", 16);
    file.data[8] = (char)(file.data[8] + 1);
    file.data[127] = ' ';
    file.data[128] = '\n';
    assert_false(reads(&file)); /* whole, but not aligned */
}

static void put_writes_an_object(void **state)
{
    static const double numbers[] = {1, 2, 3};
    struct fixture *fixture = *state;
    struct error err = {0};
    struct npy_array back;
    AUTO_BUFFER(file, 1000);
    const struct npy_array array = {.type = NPY_F8, .rows = 3, .data = numbers};
    assert_true(npy_put(fixture->store, "a/b.npy", &array, &err));
    assert_true(store_get(fixture->store, "a/b.npy", &file, &err));
    assert_true(npy_read((struct bytes){file.data, file.size}, &back, &err));
    assert_int_equal(back.rows, 3);
    assert_int_equal(back.columns, 0);
    assert_memory_equal(back.data, numbers, sizeof(numbers));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_has_the_bytes_that_numpy_writes),
        cmocka_unit_test(every_type_and_shape_comes_back),
        cmocka_unit_test(files_are_limited),
        cmocka_unit_test(foreign_headers_are_refused),
        cmocka_unit_test(sizes_that_lie_are_refused),
        CASE(put_writes_an_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
