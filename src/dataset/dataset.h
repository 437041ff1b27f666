/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dataset: samples with labels, each in exactly one state: unlabeled, to be confirmed, or labeled. A sample
 * is (dataset, source); adding it twice adds nothing. Published versions are manifests that never change.
 *
 * Functions that take a reference look for it in one project only; those that take an id trust that a finder
 * gave it. Functions that write take their own transaction unless said otherwise.
 */
#ifndef DATASET_DATASET_H
#define DATASET_DATASET_H

#include "base/hash.h"
#include "base/params.h"
#include "base/workers.h"
#include "db/db.h"
#include "manifest/voc.h"
#include "store/store.h"

enum {
    DATASET_NAME_MAX_CHARACTERS = 100,
    DATASET_LABEL_MAX_CHARACTERS = 256,
    DATASET_LABELS_MAX = 10000,
    DATASET_PAGE_MAX = 1000,
    DATASET_DECIDE_MAX = 100000,
    DATASET_VERSION_NAME_MAX_CHARACTERS = 32,
    SAMPLE_SOURCE_MAX_BYTES = 4096,
    SAMPLE_MAX_BYTES = 1024 * 1024, /* all texts of one sample and its annotations */
    SAMPLE_CLASSES_MAX = 200,       /* classes of one sample */
    SAMPLE_BOXES_MAX = MANIFEST_ANNOTATIONS_MAX,
    SAMPLE_REASON_MAX = 30, /* the last of the hard reasons */
};

#define DATASET_TYPE_CLASSIFICATION "image_classification"
#define DATASET_TYPE_DETECTION "object_detection"

#define SAMPLE_UNLABELED "unlabeled"
#define SAMPLE_TO_BE_CONFIRMED "to_be_confirmed"
#define SAMPLE_LABELED "labeled"

struct dataset {
    const char *id, *project_id, *name, *dataset_type, *description, *current_version;
    int64_t created_ms, updated_ms;
    int64_t revision; /* of name, description and current version, not of samples */
    /* Counts of samples that are not excluded. */
    int64_t samples, unlabeled, to_be_confirmed, labeled, hard;
};
struct dataset_label {
    const char *name, *color, *shortcut;
    const char *attributes_json;  /* label_edit.h; NULL: none */
    int64_t position, created_ms; /* in the set; 0: not known */
    int64_t samples, annotations; /* labeled ones that carry it, and how often */
};

struct dataset_new {
    const char *project_id, *name;
    const char *dataset_type; /* image_classification | object_detection */
    struct param_list labels; /* the first, in order; may be none */
};
/* DETAIL_DATASET_EXISTS. */
MUST_CHECK bool dataset_create(struct db *db, struct arena *arena, const struct dataset_new *request,
                               struct dataset *ret, struct error *err);
/* By id, name, or unique prefix of an id, in this order, among the datasets of the project; those of others
 * are as if they did not exist. DETAIL_DATASET_NOT_FOUND; DETAIL_INVALID_ARGUMENT when it fits several. */
MUST_CHECK bool dataset_find(struct db *db, const char *project_id, struct arena *arena,
                             const char *reference, struct dataset *ret, struct error *err);
/* As dataset_find, with the counts left 0: for those who do not need them. */
MUST_CHECK bool dataset_find_uncounted(struct db *db, const char *project_id, struct arena *arena,
                                       const char *reference, struct dataset *ret, struct error *err);
/* By its whole name only: for "create unless it is there", where the start of another's id must not match. */
MUST_CHECK bool dataset_find_name(struct db *db, const char *project_id, struct arena *arena,
                                  const char *name, struct dataset *ret, struct error *err);
MUST_CHECK bool dataset_list(struct db *db, const char *project_id, struct arena *arena, struct dataset **ret,
                             size_t *ret_count, struct error *err);
MUST_CHECK bool dataset_labels(struct db *db, struct arena *arena, const char *id, struct dataset_label **ret,
                               size_t *ret_count, struct error *err);
struct dataset_edit {
    const char *name, *description; /* NULL: stays */
    int64_t expected_revision;      /* 0: any */
};
/* DETAIL_DATASET_EXISTS; ERR_CONFLICT when the dataset has another revision. Published manifests stay where
 * they are; those to come lie in a folder of the new name. */
MUST_CHECK bool dataset_edit(struct db *db, const char *id, const struct dataset_edit *edit,
                             struct error *err);
