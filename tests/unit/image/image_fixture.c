/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "image_fixture.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

static void make_room(struct image *image, uint32_t width, uint32_t height)
{
    struct error err = {0};
    assert_true(image_resize_buffer(image, width, height, &err));
}

void paint(struct image *image, uint32_t width, uint32_t height, uint32_t seed)
{
    make_room(image, width, height);
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            uint8_t *pixel = image->pixels + ((size_t)y * width + x) * 3;
            uint32_t disc = (x * 2 - width) * (x * 2 - width) + (y * 2 - height) * (y * 2 - height);
            bool is_inside = disc * 4 < width * width;
            pixel[0] = (uint8_t)((is_inside ? 200 : x * 200 / width) + next_random(&seed) % 16);
            pixel[1] = (uint8_t)((is_inside ? 60 : y * 220 / height) + next_random(&seed) % 16);
            pixel[2] = (uint8_t)(((x / 8 + y / 8) % 2 ? 180 : 40) + next_random(&seed) % 16);
        }
    }
}

void paint_noise(struct image *image, uint32_t width, uint32_t height, uint32_t seed)
{
    make_room(image, width, height);
    for (size_t i = 0; i < (size_t)width * height * 3; i++)
        image->pixels[i] = (uint8_t)next_random(&seed);
}

void paint_flat(struct image *image, uint32_t width, uint32_t height, uint8_t level)
{
    make_room(image, width, height);
    memset(image->pixels, level, (size_t)width * height * 3);
}

void assert_same_pixels(const struct image *a, const struct image *b)
{
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_memory_equal(a->pixels, b->pixels, (size_t)a->width * a->height * 3);
}

double mean_difference(const struct image *a, const struct image *b)
{
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    size_t count = (size_t)a->width * a->height * 3;
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (uint64_t)abs(a->pixels[i] - b->pixels[i]);
    return (double)sum / (double)count;
}

struct bytes bytes_of(const struct buffer *buffer)
{
    return (struct bytes){buffer->data, buffer->size};
}

void read_file(const char *path, struct buffer *into)
{
    char part[4096];
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("cannot read %s", path);
    buffer_clear(into);
    for (size_t got; (got = fread(part, 1, sizeof(part), file)) > 0;)
        assert_true(buffer_add(into, part, got));
    (void)fclose(file);
}

void write_file(const char *folder, const char *name, const void *data, size_t bytes)
{
    char path[512];
    assert_true(snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path));
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
}

bool data_path(const char *name, char *to, size_t to_bytes)
{
    const char *folder = getenv("TROMMEL_TEST_DATA");
    if (!folder)
        return false;
    assert_true(snprintf(to, to_bytes, "%s/%s", folder, name) < (int)to_bytes);
    return true;
}

struct image_info decode(struct bytes file, const struct image_options *options, struct image *into)
{
    struct error err = {0};
    struct image_info info = {0};
    if (!image_decode(file, options, into, &info, &err))
        fail_msg("%s", err.message);
    assert_int_equal(info.width, into->width);
    assert_int_equal(info.height, into->height);
    return info;
}

void assert_refused(struct bytes file, const struct image_options *options, enum error_code code,
                    const char *part)
{
    struct error err = {0};
    struct image image = {0};
    struct image_info info = {.format = "untouched"};
    assert_false(image_decode(file, options, &image, &info, &err));
    image_release(&image);
    assert_string_equal(info.format, "untouched");
    if (err.code != code || !strstr(err.message, part))
        fail_msg("error %d: %s", err.code, err.message);
}

struct prefix_counts assert_prefixes(struct bytes file)
{
    static const struct image_options partial = {.accept_partial = true, .background = {255, 255, 255}};
    struct prefix_counts counts = {0};
    struct image whole = {0}, decoded = {0};
    (void)decode(file, NULL, &whole);
    for (size_t size = 0; size < file.size; size++) {
        struct image_info info;
        struct error err = {0};
        /* in a block of its own, so that a sanitizer sees reading past the end */
        char *block = malloc(size + (size == 0));
        assert_non_null(block);
        memcpy(block, file.data, size);
        const struct bytes prefix = {block, size};
        if (image_decode(prefix, NULL, &decoded, &info, &err)) {
            assert_same_pixels(&decoded, &whole);
            assert_false(info.warnings & IMAGE_WARNING_PARTIAL);
            counts.passed++;
        } else if (image_decode(prefix, &partial, &decoded, &info, &err)) {
            assert_true(info.warnings & IMAGE_WARNING_PARTIAL);
            counts.partial++;
        }
        free(block);
    }
    image_release(&whole);
    image_release(&decoded);
    return counts;
}

