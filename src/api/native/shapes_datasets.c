/* SPDX-License-Identifier: Apache-2.0 */
/* What replies about whole datasets and versions hold: duplicates, changes, features. */
#include "api/native/native.h"
#include "api/native/shape_rows.h"

static const struct reply_shape duplicate = {
    "Duplicate", (const struct reply_spec[]){
                     TEXT("id", "of the sample"), TEXT("dataset", "name of its dataset"),
                     TEXT("source", "where the image is"), TEXT("state", "of the sample"),
                     TEXT_OR_NULL("usage", "TRAIN, EVAL, TEST or INFERENCE"),
                     BOOL("is_copy", "the same bytes as the first of the group"),
                     COUNT("distance", "bits in which its perceptual hash differs from the first one's"),
                     ANY("labels", "confirmed classes, a list"), END}};
static const struct reply_shape duplicate_group = {
    "DuplicateGroup",
    (const struct reply_spec[]){TEXT("kind", "exact: the same bytes; near: the images look the same"),
                                BOOL("is_leak", "one is for training, another is EVAL or TEST"),
                                BOOL("is_contradiction", "two are labeled, and not with the same classes"),
                                TEXT("words", "leak, contradiction, both or nothing"),
                                COUNT("count", "samples in it"),
                                TEXT_OR_NULL("first", "source of its first sample"),
                                TEXT_OR_NULL("second", "source of its second sample"),
                                LIST("samples", &duplicate, "the first 100, by dataset and id"), END}};
const struct reply_shape shape_duplicates = {
    "Duplicates", (const struct reply_spec[]){LIST("groups", &duplicate_group, "a page of them"),
                                              TEXT_OR_NULL("next_cursor", "for the next page"), END}};

/* ---- label sets ---- */

static const struct reply_shape label_attribute = {
    "LabelAttribute",
    (const struct reply_spec[]){TEXT("name", "what is filled in"), TEXT("type", "text or select"),
                                TEXT_OR_NULL("default", "what stands there before"),
                                MEMBER("values", LIST, "of a select, those to choose from"), END}};
const struct reply_shape shape_label = {
    "Label", (const struct reply_spec[]){
                 TEXT("name", "the label"), TEXT_OR_NULL("color", "as #3399ff; null: none was chosen"),
                 TEXT_OR_NULL("shortcut", "its key; null: none"),
                 LIST("attributes", &label_attribute, "what is filled in beside the label"),
                 COUNT("position", "in the set: labels are shown in this order"),
                 COUNT("samples", "labeled ones that have it, without excluded ones"),
                 COUNT("annotations", "classes or boxes of it in these"),
                 TIME_OR_NULL("created", "when it joined the set; null: not known"), END}};
static const struct reply_shape kept_file = {
    "KeptFile", (const struct reply_spec[]){TEXT("source", "of the sample that left the dataset"),
                                            TEXT("why", "the file was not deleted"), END}};
static const struct reply_shape label_change = {
    "LabelChange",
    (const struct reply_spec[]){
        TEXT("label", "that was asked about"),
        TEXT_OR_NULL("to", "its new name, or the label that it became"),
        BOOL("preview", "nothing was changed: it is what would be"), COUNT("samples", "changed or removed"),
        COUNT("annotations", "renamed or deleted"),
        COUNT("duplicates", "of these, deleted: the sample has the other class already"),
        COUNT("unlabeled", "samples left without any annotation"),
        COUNT("removed", "samples that left the dataset"),
        COUNT("left", "samples that still have it: more than the limit"),
        COUNT("files_deleted", "source files of removed samples"),
        COUNT("files_kept", "source files that were not deleted"),
        LIST("kept_files", &kept_file, "the first 1000 of these"),
        TEXT_OR_NULL("operation_id", "for undo, which brings no file back; null: nothing to undo"), END}};
const struct reply_shape shape_labels = {
    "Labels", (const struct reply_spec[]){LIST("labels", &shape_label, "by their position"), END}};
const struct reply_shape shape_label_shown = {
    "LabelShown", (const struct reply_spec[]){OBJECT("label", &shape_label, "the label"), END}};
const struct reply_shape shape_label_edited = {
    "LabelEdited",
    (const struct reply_spec[]){OBJECT("label", &shape_label, "as it is now"),
                                OBJECT("change", &label_change, "what a new name changed"), END}};
const struct reply_shape shape_label_changed = {
    "LabelChanged",
    (const struct reply_spec[]){OBJECT("change", &label_change, "what became of the samples"), END}};

/* ---- merges ---- */

static const struct reply_shape not_merged = {
    "NotMerged",
    (const struct reply_spec[]){
        TEXT("kind", "contradiction, excluded, unreadable or duplicate"), TEXT("id", "of the sample"),
        TEXT("source", "where the image is"), ANY("labels", "confirmed classes, a list"),
        TEXT("words", "why"), TEXT_OR_NULL("other_id", "of the sample that it agrees or disagrees with"),
        TEXT_OR_NULL("other_dataset", "name of the dataset of that one"),
        TEXT_OR_NULL("other_source", "where its image is"), ANY("other_labels", "its classes, a list"), END}};