/* Deletes the rows; source files and published manifests stay where they are. */
MUST_CHECK bool dataset_delete(struct db *db, const char *id, struct error *err);

/* ---- adding samples ---- */

struct annotation {
    const char *name;       /* label */
    const char *shape_json; /* boxes: voc_shape_json_read's form; NULL for a class */
    bool is_suggested;
    double confidence;         /* NaN: none */
    const char *annotated_by;  /* "human", "modelarts/hard_example_algo", … */
    const char *property_json; /* object; NULL */
    int64_t created_ms;        /* when it was labelled; 0 in a new one: now */
};
/* ERR_INVALID unless the annotations fit the state: labeled has confirmed ones only, and at least one class
 * (an image without boxes may be labeled); to be confirmed has suggestions only, or none (nothing was
 * detected); unlabeled has none. */
struct sample_new {
    const char *source; /* UTF-8 */
    const char *state;
    const char *usage;        /* TRAIN | EVAL | TEST | INFERENCE in any case, kept in capitals; may be NULL */
    const char *content_hash; /* may be NULL */
    int64_t width, height;    /* 0: not known */
    bool is_hard;
    double hard_coefficient;   /* NaN: none */
    const char *hard_reasons;  /* "1-7-20", strongest first; NULL */
    const char *evidence_json; /* NULL */
    const char *origin;        /* import | synchronize | hard_examples */
    const char *origin_task;   /* NULL */
    const char *metadata_json; /* NULL */
    const struct annotation *annotations;
    size_t annotation_count;
};
/* What happens to a sample that is there already. What changes nothing leaves its revision; annotations
 * that are replaced bring their origin and origin_task; what is excluded stays so. */
enum sample_merge {
    SAMPLE_MERGE_KEEP, /* nothing changes: synchronize */
    /* Hard examples: an unlabeled or to-be-confirmed sample gets the new suggestions, coefficient, reasons
     * and goes to be confirmed; a labeled one keeps state and labels and only gets the hard attributes. */
    SAMPLE_MERGE_HARD,
    /* Import: an unlabeled or to-be-confirmed sample takes annotations and state of one that has any, and
     * hard attributes when given; a labeled one is left alone. */
    SAMPLE_MERGE_IMPORT,
};
struct sample_add_counts {
    int64_t added, updated, unchanged;
};
/* The id of a sample: a hash of dataset id and source. */
void sample_id_of(const char *dataset_id, const char *source, char ret_hex[HASH_HEX_BYTES]);
struct sample_batch {
    const struct sample_new *samples;
    size_t count;
    enum sample_merge merge;
};
/* Adds a batch in one transaction; new labels join the label set. ERR_INVALID names the sample. Counts are
 * added to *counts when all went well. */
MUST_CHECK bool samples_add(struct db *db, const char *dataset_id, const struct sample_batch *batch,
                            struct sample_add_counts *counts, struct error *err);

/* ---- reading and deciding ---- */

struct sample {
    const char *id, *dataset_id, *source, *state, *usage, *content_hash;
    int64_t width, height;
    bool is_hard;
    double hard_coefficient;
    const char *hard_reasons, *evidence_json, *origin, *origin_task, *metadata_json;
    bool is_excluded;
    int64_t revision, created_ms, updated_ms;
    struct annotation *annotations;
    size_t annotation_count;
    const double *features; /* sample_feature.h; only those who keep an index read them; NULL: none */
};
struct sample_term;
struct sample_filter {
    const char *state; /* NULL: any */
    bool only_hard;
    int64_t reason;                          /* -1: any */
    const char *label;                       /* NULL: any; confirmed or suggested */
    const char *usage;                       /* NULL: any; "none": without one */
    const char *origin;                      /* NULL: any */
    double score_min, score_max;             /* of the best suggestion; NaN: any */
    double coefficient_min, coefficient_max; /* NaN: any */
    const char *source_contains;             /* NULL: any */
    bool include_excluded;
    const struct sample_term *where; /* sample_query.h, and the members above; NULL: any */
    const char *sort;   /* "-hard_coefficient" (default), "hard_coefficient", "source", "-source", "created",
                           "-created", "id" */
    const char *cursor; /* from the page before; NULL: first page */
    int64_t offset;     /* samples left out before the first; 0: none; not with a cursor */
    int64_t limit;      /* 1..DATASET_PAGE_MAX */
};
void sample_filter_init(struct sample_filter *filter);
struct sample_page {
    struct sample *samples;
    size_t count;
    const char *cursor; /* for the next page; NULL after the last */
};
/* One page in a total order. ERR_INVALID: bad cursor or sort, or a cursor and an offset. */
MUST_CHECK bool samples_page(struct db *db, struct arena *arena, const char *dataset_id,
                             const struct sample_filter *filter, struct sample_page *ret, struct error *err);