void assert_costs_nothing(struct bytes file, enum error_code code, const char *part)
{
    struct image untouched = {0};
    struct image_info info;
    struct error err = {0};
    assert_false(image_decode(file, NULL, &untouched, &info, &err));
    if (err.code != code || !strstr(err.message, part))
        fail_msg("error %d: %s", err.code, err.message);
    assert_null(untouched.pixels);
    assert_int_equal(untouched.capacity_bytes, 0);
}

static void make_row(const uint8_t *rgb, uint32_t width, int components, uint8_t *to)
{
    for (uint32_t x = 0; x < width; x++, rgb += 3, to += components) {
        if (components == 1) {
            to[0] = rgb[1];
        } else if (components == 3) {
            memcpy(to, rgb, 3);
        } else {
            for (int c = 0; c < 3; c++)
                to[c] = (uint8_t)(255 - rgb[c]);
            to[3] = (uint8_t)(rgb[0] / 4);
        }
    }
}

static void write_rows(struct jpeg_compress_struct *jpeg, const struct image *image)
{
    uint8_t *row = malloc((size_t)image->width * 4);
    assert_non_null(row);
    for (uint32_t y = 0; y < image->height; y++) {
        make_row(image->pixels + (size_t)y * image->width * 3, image->width, jpeg->input_components, row);
        (void)jpeg_write_scanlines(jpeg, &row, 1);
    }
    free(row);
}

static void write_segment(struct jpeg_compress_struct *jpeg, int marker, const char *start,
                          size_t start_bytes, struct bytes rest)
{
    uint8_t block[1024];
    assert_true(start_bytes + rest.size <= sizeof(block));
    if (rest.size == 0)
        return;
    memcpy(block, start, start_bytes);
    memcpy(block + start_bytes, rest.data, rest.size);
    jpeg_write_marker(jpeg, marker, block, (unsigned int)(start_bytes + rest.size));
}

static void choose_colours(struct jpeg_compress_struct *jpeg, J_COLOR_SPACE stored)
{
    bool is_gray = stored == JCS_GRAYSCALE, is_ink = stored == JCS_CMYK || stored == JCS_YCCK;
    jpeg->input_components = is_gray ? 1 : is_ink ? 4 : 3;
    jpeg->in_color_space = is_gray ? JCS_GRAYSCALE : is_ink ? JCS_CMYK : JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_colorspace(jpeg, stored);
}

void make_jpeg(const struct image *image, const struct jpeg_kind *kind, struct buffer *into)
{
    struct jpeg_compress_struct jpeg = {0};
    struct jpeg_error_mgr errors;
    unsigned char *data = NULL;
    unsigned long bytes = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &data, &bytes);
    jpeg.image_width = image->width;
    jpeg.image_height = image->height;
    choose_colours(&jpeg, kind->colours);
    jpeg_set_quality(&jpeg, 85, TRUE);
    jpeg.comp_info[0].h_samp_factor = kind->across ? kind->across : 1;
    jpeg.comp_info[0].v_samp_factor = kind->down ? kind->down : 1;
    jpeg.restart_interval = kind->restart_blocks;
    if (kind->has_no_adobe_marker)
        jpeg.write_Adobe_marker = FALSE;
    if (kind->is_progressive)
        jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    write_segment(&jpeg, JPEG_APP0 + 1, "Exif\0", 6, kind->exif);
    write_segment(&jpeg, JPEG_APP0 + 2, "ICC_PROFILE", 12, kind->profile);
    write_rows(&jpeg, image);
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    buffer_clear(into);
    assert_true(buffer_add(into, data, bytes));
    free(data);
}

void make_exif(uint16_t value, bool is_big_endian, uint8_t to[EXIF_BYTES])
{
    static const uint8_t big[EXIF_BYTES] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1};
    static const uint8_t little[EXIF_BYTES] = {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0};
    memcpy(to, is_big_endian ? big : little, EXIF_BYTES);
    to[18] = (uint8_t)(is_big_endian ? value >> 8 : value & 255);
    to[19] = (uint8_t)(is_big_endian ? value & 255 : value >> 8);
}

bool run_reference(const char *mode, const char *folder)
{
    enum { NO_PILLOW = 77 };
    char python[] = "/usr/bin/python3", script[] = REFERENCE_SCRIPT, mode_text[32], folder_text[512];
    (void)snprintf(mode_text, sizeof(mode_text), "%s", mode);
    assert_true(snprintf(folder_text, sizeof(folder_text), "%s", folder) < (int)sizeof(folder_text));
    char *arguments[] = {python, script, mode_text, folder_text, NULL};
    pid_t child;
    int status;
    if (posix_spawn(&child, python, NULL, NULL, arguments, environ) != 0)
        return false;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && (WEXITSTATUS(status) == NO_PILLOW || WEXITSTATUS(status) == 127))
        return false;
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return true;
}