const struct reply_shape shape_merged = {
    "Merged", (const struct reply_spec[]){LIST("samples", &not_merged, "a page of them, by content"),
                                          TEXT_OR_NULL("next_cursor", "for the next page"), END}};

/* ---- versions ---- */

static const struct reply_shape changed_class = {
    "VersionDiffClass",
    (const struct reply_spec[]){TEXT("name", "the class"), COUNT("gained", "samples that have it only after"),
                                COUNT("lost", "samples that had it only before"), END}};
#define SHIFT_MEMBERS                                                                                        \
    TEXT("feature", "what was measured"), COUNT("reason", "of hard examples, 5 to 18, that is about it"),    \
        TEXT("unit", "of its values; empty for a pure number"), COUNT("count", "images that have it"),       \
        MEMBER_AS("against_count", COUNT, "of the other side", OR_NULL),                                     \
        NUMBER_OR_NULL("median", "of its values"), NUMBER_OR_NULL("against_median", "of the other side"),    \
        NUMBER_OR_NULL("distance", "Kolmogorov-Smirnov statistic of both, 0 (alike) to 1 (apart)"),          \
        NUMBER_OR_NULL("p_value", "how often chance alone has this distance or more"),                       \
        TEXT_OR_NULL("shift", "shifted, not shifted or too few samples")

static const struct reply_shape feature_shift = {"FeatureShift",
                                                 (const struct reply_spec[]){SHIFT_MEMBERS, END}};
static const struct reply_shape version_diff = {
    "VersionDiff",
    (const struct reply_spec[]){COUNT("added", "samples that are only in the version after"),
                                COUNT("removed", "samples that are only in the version before"),
                                COUNT("relabelled", "samples with other classes or boxes"),
                                COUNT("usage", "samples with the same labels and another usage"),
                                COUNT("unchanged", "all others"),
                                LIST("classes", &changed_class, "those that changed, by name"),
                                MEMBER_AS("features", LIST,
                                          "how far each has shifted from before to after; "
                                          "null: not measured of both",
                                          .shape = &feature_shift, OR_NULL),
                                END}};
static const struct reply_shape version_change = {
    "VersionChange", (const struct reply_spec[]){
                         TEXT("kind", "added, removed, relabelled or usage"), TEXT("id", "of the sample"),
                         TEXT("source", "where the image is"), ANY("labels_before", "classes, a list"),
                         ANY("labels_after", "classes, a list"),
                         TEXT_OR_NULL("usage_before", "TRAIN, EVAL, TEST or INFERENCE"),
                         TEXT_OR_NULL("usage_after", "TRAIN, EVAL, TEST or INFERENCE"), END}};
const struct reply_shape shape_version_diff = {
    "VersionDiffShown", (const struct reply_spec[]){OBJECT("diff", &version_diff, "counts of all changes"),
                                                    LIST("changes", &version_change, "a page of them, by id"),
                                                    TEXT_OR_NULL("next_cursor", "for the next page"), END}};

/* ---- data features ---- */

static const struct reply_shape usage_counts = {
    "FeatureUsages", (const struct reply_spec[]){COUNT("none", "images without usage"),
                                                 COUNT("TRAIN", "images"), COUNT("EVAL", "images"),
                                                 COUNT("TEST", "images"), COUNT("INFERENCE", "images"), END}};
static const struct reply_shape feature_side = {
    "FeatureSide",
    (const struct reply_spec[]){
        TEXT_OR_NULL("dataset", "its name; null: a run"), TEXT_OR_NULL("version", "its name; null: a run"),
        TEXT_OR_NULL("run", "its id; null: a version"), COUNT("samples", "images in it"),
        COUNT("unreadable", "of them"), COUNT("counted", "images of the usage and label asked for"),
        OBJECT("usages", &usage_counts, "of these"),
        BOOL("is_small", "fewer than 1,000 count: histograms are not steady yet"), END}};
static const struct reply_shape feature_counts = {
    "FeatureCounts",
    (const struct reply_spec[]){
        COUNT("count", "images that have it"), NUMBER_OR_NULL("mean", "of its values"),
        NUMBER_OR_NULL("p1", "1st percentile"), NUMBER_OR_NULL("median", "50th percentile"),
        NUMBER_OR_NULL("p99", "99th percentile"), COUNT("below", "values below the first bin"),
        COUNT("above", "values above the last bin"), MEMBER("bins", LIST, "values from one edge to the next"),
        END}};
static const struct reply_shape feature_histogram = {
    "FeatureHistogram",
    (const struct reply_spec[]){
        SHIFT_MEMBERS, MEMBER("edges", LIST, "of the bins, the same for both sides: one more than bins"),
        MEMBER_AS("of", OBJECT, "of the version", .shape = &feature_counts),
        MEMBER_AS("against", OBJECT, "of the other side", .shape = &feature_counts, OR_NULL), END}};
const struct reply_shape shape_feature_histograms = {
    "FeatureHistograms",
    (const struct reply_spec[]){
        OBJECT("of", &feature_side, "the version"),
        MEMBER_AS("against", OBJECT, "what it is compared with", .shape = &feature_side, OR_NULL),
        LIST("features", &feature_histogram, "those that an image has, in the order of their reasons"), END}};
