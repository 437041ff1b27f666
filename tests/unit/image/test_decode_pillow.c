/* SPDX-License-Identifier: Apache-2.0 */
/* Our pixels beside Pillow's: on files that Pillow makes now, and on the folder of awkward files. */
#include "test.h"

#include "image_fixture.h"
#include "temp_folder.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES_MIN = 30, LIST_MAX_BYTES = 1 << 20 };

static void skip_without(const char *what)
{
    print_message("# no %s to compare with\n", what);
    skip();
}

static int largest_difference(const struct image *image, const struct buffer *reference)
{
    size_t bytes = (size_t)image->width * image->height * 3;
    int largest = reference->size == bytes ? 0 : 256;
    for (size_t i = 0; i < bytes && largest < 256; i++) {
        int difference = abs(image->pixels[i] - (uint8_t)reference->data[i]);
        largest = difference > largest ? difference : largest;
    }
    return largest;
}

/* NAME~TOLERANCE.SUFFIX */
static void compare_file(const char *folder, const char *name)
{
    char path[600];
    AUTO_BUFFER(file, FILE_LIMIT_BYTES);
    AUTO_BUFFER(reference, FILE_LIMIT_BYTES);
    struct image decoded = {0};
    int tolerance = strchr(name, '~')[1] - '0';
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    read_file(path, &file);
    (void)snprintf(path, sizeof(path), "%s/%s.rgb", folder, name);
    read_file(path, &reference);
    (void)decode(bytes_of(&file), NULL, &decoded);
    int found = largest_difference(&decoded, &reference);
    image_release(&decoded);
    if (found > tolerance)
        fail_msg("%s differs by %d", name, found);
}

static bool is_picture(const char *name)
{
    return strchr(name, '~') && strcmp(strrchr(name, '.'), ".rgb") != 0;
}

static void files_by_pillow_have_the_pixels_of_pillow(void **state)
{
    char folder[TEMP_PATH_BYTES];
    size_t compared = 0;
    temp_folder_make(folder);
    bool has_pillow = run_reference("make", folder);
    DIR *names = opendir(folder);
    assert_non_null(names);
    for (const struct dirent *entry; has_pillow && (entry = readdir(names));) {
        if (!is_picture(entry->d_name))
            continue;
        compare_file(folder, entry->d_name);
        compared++;
    }
    (void)closedir(names);
    temp_folder_remove(folder);
    if (!has_pillow)
        skip_without("Pillow");
    assert_true(compared >= FILES_MIN);
}

/* Every file that both read must look the same. Ours refuses more: what is damaged, not only what is cut. */
static size_t compare_listed(const char *folder, const char *list)
{
    size_t compared = 0, number = 0;
    AUTO_BUFFER(file, FILE_LIMIT_BYTES);
    AUTO_BUFFER(reference, FILE_LIMIT_BYTES);
    struct image decoded = {0};
    char path[1024];
    for (const char *line = list; *line; line += strlen(path) + 1, number++) {
        struct image_info info;
        struct error err = {0};
        char made[600];
        (void)snprintf(path, sizeof(path), "%.*s", (int)(strchr(line, '\n') - line), line);
        (void)snprintf(made, sizeof(made), "%s/%zu.rgb", folder, number);
        read_file(path, &file);
        if (access(made, R_OK) != 0 || !image_decode(bytes_of(&file), NULL, &decoded, &info, &err))
            continue;
        read_file(made, &reference);
        int tolerance = info.warnings & IMAGE_WARNING_SCALED_16_BIT ? 1 : 0;
        int found = largest_difference(&decoded, &reference);
        if (found > tolerance)
            fail_msg("%s differs by %d", path, found);
        compared++;
    }
    image_release(&decoded);
    return compared;
}

static void list_folder(const char *folder, struct buffer *list)
{
    DIR *names = opendir(folder);
    assert_non_null(names);
    for (const struct dirent *entry; (entry = readdir(names));) {
        char path[1024];
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            list_folder(path, list);
        else if (entry->d_type == DT_REG)
            assert_true(buffer_printf(list, "%s\n", path));
    }
    (void)closedir(names);
}

static void awkward_files_have_the_pixels_of_pillow(void **state)
{
    char folder[TEMP_PATH_BYTES], path[512];
    AUTO_BUFFER(list, LIST_MAX_BYTES);
    if (!data_path("nasty", path, sizeof(path)))
        skip_without("folder of test data, which TROMMEL_TEST_DATA names,");
    temp_folder_make(folder);
    list_folder(path, &list);
    write_file(folder, "list.txt", list.data, list.size);
    bool has_pillow = run_reference("decode_list", folder);
    size_t compared = has_pillow ? compare_listed(folder, list.data) : 0;
    temp_folder_remove(folder);
    if (!has_pillow)
        skip_without("Pillow");
    print_message("# %zu files compared\n", compared);
    assert_true(compared > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_by_pillow_have_the_pixels_of_pillow),
        cmocka_unit_test(awkward_files_have_the_pixels_of_pillow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
