/* SPDX-License-Identifier: Apache-2.0 */
/* The libraries behind the decoders, used by several threads at once. */
#include "test.h"

#include "image/decoder.h"
#include "image_fixture.h"

#include "base/workers.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 128, FILES_MIN = 40, THREADS = 4, ROUNDS = 3 };

struct seed {
    struct buffer file;
    struct image expected;
    struct image_info info;
    bool is_decoded;
};

struct seeds {
    struct seed rows[FILES_MAX];
    size_t count;
};

static void read_folder(struct seeds *seeds, const char *decoder)
{
    char folder[512], path[1024];
    (void)snprintf(folder, sizeof(folder), "%s/%s", FUZZ_CORPUS, decoder);
    DIR *names = opendir(folder);
    if (!names)
        fail_msg("no seeds in %s", folder);
    for (const struct dirent *entry; (entry = readdir(names));) {
        if (entry->d_name[0] == '.')
            continue;
        assert_true(seeds->count < FILES_MAX);
        struct seed *seed = &seeds->rows[seeds->count++];
        struct error err = {0};
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        buffer_init(&seed->file, FILE_LIMIT_BYTES);
        read_file(path, &seed->file);
        seed->is_decoded = image_decode(bytes_of(&seed->file), NULL, &seed->expected, &seed->info, &err);
    }
    (void)closedir(names);
}

static bool check_seed(const struct seed *seed, struct image *decoded, struct error *err)
{
    struct image_info info = {0};
    struct error failure = {0};
    bool is_decoded = image_decode(bytes_of(&seed->file), NULL, decoded, &info, &failure);
    bool is_same = is_decoded == seed->is_decoded && info.warnings == seed->info.warnings &&
                   info.width == seed->info.width && info.height == seed->info.height &&
                   (!is_decoded || memcmp(decoded->pixels, seed->expected.pixels,
                                          (size_t)info.width * info.height * 3) == 0);
    return is_same || error_set(err, ERR_FAILED, "another outcome: %s", failure.message);
}

static bool decode_all(void *state, uint32_t index, struct error *err)
{
    const struct seeds *seeds = state;
    struct image decoded = {0};
    bool done = true;
    /* each begins elsewhere, so that formats meet */
    for (size_t i = 0; done && i < ROUNDS * seeds->count; i++)
        done = check_seed(&seeds->rows[(i + index * seeds->count / THREADS) % seeds->count], &decoded, err);
    image_release(&decoded);
    return done;
}

static void threads_decode_the_same(void **state)
{
    struct seeds *seeds = calloc(1, sizeof(*seeds));
    struct error err = {0};
    assert_non_null(seeds);
    for (size_t i = 0; image_decoders[i]; i++)
        read_folder(seeds, image_decoders[i]->name);
    assert_true(seeds->count >= FILES_MIN);
    bool done = workers_run(THREADS, decode_all, seeds, &err);
    for (size_t i = 0; i < seeds->count; i++) {
        buffer_release(&seeds->rows[i].file);
        image_release(&seeds->rows[i].expected);
    }
    free(seeds);
    if (!done)
        fail_msg("%s", err.message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_decode_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