/* The same, as ids. */
struct sample_ids {
    struct param_list ids;
    const char *cursor; /* for the next page */
    int64_t total;      /* all that match, whatever the page */
};
MUST_CHECK bool samples_count(struct db *db, const char *dataset_id, const struct sample_filter *filter,
                              int64_t *ret, struct error *err);
/* By id or unique prefix, in any dataset. DETAIL_SAMPLE_NOT_FOUND; DETAIL_INVALID_ARGUMENT when it fits
 * several. */
MUST_CHECK bool sample_find(struct db *db, const char *project_id, struct arena *arena, const char *reference,
                            struct sample *ret, struct error *err);

enum sample_action {
    SAMPLE_CONFIRM, /* suggestions become labels (or what is given replaces what is there): labeled, annotated
                       by a person, without confidence. To be confirmed without a box: nothing is there */
    SAMPLE_REJECT, /* suggestions are dropped: unlabeled, no longer hard; with labels or boxes: relabelled and
                      labeled, still hard. A labeled sample is not rejected without (ERR_CONFLICT) */
    SAMPLE_MARK_HARD, /* this and the rest take no labels */
    SAMPLE_CLEAR_HARD,
    SAMPLE_EXCLUDE,
    SAMPLE_INCLUDE,
    SAMPLE_ANNOTATE, /* what it is and its marks, as given; the state follows: labeled, or unlabeled without
                        labels and boxes. What is not given stays */
    SAMPLE_ACTION_COUNT
};
const char *sample_action_name(enum sample_action action); /* "mark_hard" */
/* A rectangle in whole px: those who read published files take no fractions. */
struct sample_box {
    const char *label; /* one that the dataset has not yet joins its set */
    int64_t x_min, y_min, x_max, y_max;
};
/* "LABEL:XMIN,YMIN,XMAX,YMAX"; the label may hold ':'. ERR_INVALID also for boxes that are not inside any
 * image, or below VOC_BOX_MIN_PX. */
MUST_CHECK bool sample_box_read(const char *text, struct arena *arena, struct sample_box *ret,
                                struct error *err);
struct samples_decided;
struct sample_outcome {
    const char *id; /* borrowed from the call's ids */
    bool is_done;
    const struct error *err; /* when not; in the arena */
};
struct sample_decision {
    const char *project_id; /* samples of other projects are not found */
    enum sample_action action;
    struct param_list labels;       /* classes; may be empty */
    const struct sample_box *boxes; /* of a dataset of boxes, in place of labels */
    size_t box_count;
    bool is_cleared;           /* annotate: whatever is there is dropped */
    int hard, excluded;        /* annotate: 1 sets, -1 takes off, 0 leaves it */
    bool is_nothing;           /* a dataset of boxes: there is nothing in the image; without boxes */
    const char *decided_by;    /* "human/NAME" or "human" */
    bool only_known_labels;    /* a class outside the dataset's set is DETAIL_LABEL_NOT_FOUND */
    int64_t expected_revision; /* not 0: a sample of another revision is refused, ERR_CONFLICT */
    const char *user;          /* who is written down with the operation; may be NULL */
    /* Called when all is decided and nothing is committed yet: what it writes is kept together with the
     * decisions, or not at all. May be NULL. */
    bool (*finish)(void *state, const struct samples_decided *decided, struct error *err);
    void *finish_state;
    const char *dataset_id; /* not NULL: a sample of another dataset is not found */
};
struct samples_decided {
    const char *operation_id; /* NULL: nothing changed */
    const struct sample_outcome *outcomes;
    size_t count;
};
/* Decides each sample by itself; all in one transaction, failures listed, the others kept. `ids` are whole
 * ids, at most DATASET_DECIDE_MAX; there is one outcome for each, and one that comes again is decided as the
 * first left it. A confirm of a sample without suggestion and without labels fails for that sample, unless it
 * is to be confirmed that nothing was found; as do classes for a sample of boxes, boxes for one of classes,
 * and boxes outside an image whose size is known. A decision that holds already is done and changes no
 * revision. Coefficient, reasons and evidence stay whatever is decided. What changed is one operation
 * (dataset/operation.h). */
