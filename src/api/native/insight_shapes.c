/* SPDX-License-Identifier: Apache-2.0 */
/* What the replies about results, reasons and likeness hold. */
#include "api/native/native.h"
#include "api/native/shape_rows.h"

/* ---- results ---- */

#define RESULT_MEMBERS                                                                                       \
    MEMBER("id", TEXT, "of the result"), MEMBER("source", TEXT, "where the image is"),                       \
        MEMBER("state", TEXT, "ok or failed"), MEMBER_AS("error", TEXT, "why it failed", OR_NULL),           \
        MEMBER_AS("label", TEXT, "class with the best score", OR_NULL),                                      \
        MEMBER_AS("score", NUMBER, "its score, 0 to 1", OR_NULL),                                            \
        MEMBER("box_count", COUNT, "of a detection: how many"), MEMBER("width", COUNT, "px; 0: not known"),  \
        MEMBER("height", COUNT, "px; 0: not known"), MEMBER("image", TEXT, "path that gives the image")

static const struct reply_shape result = {"Result", (const struct reply_spec[]){RESULT_MEMBERS, END}};
static const struct reply_shape result_score = {
    "ResultScore",
    (const struct reply_spec[]){MEMBER("label", TEXT, "the class"), MEMBER("score", NUMBER, "0 to 1"), END}};
static const struct reply_shape result_box = {
    "ResultBox",
    (const struct reply_spec[]){MEMBER("label", TEXT, "the class"), MEMBER("score", NUMBER, "0 to 1"),
                                MEMBER("xmin", NUMBER, "px"), MEMBER("ymin", NUMBER, "px"),
                                MEMBER("xmax", NUMBER, "px"), MEMBER("ymax", NUMBER, "px"), END}};
static const struct reply_shape result_in_full = {
    "ResultInFull",
    (const struct reply_spec[]){
        RESULT_MEMBERS, MEMBER_AS("format", TEXT, "of the file", OR_NULL),
        MEMBER_AS("content_hash", TEXT, "of the file", OR_NULL), MEMBER("bytes", COUNT, "of the file"),
        MEMBER("warnings", LIST, "what was odd about the file"),
        MEMBER_AS("features", ANY, "what was measured, by name", OPTIONAL, OR_NULL),
        MEMBER_AS("scores", LIST, "of a classification: the best ones", .shape = &result_score, OPTIONAL),
        MEMBER_AS("boxes", LIST, "of a detection: the best first", .shape = &result_box, OPTIONAL),
        MEMBER_AS("near_misses", LIST, "below the score threshold", .shape = &result_box, OPTIONAL), END}};
const struct reply_shape shape_results = {
    "Results",
    (const struct reply_spec[]){MEMBER("run", TEXT, "id of the run"),
                                MEMBER_AS("results", LIST, "in the run's order", .shape = &result),
                                MEMBER("total", COUNT, "that match the filters"),
                                MEMBER_AS("next_cursor", TEXT, "for the next page", OR_NULL), END}};
const struct reply_shape shape_result_shown = {
    "ResultShown",
    (const struct reply_spec[]){MEMBER_AS("result", OBJECT, "the result", .shape = &result_in_full), END}};

/* ---- runs ---- */

static const struct reply_shape histogram = {
    "RunHistogram", (const struct reply_spec[]){MEMBER("from", NUMBER, "where the first bin begins"),
                                                MEMBER("to", NUMBER, "where the last bin ends"),
                                                MEMBER("bins", LIST, "how many fall into each"), END}};
static const struct reply_shape class_count = {
    "ClassCount", (const struct reply_spec[]){MEMBER("label", TEXT, "the class"),
                                              MEMBER("images", COUNT, "where it has the best score"), END}};
const struct reply_shape shape_run_shown = {
    "RunShown",
    (const struct reply_spec[]){
        MEMBER_AS("run", OBJECT, "the run", .shape = &shape_run),
        MEMBER_AS("classes", LIST, "of a complete run: most frequent first", .shape = &class_count, OPTIONAL),
        MEMBER_AS("scores", OBJECT, "best scores, 0 to 1", .shape = &histogram, OPTIONAL),
        MEMBER_AS("boxes", COUNT, "of a detection: in all images", OPTIONAL),
        MEMBER_AS("without_boxes", COUNT, "of a detection: images in which nothing was found", OPTIONAL),
        END}};

/* ---- why a sample is hard ---- */

