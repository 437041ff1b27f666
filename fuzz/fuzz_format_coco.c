/* SPDX-License-Identifier: Apache-2.0 */
/* A COCO file of any bytes. */
#include "fuzz_target.h"

#include "formats/coco_parts.h"
#include "formats_checks.h"

static bool find(void *state, const char *name, const char **ret_folder, struct error *err)
{
    (void)state, (void)name, (void)err;
    *ret_folder = "/in";
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct format_sink sink;
    struct formats_stream stream = {data, size};
    const struct format_reading reading = {.path = "/in/it.json", .is_detection = true};
    const struct coco_files files = {&reading, "/in/it.json", NULL, NULL, find};
    if (formats_sink_start(&sink))
        formats_check_error(format_coco_read(formats_feed, &stream, &files, &sink, &err), &err);
    formats_sink_end(&sink);
    return 0;
}
