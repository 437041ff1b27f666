/* SPDX-License-Identifier: Apache-2.0 */
/* Arena: memory with one lifetime (a request, an image, a line), freed all at once. Not thread-safe. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

/* Returns NULL when memory is out. */
struct arena *arena_new(size_t limit_bytes);
/* Zeroed memory, aligned for any type; NULL past the limit. */
void *arena_alloc(struct arena *arena, size_t bytes);
/* NULL past the limit, or when count * size overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);
char *arena_text(struct arena *arena, const char *text);                 /* NULL stays NULL */
char *arena_text_n(struct arena *arena, const char *text, size_t bytes); /* adds the final NUL */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Forgets all content and keeps one block, so that a loop does not allocate. */
void arena_reset(struct arena *arena);
struct arena *arena_free(struct arena *arena); /* accepts NULL, returns NULL */

/* Scope-bound ownership: AUTO(arena) scratch = arena_new(...); hand over with TAKE(scratch). */
#define AUTO(type) __attribute__((cleanup(type##_autofree))) struct type *
#define DEFINE_AUTO(type)                                                                                    \
    __attribute__((unused)) static inline void type##_autofree(struct type **slot)                           \
    {                                                                                                        \
        *slot = type##_free(*slot);                                                                          \
    }
/* Gives *slot away: returns it and leaves NULL behind. */
__attribute__((unused)) static inline void *take_pointer(void **slot)
{
    void *value = *slot;
    *slot = NULL;
    return value;
}
#define TAKE(pointer) take_pointer((void **)&(pointer))

DEFINE_AUTO(arena)

#endif