static const struct reply_shape placed_histogram = {
    "PlacedHistogram",
    (const struct reply_spec[]){MEMBER("from", NUMBER, "where the first bin begins"),
                                MEMBER("to", NUMBER, "where the last bin ends"),
                                MEMBER_AS("bin", COUNT, "the bin that holds this sample, from 0", OR_NULL),
                                MEMBER("run", LIST, "images of this run in each bin"),
                                MEMBER_AS("training", LIST, "training samples in each bin", OR_NULL), END}};
const struct reply_shape shape_augmented_copy = {
    "AugmentedCopy",
    (const struct reply_spec[]){
        MEMBER("operation", TEXT, "what was done to the image"), MEMBER("image", TEXT, "path that gives it"),
        MEMBER_AS("label", TEXT, "of a classification: what the model says of the image", OR_NULL),
        MEMBER_AS("score", NUMBER, "its score", OR_NULL),
        MEMBER_AS("copy_label", TEXT, "what it says of the copy", OR_NULL),
        MEMBER_AS("copy_score", NUMBER, "its score", OR_NULL),
        MEMBER_AS("boxes", COUNT, "of a detection: found in the image", OR_NULL),
        MEMBER_AS("copy_boxes", COUNT, "found in the copy", OR_NULL), END}};
static const struct reply_shape explained_reason = {
    "ExplainedReason",
    (const struct reply_spec[]){
        MEMBER("id", COUNT, "0 to 30"), MEMBER("code", TEXT, "C1 …"), MEMBER("name", TEXT, "for people"),
        MEMBER("method", TEXT, "the method it belongs to"), MEMBER_AS("strength", NUMBER, "0 to 1", OR_NULL),
        MEMBER_AS("weight", NUMBER, "of the method, 0 to 1; null: not known", OR_NULL),
        MEMBER_AS("sentence", TEXT, "what was seen, with its numbers", OR_NULL),
        MEMBER("suggestion", TEXT, "what to do"),
        MEMBER_AS("value", NUMBER, "the number that the histogram is about", OR_NULL),
        MEMBER_AS("histogram", OBJECT, "of that number", .shape = &placed_histogram, OR_NULL),
        MEMBER_AS("augmented", OBJECT, "of reasons 19 to 29: both answers", .shape = &shape_augmented_copy,
                  OPTIONAL),
        MEMBER_AS("evidence", ANY, "all its numbers (docs/rules.md)", OR_NULL), END}};
static const struct reply_shape heard_method = {
    "HeardMethod",
    (const struct reply_spec[]){
        MEMBER("method", TEXT, "its name"), MEMBER_AS("weight", NUMBER, "0 to 1", OR_NULL),
        MEMBER("code", TEXT, "its strongest reason"),
        MEMBER_AS("strength", NUMBER, "of that reason; of aug_consistent_mining the mean of its operations",
                  OR_NULL),
        MEMBER_AS("heard", NUMBER, "weight × strength", OR_NULL), END}};
static const struct reply_shape combination = {
    "Combination", (const struct reply_spec[]){
                       MEMBER("formula", TEXT, "how strengths become the coefficient"),
                       MEMBER_AS("methods", LIST, "of the listed reasons", .shape = &heard_method),
                       MEMBER_AS("listed", NUMBER, "what these alone come to", OR_NULL),
                       MEMBER_AS("weaker_reasons", NUMBER,
                                 "share of the rest that reasons too weak to be listed take", OR_NULL),
                       MEMBER_AS("hard_coefficient", NUMBER, "what all come to", OR_NULL), END}};
const struct reply_shape shape_detections = {
    "Detections",
    (const struct reply_spec[]){
        MEMBER_AS("boxes", LIST, "the model's answer", .shape = &result_box),
        MEMBER_AS("near_misses", LIST, "below the score threshold", .shape = &result_box), END}};
static const struct reply_shape group_image = {
    "GroupImage", (const struct reply_spec[]){MEMBER("source", TEXT, "where the image is"),
                                              MEMBER("record", COUNT, "its place in the run"), END}};
const struct reply_shape shape_group = {
    "Group", (const struct reply_spec[]){
                 MEMBER("count", COUNT, "near-duplicates and consecutive frames that the sample stands for"),
                 MEMBER_AS("images", LIST, "the hardest of them", .shape = &group_image), END}};
