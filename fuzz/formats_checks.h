/* SPDX-License-Identifier: Apache-2.0 */
/* A sink that checks what readers of formats hand over, and a stream of bytes. */
#ifndef FUZZ_FORMATS_CHECKS_H
#define FUZZ_FORMATS_CHECKS_H

#include "formats/format_parts.h"

struct formats_stream {
    const uint8_t *data;
    size_t left;
};
/* A manifest_feed. */
bool formats_feed(void *stream, void *into, size_t capacity, size_t *ret_bytes, struct error *err);
/* A sink with an arena of its own, which formats_sink_end frees. */
bool formats_sink_start(struct format_sink *sink);
void formats_sink_end(struct format_sink *sink);
void formats_check_voc(const struct voc *voc);
/* Aborts when a failure has no code or no message. */
void formats_check_error(bool is_done, const struct error *err);

#endif
