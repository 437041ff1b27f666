/* SPDX-License-Identifier: Apache-2.0 */
/* A CSV file of any bytes, read as classes and as boxes. */
#include "fuzz_target.h"

#include "formats_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct format_names names = {"/in/it", "/in"};
    for (int boxes = 0; boxes < 2; boxes++) {
        struct error err = {0};
        struct format_sink sink;
        struct formats_stream stream = {data, size};
        const struct format_reading reading = {.path = "/in/it", .is_detection = boxes};
        if (formats_sink_start(&sink))
            formats_check_error(format_csv_read(formats_feed, &stream, &reading, &names, &sink, &err), &err);
        formats_sink_end(&sink);
    }
    return 0;
}