static const struct reply_shape beside_frame = {
    "BesideFrame",
    (const struct reply_spec[]){MEMBER("place", NUMBER, "-1: the one before, 1: the one after"),
                                MEMBER("source", TEXT, "where the image is"),
                                MEMBER_AS("image", TEXT, "path that gives it; null: gone", OR_NULL), END}};
const struct reply_shape shape_explanation = {
    "Explanation",
    (const struct reply_spec[]){
        MEMBER("sample", TEXT, "its id"), MEMBER("hard", BOOL, "it is a hard example"),
        MEMBER_AS("hard_coefficient", NUMBER, "0 to 1, how hard", OR_NULL),
        MEMBER_AS("reasons", LIST, "strongest first", .shape = &explained_reason),
        MEMBER_AS("combination", OBJECT, "how they became the coefficient", .shape = &combination),
        MEMBER_AS("group", OBJECT, "what it stands for beside itself", .shape = &shape_group, OR_NULL),
        MEMBER_AS("task", TEXT, "id of the filtering", OR_NULL),
        MEMBER_AS("run", TEXT, "id of the run", OR_NULL),
        MEMBER_AS("result", TEXT, "path of what the model said; null: gone", OR_NULL),
        MEMBER_AS("detections", OBJECT, "of a detection", .shape = &shape_detections, OPTIONAL),
        MEMBER_AS("frames", LIST, "of reason 4: the images before and after it", .shape = &beside_frame,
                  OPTIONAL),
        END}};

/* ---- what is like it ---- */

static const struct reply_shape neighbor = {
    "Neighbor",
    (const struct reply_spec[]){
        MEMBER_AS("number", COUNT, "of a training sample", OR_NULL),
        MEMBER_AS("sample", TEXT, "id of a sample of the dataset", OR_NULL),
        MEMBER("source", TEXT, "where the image is"),
        MEMBER_AS("usage", TEXT, "TRAIN, EVAL, TEST or INFERENCE", OR_NULL),
        MEMBER("labels", LIST, "what it shows"), MEMBER("cosine", NUMBER, "-1 to 1: likeness"),
        MEMBER("distance", NUMBER, "1 - cosine"), MEMBER("image", TEXT, "path that gives the image"), END}};
const struct reply_shape shape_neighbors = {
    "Neighbors",
    (const struct reply_spec[]){
        MEMBER("sample", TEXT, "its id"), MEMBER("in", TEXT, "training or dataset"),
        MEMBER("space", TEXT, "embedding: as the model sees it; appearance: as it looks"),
        MEMBER("searched", COUNT, "images compared"), MEMBER("is_exact", BOOL, "there is none nearer"),
        MEMBER_AS("neighbors", LIST, "nearest first", .shape = &neighbor),
        MEMBER("milliseconds", NUMBER, "that the search took"), END}};

/* ---- what settings would find ---- */

static const struct reply_shape reason_count = {
    "ReasonCount", (const struct reply_spec[]){MEMBER("id", COUNT, "0 to 30"), MEMBER("code", TEXT, "C1 …"),
                                               MEMBER("name", TEXT, "for people"),
                                               MEMBER("hard", COUNT, "hard examples with it"), END}};
const struct reply_shape shape_estimate = {
    "Estimate",
    (const struct reply_spec[]){
        MEMBER("run", TEXT, "id of the run"), MEMBER_AS("train", TEXT, "the training set", OR_NULL),
        MEMBER("images", COUNT, "of the run"), MEMBER("analysed", COUNT, "that did not fail"),
        MEMBER("hard", COUNT, "that the settings would find"), MEMBER("threshold", NUMBER, "of the settings"),
        MEMBER_AS("cut", NUMBER, "smallest coefficient among the hard ones", OR_NULL),
        MEMBER(
            "copies_missing", COUNT,
            "augmented copies that the model was not asked about yet; a filtering would; 0: exact, but for "
            "what it would learn: an estimate takes what the last filtering of all reasons learned"),
        MEMBER(
            "before_grouping", BOOL,
            "the run is too large to be looked through: hard is what group, per_class and diversity leave at "
            "most"),
        MEMBER("represented", COUNT, "images at or above the threshold that others stand for"),
        MEMBER_AS("coefficients", OBJECT, "of all analysed images", .shape = &histogram),
        MEMBER_AS("reasons", LIST, "of the hard ones", .shape = &reason_count),
        MEMBER("milliseconds", NUMBER, "that it took"), END}};
