/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quality: how well lists of hard examples find the mistakes of a model, ours beside what others publish.
 *
 * A case is one repetition: a folder that quality.py made with the product's own commands:
 *
 *     data/            data folder with one batch service, "quality", that has run over the images
 *     truth.json       for detection, may be missing: {"only_class": "person", "errors_allowed": 2}
 *     train.manifest   labeled images, the existing training dataset; may be missing
 *     truth.manifest   what the service's images really show; those without a line are not counted,
 *                      and without the file only what needs no truth is measured
 *
 * Rows are methods; a row gets a hardness per image and its figures from that (evaluate/ranking.h).
 */
#ifndef BENCH_QUALITY_H
#define BENCH_QUALITY_H

#include "../finished_run.h"
#include "base/clock.h"
#include "evaluate/ranking.h"
#include "work/mine_features.h"

enum { QUALITY_ROWS_MAX = 96, QUALITY_CASES_MAX = 64, QUALITY_NAME_BYTES = 64 };
#define QUALITY_SERVICE "quality"

/* ---- a case ---- */

struct quality_case {
    const char *folder;
    struct finished_run finished;
    struct profile *profile; /* NULL: no train.manifest */
    struct mine_views views;
    struct mine_features features;   /* name NULL: none */
    struct augment_settings all_ops; /* the eleven, in the order of the reasons; all views are measured */
    double seconds_per_copy;         /* decode, augment, infer; the first time; NaN: they were there before */
    uint64_t images;                 /* of the run */
    bool *is_known, *is_wrong;       /* of each image */
    uint64_t *hashes;                /* perceptual */
};
/* With views: the model is asked about all eleven copies of all images. Close it also after a failure. */
MUST_CHECK bool quality_case_open(const char *folder, bool with_views, struct quality_case *ret,
                                  struct error *err);
void quality_case_close(struct quality_case *opened);
/* Marks which images have a truth, and which of these the model got wrong. */
MUST_CHECK bool quality_read_truth(struct quality_case *opened, struct error *err);

/* ---- rows ---- */

/* What a row found in one case. The arrays have a place for each image of the run. */
struct quality_list {
    double *hardness;  /* larger is harder */
    uint64_t *order;   /* the list a person gets, hardest first, as far as it goes */
    uint64_t ordered;  /* images in the order */
    double inferences; /* of each image, on average, with the first */
    double seconds;    /* without inferences */
    bool *left_out;    /* images that the figures are not of; NULL: none */
};

/* Rows of ours whose difference is printed below the table. */
#define QUALITY_ADAPTIVE "hard coefficient"
#define QUALITY_ALL_COPIES "all eleven operations, all images"
#define QUALITY_WANTED_INFERENCES 2.5
#define QUALITY_WANTED_LOSS 0.01 /* of AUROC at most */

enum quality_group { GROUP_OURS, GROUP_BASELINES, GROUP_METHODS, GROUP_REASONS, GROUP_COUNT };
const char *quality_group_name(enum quality_group group);

enum quality_figure {
    FIGURE_AUROC,
    FIGURE_AVERAGE_PRECISION,
    FIGURE_AURC,   /* × 1000 */
    FIGURE_EXCESS, /* × 1000 */
    FIGURE_FIRST_5,
    FIGURE_FIRST_20,
    FIGURE_REPEATED, /* near duplicates in the first 20 % of the list */
    FIGURE_INFERENCES,
    FIGURE_SECONDS,
    FIGURE_COUNT
};
/* "auroc", …: for JSON; and the column's title, with its decimals. */
struct quality_column {
    const char *key, *title;
    int decimals;
};
extern const struct quality_column quality_columns[FIGURE_COUNT];

struct quality_row {
    enum quality_group group;
    char name[QUALITY_NAME_BYTES];
    uint32_t count; /* cases that it was measured in */
    double figures[FIGURE_COUNT][QUALITY_CASES_MAX];
};
struct quality_table {
    const char *extractor; /* ONNX file of a feature extractor for our rows; NULL: none */
    const char *title;
    bool shows[GROUP_COUNT];
    const char *only; /* rows with this in their name; NULL: all */
    struct quality_row rows[QUALITY_ROWS_MAX];
    uint32_t row_count, cases;
    uint64_t images, wrong; /* of all cases together */
};
bool quality_wants(const struct quality_table *table, enum quality_group group, const char *name);
/* Measures the list against the truth and adds it to the row of that name, the last in the table when there
 * is none. ERR_LIMIT. */
MUST_CHECK bool quality_add(struct quality_table *table, enum quality_group group, const char *name,
                            const struct quality_case *opened, const struct quality_list *list,
                            struct error *err);
void quality_print(const struct quality_table *table);
MUST_CHECK bool quality_print_json(const struct quality_table *table, struct error *err);

/* Fills the table's rows of ours, of the methods and of the reasons … */
MUST_CHECK bool quality_measure_ours(struct quality_table *table, struct quality_case *opened,
                                     struct error *err);
/* … and of the baselines (baseline.h). */
MUST_CHECK bool quality_measure_baselines(struct quality_table *table, struct quality_case *opened,
                                          struct error *err);

#endif
