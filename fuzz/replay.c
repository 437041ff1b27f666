/* SPDX-License-Identifier: Apache-2.0 */

/* Runs a fuzz target once over every file of the folders named: so the corpus is an ordinary test, too. */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz_target.h"

enum { INPUT_MAX_BYTES = 1 << 20, PATH_MAX_BYTES = 4096 };

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* The input lies in a block of exactly its size, so that reading past the end is seen by the sanitizer. */
static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *whole = file ? malloc(INPUT_MAX_BYTES) : NULL;
    size_t size = whole ? fread(whole, 1, INPUT_MAX_BYTES, file) : 0;
    uint8_t *input = whole ? realloc(whole, size > 0 ? size : 1) : NULL;
    if (input)
        (void)LLVMFuzzerTestOneInput(input, size);
    else
        (void)fprintf(stderr, "replay: cannot read %s\n", path);
    free(input);
    if (file)
        (void)fclose(file);
    return input ? 1 : 0;
}

/* Returns the number of inputs run, or -1 when one could not be read. */
static int replay_folder(const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_input, alphasort);
    int done = 0;
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX_BYTES];
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        done += replay_file(path);
        free(entries[i]);
    }
    free(entries);
    return done == count ? done : -1;
}

int main(int argc, char **argv)
{
    int total = 0;
    for (int i = 1; i < argc; i++) {
        int done = replay_folder(argv[i]);
        if (done < 0)
            return 1;
        total += done;
    }
    printf("%d inputs replayed\n", total);
    return total > 0 ? 0 : 1;
}
