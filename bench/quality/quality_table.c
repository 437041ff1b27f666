/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "quality.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEAR_DUPLICATE_BITS = 8, JSON_MAX_BYTES = 16 * 1024 * 1024 };
#define LIST_SHARE 0.20

const struct quality_column quality_columns[FIGURE_COUNT] = {
    {"auroc", "AUROC", 4},
    {"average_precision", "AP", 4},
    {"aurc_1000", "AURC", 1},
    {"excess_aurc_1000", "excess", 1},
    {"first_5", "first5%", 3},
    {"first_20", "first20%", 3},
    {"near_duplicates", "near-dup", 3},
    {"inferences_per_image", "inf/im", 2},
    {"seconds", "seconds", 1},
};

const char *quality_group_name(enum quality_group group)
{
    static const char *const names[GROUP_COUNT] = {"ours", "baselines", "methods", "reasons"};
    return names[group];
}

bool quality_wants(const struct quality_table *table, enum quality_group group, const char *name)
{
    return table->shows[group] && (!table->only || strstr(name, table->only));
}

static struct quality_row *row_of(struct quality_table *table, enum quality_group group, const char *name)
{
    for (uint32_t i = 0; i < table->row_count; i++)
        if (table->rows[i].group == group && strcmp(table->rows[i].name, name) == 0)
            return &table->rows[i];
    if (table->row_count == QUALITY_ROWS_MAX)
        return NULL;
    struct quality_row *row = &table->rows[table->row_count++];
    *row = (struct quality_row){.group = group};
    (void)snprintf(row->name, sizeof(row->name), "%s", name);
    return row;
}

/* Only images with a truth count; the list is as a person gets it, without the others. */
static bool rank_known(const struct quality_case *opened, const struct quality_list *list,
                       struct ranking *ret, struct error *err)
{
    double *hardness = calloc(opened->images + 1, sizeof(*hardness));
    bool *is_wrong = calloc(opened->images + 1, sizeof(*is_wrong));
    uint64_t known = 0;
    bool is_done = (hardness && is_wrong) || error_no_memory(err);
    for (uint64_t i = 0; is_done && i < opened->images; i++) {
        if (!opened->is_known[i] || (list->left_out && list->left_out[i]))
            continue;
        hardness[known] = list->hardness[i];
        is_wrong[known++] = opened->is_wrong[i];
    }
    is_done = is_done && evaluate_ranking(hardness, is_wrong, known, ret, err);
    free(hardness);
    free(is_wrong);
    return is_done;
}

bool quality_add(struct quality_table *table, enum quality_group group, const char *name,
                 const struct quality_case *opened, const struct quality_list *list, struct error *err)
{
    struct ranking ranking;
    struct quality_row *row = row_of(table, group, name);
    if (!row || row->count == QUALITY_CASES_MAX)
        return error_set(err, ERR_LIMIT, "more than %d rows, or %d cases", QUALITY_ROWS_MAX,
                         QUALITY_CASES_MAX);
    if (!rank_known(opened, list, &ranking, err))
        return false;
    bool has_truth = ranking.images > 0;
    uint64_t first = (uint64_t)ceil((double)opened->images * LIST_SHARE);
    double copies = (list->inferences - 1) * (double)opened->images;
    double figures[FIGURE_COUNT] = {
        [FIGURE_AUROC] = ranking.auroc,
        [FIGURE_AVERAGE_PRECISION] = ranking.average_precision,
        [FIGURE_AURC] = has_truth ? ranking.aurc * 1000 : (double)NAN,
        [FIGURE_EXCESS] = has_truth ? ranking.excess_aurc * 1000 : (double)NAN,
        [FIGURE_FIRST_5] = has_truth ? ranking.first_5 : (double)NAN,
        [FIGURE_FIRST_20] = has_truth ? ranking.first_20 : (double)NAN,
        [FIGURE_REPEATED] = evaluate_repeated_share(
            opened->hashes, list->order, first < list->ordered ? first : list->ordered, NEAR_DUPLICATE_BITS),
        [FIGURE_INFERENCES] = list->inferences,
        [FIGURE_SECONDS] = list->seconds + (copies > 0 ? copies * opened->seconds_per_copy : 0),
    };
    for (int i = 0; i < FIGURE_COUNT; i++)
        row->figures[i][row->count] = figures[i];
    row->count++;
    return true;
}

/* ---- out ---- */

static double mean_of(const double *values, uint32_t count)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += values[i];
    return count > 0 ? sum / count : (double)NAN;
}

/* Of a sample. */
static double deviation_of(const double *values, uint32_t count)
{
    double mean = mean_of(values, count), sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return count > 1 ? sqrt(sum / (count - 1)) : 0;
}

