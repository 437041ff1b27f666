/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/columns.h"

const struct column model_columns[] = {
    {"MODEL", "name", COLUMN_TEXT},
    {"VERSION", "version", COLUMN_TEXT},
    {"TYPE", "model_type", COLUMN_TEXT},
    {"ADAPTER", "card.adapter", COLUMN_TEXT},
    {"WIDTH", "card.width", COLUMN_COUNT},
    {"HEIGHT", "card.height", COLUMN_COUNT},
    {"CREATED", "created", COLUMN_TIME},
    {"ID", "id", COLUMN_ID},
    {NULL},
};
const struct column service_columns[] = {
    {"ID", "id", COLUMN_ID},         {"NAME", "name", COLUMN_TEXT},       {"STATUS", "status", COLUMN_TEXT},
    {"MODEL", "model", COLUMN_TEXT}, {"IMAGES", "images", COLUMN_COUNT},  {"FAILED", "failed", COLUMN_COUNT},
    {"INPUT", "input", COLUMN_TEXT}, {"UPDATED", "updated", COLUMN_TIME}, {NULL},
};
const struct column event_columns[] = {
    {"TIME", "time", COLUMN_TIME}, {"TYPE", "type", COLUMN_TEXT}, {"EVENT", "event", COLUMN_TEXT}, {NULL}};
