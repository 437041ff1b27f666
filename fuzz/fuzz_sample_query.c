/* SPDX-License-Identifier: Apache-2.0 */
/* A filter tree, any bytes. What is accepted keeps the limits, and says the same in SQL and in memory: of a
 * few samples each is in the tree or in its NOT. */
#include "fuzz_target.h"

#include "dataset/sample_match.h"
#include "dataset/sample_where.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 4 * 1024 * 1024, SQL_BYTES = 64 * 1024 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

static struct sample_columns *some_columns(void)
{
    static const char *const states[] = {SAMPLE_UNLABELED, SAMPLE_TO_BE_CONFIRMED, SAMPLE_LABELED};
    struct sample_columns *columns = sample_columns_new();
    double measured[SAMPLE_FEATURES] = {0.5, 1.5, 0.2};
    struct error err = {0};
    must(columns != NULL);
    for (int i = 0; i < 3; i++) {
        char id[HASH_HEX_BYTES], source[16];
        struct annotation said = {.name = "cat", .is_suggested = i == 1, .confidence = 0.5};
        (void)snprintf(source, sizeof(source), "/in/%d.PNG", i);
        sample_id_of("d", source, id);
        const struct sample sample = {.id = id,
                                      .source = source,
                                      .state = states[i],
                                      .usage = i == 2 ? "TRAIN" : NULL,
                                      .origin = "import",
                                      .is_hard = i == 1,
                                      .hard_coefficient = i == 1 ? 0.7 : (double)NAN,
                                      .hard_reasons = i == 1 ? "1-7" : NULL,
                                      .annotations = &said,
                                      .annotation_count = i > 0,
                                      .features = i == 2 ? measured : NULL};
        must(sample_columns_put(columns, &sample, &err));
    }
    return columns;
}

static uint64_t matched(const struct sample_columns *columns, const struct sample_term *term)
{
    roaring_bitmap_t *hits = NULL;
    struct error err = {0};
    must(sample_match(columns, term, columns->all, &hits, &err));
    uint64_t count = roaring_bitmap_get_cardinality(hits);
    roaring_bitmap_free(hits);
    return count;
}

static void check(const struct sample_term *term, struct arena *arena)
{
    AUTO(sample_columns) columns = some_columns();
    AUTO_BUFFER(sql, SQL_BYTES);
    struct statement statement = {.sql = &sql, .arena = arena};
    struct sample_filter filter;
    struct sample_facets facets;
    struct sample_term all;
    struct error err = {0};
    const struct sample_term opposite = {.kind = TERM_NOT, .items = term, .count = 1};
    must(matched(columns, term) + matched(columns, &opposite) == columns->count);
    sample_filter_init(&filter);
    filter.where = term;
    must(statement_add_filter(&statement, "d", &filter, &err));
    must(statement.count <= DB_ARGS_MAX && !sql.is_full);
    must(sample_filter_term(&filter, arena, &all, &err));
    must(sample_match_facets(columns, &all, 10, arena, &facets, &err));
    must(facets.total == (int64_t)matched(columns, &all));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    AUTO_JSON doc = NULL;
    struct sample_term term;
    struct error err = {0};
    must(arena != NULL);
    if (!json_parse((struct bytes){data, size}, "the filter", &doc, &err))
        return 0;
    if (sample_term_read(yyjson_doc_get_root(doc), "/filter", arena, &term, &err))
        check(&term, arena);
    else
        must(err.code != ERR_NONE && err.message[0] != '\0');
    return 0;
}