static void print_row(const struct quality_table *table, const struct quality_row *row)
{
    const bool has_spread[FIGURE_COUNT] = {[FIGURE_AUROC] = true, [FIGURE_FIRST_5] = true};
    printf("%-34.34s", row->name);
    for (int i = 0; i < FIGURE_COUNT; i++) {
        const struct quality_column *column = &quality_columns[i];
        double mean = mean_of(row->figures[i], row->count);
        if (isnan(mean))
            printf(" %8s", "-");
        else
            printf(" %8.*f", column->decimals, mean);
        if (table->cases > 1 && has_spread[i])
            printf(" ±%.*f", column->decimals, deviation_of(row->figures[i], row->count));
    }
    printf("\n");
}

static void print_head(const struct quality_table *table)
{
    printf("\n%s: %llu images, %llu of them wrong (%.1f %%), %u repetition%s\n%-34s", table->title,
           (unsigned long long)table->images, (unsigned long long)table->wrong,
           100 * (double)table->wrong / (double)(table->images ? table->images : 1), table->cases,
           table->cases == 1 ? "" : "s", "");
    for (int i = 0; i < FIGURE_COUNT; i++) {
        bool is_wide = i == FIGURE_AUROC || i == FIGURE_FIRST_5;
        int spread = table->cases > 1 && is_wide ? quality_columns[i].decimals + 4 : 0;
        printf(" %8s%*s", quality_columns[i].title, spread, "");
    }
    printf("\n");
}

static const struct quality_row *find_row(const struct quality_table *table, const char *name)
{
    for (uint32_t i = 0; i < table->row_count; i++)
        if (table->rows[i].group == GROUP_OURS && strcmp(table->rows[i].name, name) == 0)
            return &table->rows[i];
    return NULL;
}

/* What copies only where they can matter give away against all of them, repetition by repetition. */
static void print_adaptive(const struct quality_table *table)
{
    const struct quality_row *ours = find_row(table, QUALITY_ADAPTIVE),
                             *all = find_row(table, QUALITY_ALL_COPIES);
    double differences[QUALITY_CASES_MAX];
    if (!ours || !all || ours->count != all->count)
        return;
    for (uint32_t i = 0; i < ours->count; i++)
        differences[i] = ours->figures[FIGURE_AUROC][i] - all->figures[FIGURE_AUROC][i];
    double mean = mean_of(differences, ours->count);
    if (isnan(mean))
        return;
    printf("adaptive: %.2f inferences an image (wanted: at most %.1f), all on all %.2f; AUROC %+.4f ±%.4f "
           "(wanted: at least %+.2f)\n",
           mean_of(ours->figures[FIGURE_INFERENCES], ours->count), QUALITY_WANTED_INFERENCES,
           mean_of(all->figures[FIGURE_INFERENCES], all->count), mean, deviation_of(differences, ours->count),
           -QUALITY_WANTED_LOSS);
}

void quality_print(const struct quality_table *table)
{
    print_head(table);
    for (int group = 0; group < GROUP_COUNT; group++) {
        bool is_first = true;
        for (uint32_t i = 0; i < table->row_count; i++) {
            if ((int)table->rows[i].group != group)
                continue;
            if (is_first)
                printf("-- %s\n", quality_group_name((enum quality_group)group));
            is_first = false;
            print_row(table, &table->rows[i]);
        }
    }
    print_adaptive(table);
}

static void add_figure(yyjson_mut_doc *doc, yyjson_mut_val *into, const struct quality_row *row, int figure)
{
    yyjson_mut_val *object = yyjson_mut_obj_add_obj(doc, into, quality_columns[figure].key);
    double mean = mean_of(row->figures[figure], row->count);
    if (isnan(mean)) {
        (void)yyjson_mut_obj_add_null(doc, object, "mean");
        return;
    }
    (void)yyjson_mut_obj_add_real(doc, object, "mean", mean);
    (void)yyjson_mut_obj_add_real(doc, object, "deviation", deviation_of(row->figures[figure], row->count));
    yyjson_mut_val *each = yyjson_mut_obj_add_arr(doc, object, "each");
    for (uint32_t i = 0; i < row->count; i++)
        (void)yyjson_mut_arr_add_real(doc, each, row->figures[figure][i]);
}

bool quality_print_json(const struct quality_table *table, struct error *err)
{
    AUTO_BUFFER(text, JSON_MAX_BYTES);
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    (void)yyjson_mut_obj_add_str(doc, root, "set", table->title);
    (void)yyjson_mut_obj_add_uint(doc, root, "repetitions", table->cases);
    (void)yyjson_mut_obj_add_uint(doc, root, "images", table->images);
    (void)yyjson_mut_obj_add_uint(doc, root, "wrong", table->wrong);
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(doc, root, "rows");
    for (uint32_t i = 0; i < table->row_count; i++) {
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, rows);
        (void)yyjson_mut_obj_add_str(doc, row, "group", quality_group_name(table->rows[i].group));
        (void)yyjson_mut_obj_add_str(doc, row, "name", table->rows[i].name);
        for (int figure = 0; figure < FIGURE_COUNT; figure++)
            add_figure(doc, row, &table->rows[i], figure);
    }
    if (!json_write(doc, true, &text, err))
        return false;
    printf("%.*s\n", (int)text.size, (const char *)text.data);
    return true;
}