MUST_CHECK bool samples_decide(struct db *db, struct arena *arena, struct param_list ids,
                               const struct sample_decision *decision, struct sample_outcome **ret,
                               struct error *err);

/* ---- import and publish (streaming; used by work/) ---- */

struct sample_reading {
    const char *dataset_type;
    bool final_annotation;
    /* What is in the line's annotation-loc, its boxes fixed. NULL: every object in it was dropped, which
     * makes the sample unlabeled. */
    const struct voc *voc;
};
/* Turns a manifest line into a sample: confirmed annotations → labeled (final true) or to be confirmed (final
 * false); none → unlabeled. A file without objects is an annotation: there is nothing in the image.
 * ERR_INVALID: annotation of another type than the dataset's (DETAIL_DATASET_TYPE_MISMATCH), or anything that
 * samples_add would refuse. A label named twice counts once; a creation time that cannot be read is left out.
 * Texts borrowed or in the arena. */
MUST_CHECK bool sample_of_manifest(const struct manifest_sample *line, const struct sample_reading *reading,
                                   struct arena *arena, struct sample_new *ret, struct error *err);

struct dataset_publish {
    const char *project_id, *dataset_id;
    const char *name;        /* NULL: the next V00N */
    const char *description; /* NULL: "" */
    bool hard_attributes;    /* write hard, and of hard samples hard-coefficient and hard-reasons */
    /* Below 1: labeled samples are split (dataset/split.h), usage TRAIN or EVAL; others are written without
     * any. 0 and 1: no split, each sample is written with its own usage. The samples in the dataset keep
     * theirs in any case. */
    double train_ratio;
    uint64_t seed;
    bool keep_usage;        /* split only labeled samples without usage; all others are written with theirs */
    struct stop_flag *stop; /* may be NULL */
    atomic_int_fast64_t *done; /* samples written so far; may be NULL */
};
struct dataset_version {
    const char *dataset_id, *name, *manifest_key, *manifest_hash, *description;
    bool has_hard_attributes;
    int64_t samples, labeled, created_ms;
    double train_ratio; /* NaN: it was not split */
    int64_t seed;
};
/* Writes datasets/<name>-<id>/annotation/V001/V001.manifest in the data store: samples sorted by id, without
 * the excluded ones, only labeled ones with annotations, and registers it as current version. The boxes of
 * each labeled sample lie in annotation/ beside the manifest, in a file named after the image, the sample and
 * its own content: so files of a published version are never written again, whoever else publishes. Killed in
 * between, nothing is registered and a later call replaces the manifest. ERR_CONFLICT with
 * DETAIL_VERSION_EXISTS, also when another publishes that name meanwhile; DETAIL_NOTHING_TO_PUBLISH without a
 * labeled sample; DETAIL_SPLIT_IMPOSSIBLE. Samples are read page by page without holding others up: each is
 * written as it was when its page was read. */
MUST_CHECK bool dataset_publish(struct db *db, struct store *data, struct arena *arena,
                                const struct dataset_publish *request, struct dataset_version *ret,
                                struct error *err);
MUST_CHECK bool dataset_versions(struct db *db, struct arena *arena, const char *dataset_id,
                                 struct dataset_version **ret, size_t *ret_count, struct error *err);
/* DETAIL_VERSION_NOT_FOUND, here and below. */
MUST_CHECK bool dataset_version_find(struct db *db, struct arena *arena, const struct dataset *dataset,
                                     const char *name, struct dataset_version *ret, struct error *err);
/* Makes it the current one: what readers of the dataset get who name no version. */
MUST_CHECK bool dataset_version_use(struct db *db, struct arena *arena, const struct dataset *dataset,
                                    const char *name, struct error *err);
/* Deletes the row, the manifest and the annotation files beside it: the name is free from then on, and what
 * is published under it later must not stand where somebody still reads the former. ERR_CONFLICT: it is the
 * current one. */
MUST_CHECK bool dataset_version_delete(struct db *db, struct store *data, struct arena *arena,
                                       const struct dataset *dataset, const char *name, struct error *err);

#endif
