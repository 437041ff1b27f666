/* SPDX-License-Identifier: Apache-2.0 */
/* What the reply about a filtering's report holds. */
#include "api/native/native.h"
#include "api/native/shape_rows.h"

static const struct reply_shape reason = {
    "ReportedReason",
    (const struct reply_spec[]){MEMBER("id", COUNT, "0 to 30"), MEMBER("code", TEXT, "C1 …"),
                                MEMBER("name", TEXT, "for people"),
                                MEMBER_AS("strength", NUMBER, "0 to 1", OR_NULL),
                                MEMBER_AS("sentence", TEXT, "what was seen, with its numbers", OR_NULL),
                                MEMBER("suggestion", TEXT, "what to do"),
                                MEMBER_AS("augmented", OBJECT, "of reasons 19 to 29: both answers",
                                          .shape = &shape_augmented_copy, OPTIONAL),
                                END}};
static const struct reply_shape neighbor = {
    "ReportedNeighbor", (const struct reply_spec[]){MEMBER("number", COUNT, "of the training sample"),
                                                    MEMBER("labels", LIST, "what it shows"),
                                                    MEMBER("cosine", NUMBER, "-1 to 1: likeness"),
                                                    MEMBER("image", TEXT, "path that gives the image"), END}};
static const struct reply_shape example = {
    "ReportedExample",
    (const struct reply_spec[]){
        MEMBER("sample", TEXT, "its id"), MEMBER("name", TEXT, "of the image's file"),
        MEMBER("source", TEXT, "where the image is"), MEMBER("state", TEXT, "of the sample, now"),
        MEMBER("width", COUNT, "px; 0: not known"), MEMBER("height", COUNT, "px; 0: not known"),
        MEMBER_AS("hard_coefficient", NUMBER, "0 to 1, how hard", OR_NULL),
        MEMBER_AS("label", TEXT, "class with the best score; null: nothing found", OR_NULL),
        MEMBER_AS("score", NUMBER, "its score, 0 to 1", OR_NULL),
        MEMBER_AS("confirmed", LIST, "of a labeled sample: its labels", OPTIONAL),
        MEMBER_AS("reasons", LIST, "strongest first", .shape = &reason),
        MEMBER_AS("neighbors", LIST, "nearest training samples, nearest first", .shape = &neighbor),
        MEMBER_AS("group", OBJECT, "what it stands for beside itself", .shape = &shape_group, OPTIONAL),
        MEMBER_AS("detections", OBJECT, "of a detection", .shape = &shape_detections, OPTIONAL),
        MEMBER("image", TEXT, "path that gives the image"), END}};
const struct reply_shape shape_task_report = {
    "TaskReport",
    (const struct reply_spec[]){
        MEMBER("task", TEXT, "id of the filtering"), MEMBER_AS("finished", TIME, "when it ended", OR_NULL),
        MEMBER_AS("service", TEXT, "name of the service; null: gone", OR_NULL),
        MEMBER_AS("run", TEXT, "id of the run; null: gone", OR_NULL),
        MEMBER_AS("model", TEXT, "NAME/VERSION; null: gone", OR_NULL),
        MEMBER_AS("train", TEXT, "the training set", OR_NULL),
        MEMBER_AS("dataset", TEXT, "where the hard examples went", OR_NULL),
        MEMBER("hard", COUNT, "hard examples found"),
        MEMBER("report", ANY, "what the filtering wrote down (docs/rules.md)"),
        MEMBER_AS("examples", LIST, "the hardest first", .shape = &example),
        MEMBER_AS("examples_note", TEXT, "why there are fewer examples than asked for", OR_NULL), END}};