const struct column run_columns[] = {
    {"RUN", "id", COLUMN_ID},
    {"IMAGES", "images", COLUMN_COUNT},
    {"FAILED", "failed", COLUMN_COUNT},
    {"SKIPPED", "skipped", COLUMN_COUNT},
    {"FINISHED", "finished", COLUMN_TIME},
    {"RESULTS", "results", COLUMN_TEXT},
    {NULL},
};
const struct column explained_columns[] = {
    {"CODE", "code", COLUMN_TEXT},
    {"STRENGTH", "strength", COLUMN_NUMBER},
    {"WEIGHT", "weight", COLUMN_NUMBER},
    {"WHY", "sentence", COLUMN_TEXT},
    {NULL},
};
const struct column neighbor_columns[] = {
    {"DISTANCE", "distance", COLUMN_NUMBER},
    {"SAMPLE", "sample", COLUMN_ID},
    {"SOURCE", "source", COLUMN_TEXT},
    {NULL},
};
const struct column result_columns[] = {
    {"ID", "id", COLUMN_TEXT},
    {"STATE", "state", COLUMN_TEXT},
    {"LABEL", "label", COLUMN_TEXT},
    {"SCORE", "score", COLUMN_NUMBER},
    {"BOXES", "box_count", COLUMN_COUNT},
    {"SOURCE", "source", COLUMN_TEXT},
    {NULL},
};
const struct column estimate_columns[] = {
    {"IMAGES", "images", COLUMN_COUNT},
    {"ANALYSED", "analysed", COLUMN_COUNT},
    {"HARD", "hard", COLUMN_COUNT},
    {"THRESHOLD", "threshold", COLUMN_NUMBER},
    {"SMALLEST COEFFICIENT", "cut", COLUMN_NUMBER},
    {NULL},
};
const struct column dataset_columns[] = {
    {"NAME", "name", COLUMN_TEXT},
    {"TYPE", "dataset_type", COLUMN_TEXT},
    {"SAMPLES", "samples", COLUMN_COUNT},
    {"UNLABELED", "unlabeled", COLUMN_COUNT},
    {"TO BE CONFIRMED", "to_be_confirmed", COLUMN_COUNT},
    {"LABELED", "labeled", COLUMN_COUNT},
    {"HARD", "hard", COLUMN_COUNT},
    {"VERSION", "current_version", COLUMN_TEXT},
    {"ID", "id", COLUMN_ID},
    {NULL},
};
const struct column label_columns[] = {
    {"LABEL", "name", COLUMN_TEXT},
    {"COLOR", "color", COLUMN_TEXT},
    {"KEY", "shortcut", COLUMN_TEXT},
    {"SAMPLES", "samples", COLUMN_COUNT},
    {"ANNOTATIONS", "annotations", COLUMN_COUNT},
    {"CREATED", "created", COLUMN_TIME},
    {NULL},
};
const struct column label_change_columns[] = {
    {"LABEL", "label", COLUMN_TEXT},
    {"TO", "to", COLUMN_TEXT},
    {"SAMPLES", "samples", COLUMN_COUNT},
    {"ANNOTATIONS", "annotations", COLUMN_COUNT},
    {"DUPLICATES", "duplicates", COLUMN_COUNT},
    {"UNLABELED", "unlabeled", COLUMN_COUNT},
    {"REMOVED", "removed", COLUMN_COUNT},
    {"LEFT", "left", COLUMN_COUNT},
    {"FILES DELETED", "files_deleted", COLUMN_COUNT},
    {"FILES KEPT", "files_kept", COLUMN_COUNT},
    {"OPERATION", "operation_id", COLUMN_ID},
    {NULL},
};
const struct column version_columns[] = {
    {"VERSION", "name", COLUMN_TEXT},           {"SAMPLES", "samples", COLUMN_COUNT},
    {"LABELED", "labeled", COLUMN_COUNT},       {"CREATED", "created", COLUMN_TIME},
    {"MANIFEST", "manifest_path", COLUMN_TEXT}, {NULL},
};
const struct column duplicate_columns[] = {
    {"KIND", "kind", COLUMN_TEXT},   {"WHAT", "words", COLUMN_TEXT},    {"SAMPLES", "count", COLUMN_COUNT},
    {"FIRST", "first", COLUMN_TEXT}, {"SECOND", "second", COLUMN_TEXT}, {NULL},
};
const struct column merged_columns[] = {
    {"KIND", "kind", COLUMN_TEXT},
    {"ID", "id", COLUMN_ID},
    {"LABELS", "labels", COLUMN_LABELS},
    {"SOURCE", "source", COLUMN_TEXT},
    {"OTHER", "other_id", COLUMN_ID},
    {"OTHER LABELS", "other_labels", COLUMN_LABELS},
    {"OTHER SOURCE", "other_source", COLUMN_TEXT},
    {NULL},
};
const struct column feature_columns[] = {
    {"FEATURE", "feature", COLUMN_TEXT},
    {"IMAGES", "count", COLUMN_COUNT},
    {"MEDIAN", "median", COLUMN_NUMBER},
    {"AGAINST", "against_count", COLUMN_COUNT},
    {"MEDIAN", "against_median", COLUMN_NUMBER},
    {"DISTANCE", "distance", COLUMN_NUMBER},
    {"SHIFT", "shift", COLUMN_TEXT},
    {NULL},
};
const struct column source_columns[] = {
    {"ORIGIN", "origin", COLUMN_TEXT},
    {"SERVICE", "service", COLUMN_TEXT},
    {"TASK", "task", COLUMN_ID},
    {"SAMPLES", "samples", COLUMN_COUNT},
    {"UNLABELED", "unlabeled", COLUMN_COUNT},
    {"TO CONFIRM", "to_be_confirmed", COLUMN_COUNT},
    {"LABELED", "labeled", COLUMN_COUNT},
    {"HARD", "hard", COLUMN_COUNT},
    {"CREATED", "created", COLUMN_TIME},
    {NULL},
};
const struct column change_of_version_columns[] = {
    {"CHANGE", "kind", COLUMN_TEXT},
    {"BEFORE", "labels_before", COLUMN_LABELS},
    {"AFTER", "labels_after", COLUMN_LABELS},
    {"USAGE BEFORE", "usage_before", COLUMN_TEXT},
    {"USAGE AFTER", "usage_after", COLUMN_TEXT},
    {"SOURCE", "source", COLUMN_TEXT},
    {NULL},
};
const struct column sample_columns[] = {
    {"ID", "id", COLUMN_ID},
    {"STATE", "state", COLUMN_TEXT},
    {"COEFFICIENT", "hard_coefficient", COLUMN_NUMBER},
    {"REASONS", "reasons", COLUMN_REASONS},
    {"LABELS", "labels", COLUMN_LABELS},
    {"SOURCE", "source", COLUMN_TEXT},
    {NULL},
};
const struct column upload_columns[] = {
    {"NAME", "name", COLUMN_TEXT},
    {"BYTES", "bytes", COLUMN_COUNT},
    {"COMPLETE", "is_complete", COLUMN_TEXT},
    {"CHANGED", "changed", COLUMN_TIME},
    {NULL},
};
const struct column outcome_columns[] = {
    {"ID", "id", COLUMN_ID}, {"DONE", "is_done", COLUMN_TEXT}, {"REASON", "reason", COLUMN_TEXT}, {NULL}};
