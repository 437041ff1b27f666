/* SPDX-License-Identifier: Apache-2.0 */

/* Any text as what exporters and people write about a model: the note on preprocessing, class names, a file
 * of labels. */

#include "fuzz_target.h"

#include "model/card.h"
#include "model/guess.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { ARENA_BYTES = 4 * 1024 * 1024, CLASSES = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    char *text = arena ? arena_text_n(arena, (const char *)data, size) : NULL;
    struct param_list names = {0}, labels = {0};
    struct guess_note note;
    struct error err = {0};
    size_t renamed = 0;
    if (!text)
        return 0;
    guess_read_note(text, &note);
    assert(isfinite(note.values.scale) && isfinite(note.values.mean[0]) && isfinite(note.values.std[0]));
    assert(note.width <= PREPROCESS_SIDE_MAX_PX && note.height <= PREPROCESS_SIDE_MAX_PX);
    if (guess_read_names(text, CLASSES, arena, &names))
        for (size_t i = 0; i < CLASSES; i++)
            assert(names.items[i] && names.items[i][0] != '\0');
    if (guess_read_names(text, GUESS_ANY_COUNT, arena, &names))
        for (size_t i = 0; i < names.count; i++)
            assert(names.items[i] && names.items[i][0] != '\0');
    if (card_read_labels((struct bytes){data, size}, arena, &labels, &err) && labels.count > 0 &&
        card_settle_labels(&labels, arena, &renamed, &err))
        for (size_t i = 1; i < labels.count; i++)
            assert(strcmp(labels.items[i - 1], labels.items[i]) != 0);
    return 0;
}
