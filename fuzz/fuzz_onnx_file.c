/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as an ONNX file. What is read must be usable: the embedding that is found can be tapped, and the
 * tapped file is read again with one output more. */

#include "fuzz_target.h"

#include "infer/onnx_graph.h"

#include <assert.h>
#include <string.h>

enum { ARENA_BYTES = 64 * 1024 * 1024, NUMBERS_MAX = 4 };

static void tap(const struct onnx_file *file, const char *name, const uint8_t *data, size_t size,
                struct arena *arena)
{
    struct error err = {0};
    struct onnx_file again;
    AUTO_BUFFER(bytes, size + ONNX_TAP_MAX_BYTES);
    bool was_output = onnx_file_has_output(file, name);
    assert(buffer_add(&bytes, data, size));
    bool is_tapped = onnx_file_tap(file, name, &bytes, &err);
    assert(is_tapped || name[0] == '\0');
    if (!is_tapped)
        return;
    bool is_read = onnx_file_read((struct bytes){bytes.data, bytes.size}, arena, &again, &err);
    assert(is_read || err.code == ERR_LIMIT); /* one output too many, or the arena is full */
    assert(!is_read || onnx_file_has_output(&again, name));
    assert(!is_read || again.output_count == file->output_count + !was_output);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    struct onnx_file file;
    struct error err = {0};
    double numbers[NUMBERS_MAX];
    assert(arena);
    if (!onnx_file_read((struct bytes){data, size}, arena, &file, &err)) {
        assert(err.code != ERR_NONE && err.message[0] != '\0');
        return 0;
    }
    for (size_t i = 0; i < file.constant_count; i++)
        assert(onnx_constant_numbers(&file.constants[i], numbers, NUMBERS_MAX) <= NUMBERS_MAX);
    const char *why = NULL;
    const char *name = onnx_graph_find_embedding(&file, file.outputs[0].name, arena, &why);
    if (name)
        tap(&file, name, data, size, arena);
    for (size_t i = 0; i < file.input_count; i++) {
        size_t index = 0;
        while (onnx_graph_next_user(&file, file.inputs[i].name, &index))
            assert(index <= file.node_count);
    }
    return 0;
}