const struct column task_columns[] = {
    {"TASK", "id", COLUMN_ID},
    {"KIND", "kind", COLUMN_TEXT},
    {"STATE", "state", COLUMN_TEXT},
    {"STAGE", "stage", COLUMN_TEXT},
    {"DONE", "items_done", COLUMN_COUNT},
    {"FAILED", "items_failed", COLUMN_COUNT},
    {"CREATED", "created", COLUMN_TIME},
    {NULL},
};
const struct column sample_task_columns[] = {
    {"TASK", "id", COLUMN_ID},
    {"KIND", "kind", COLUMN_TEXT},
    {"STATUS", "status", COLUMN_TEXT},
    {"SAMPLES", "items_done", COLUMN_COUNT},
    {"HARD", "result.hard", COLUMN_COUNT},
    {"DATASET", "result.dataset", COLUMN_TEXT},
    {"CREATED", "created", COLUMN_TIME},
    {NULL},
};
const struct column operation_columns[] = {
    {"ID", "id", COLUMN_ID},
    {"ACTION", "action", COLUMN_TEXT},
    {"SAMPLES", "samples", COLUMN_COUNT},
    {"STATE", "state", COLUMN_TEXT},
    {"BY", "decided_by", COLUMN_TEXT},
    {"CREATED", "created", COLUMN_TIME},
    {NULL},
};
const struct column change_columns[] = {
    {"SAMPLE", "sample", COLUMN_ID},
    {"BEFORE", "before.state", COLUMN_TEXT},
    {"AFTER", "after.state", COLUMN_TEXT},
    {"REVISION", "revision_after", COLUMN_COUNT},
    {NULL},
};
const struct column project_columns[] = {
    {"NAME", "name", COLUMN_TEXT}, {"ID", "id", COLUMN_TEXT}, {"CREATED", "created", COLUMN_TIME}, {NULL}};
const struct column setting_columns[] = {{"SETTING", "name", COLUMN_TEXT},
                                         {"VALUE", "value", COLUMN_TEXT},
                                         {"ORIGIN", "origin", COLUMN_TEXT},
                                         {NULL}};
const struct column guess_columns[] = {
    {"GUESSED", "field", COLUMN_TEXT}, {"VALUE", "value", COLUMN_TEXT}, {"WHY", "why", COLUMN_TEXT}, {NULL}};

const struct column audit_columns[] = {
    {"TIME", "time", COLUMN_TIME},
    {"USER", "user", COLUMN_TEXT},
    {"OPERATION", "route", COLUMN_TEXT},
    {"SUBJECT", "subject", COLUMN_TEXT},
    {"OUTCOME", "outcome", COLUMN_TEXT},
    {"ADDRESS", "address", COLUMN_TEXT},
    {NULL},
};
const struct column token_columns[] = {
    {"NAME", "name", COLUMN_TEXT},
    {"USER", "user", COLUMN_TEXT},
    {"ROLE", "role", COLUMN_TEXT},
    {"USED", "used", COLUMN_TIME},
    {"EXPIRES", "expires", COLUMN_TEXT},
    {"ID", "id", COLUMN_ID},
    {NULL},
};
const struct column user_columns[] = {
    {"NAME", "name", COLUMN_TEXT},       {"ROLE", "role", COLUMN_TEXT},
    {"PROJECT", "project", COLUMN_TEXT}, {"DISABLED", "is_disabled", COLUMN_TEXT},
    {"CREATED", "created", COLUMN_TIME}, {NULL},
};
