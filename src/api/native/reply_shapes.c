/* SPDX-License-Identifier: Apache-2.0 */
/* What the replies of the native routes hold: one table a thing. */
#include "api/native/native.h"
#include "api/native/shape_rows.h"

/* ---- tasks ---- */

static const struct reply_shape task_error = {
    "TaskError", (const struct reply_spec[]){TEXT("code", "kind of error"),
                                             TEXT_OR_NULL("detail", "what exactly, for programs"),
                                             TEXT("message", "what happened, for people"), END}};
#define TASK_MEMBERS                                                                                         \
    TEXT("id", "32 hex digits"), TEXT("kind", "what it does"),                                               \
        TEXT("subject", "id of the service, dataset or model it works on"),                                  \
        TEXT("state", "queued, running, stopping, stopped, failed or succeeded"),                            \
        TEXT("stage", "what it does now"), COUNT("items_done", "items finished"),                            \
        COUNT("items_failed", "items that failed"), COUNT("items_total", "items in all; 0: not known yet"),  \
        BOOL("is_stop_asked", "somebody asked it to stop"), COUNT("attempts", "how often it was begun"),     \
        TIME("created", "when it was queued"), TIME_OR_NULL("started", "when it was begun last"),            \
        TIME_OR_NULL("finished", "when it ended"), ANY("request", "what it was asked"),                      \
        ANY("result", "what it gave"),                                                                       \
    {                                                                                                        \
        .name = "error", .type = REPLY_OBJECT, .shape = &task_error, .is_optional = true,                    \
        .help = "why it failed"                                                                              \
    }
static const struct reply_shape task = {"Task", (const struct reply_spec[]){TASK_MEMBERS, END}};
static const struct reply_shape sample_task = {
    "SampleTask",
    (const struct reply_spec[]){TEXT("status", "what the Sample tab calls its state"), TASK_MEMBERS, END}};

const struct reply_shape shape_tasks = {
    "Tasks", (const struct reply_spec[]){LIST("tasks", &task, "newest first"), END}};
const struct reply_shape shape_sample_tasks = {
    "SampleTasks", (const struct reply_spec[]){LIST("tasks", &sample_task, "newest first"), END}};
const struct reply_shape shape_task_shown = {
    "TaskShown", (const struct reply_spec[]){OBJECT("task", &task, "the task"), END}};
const struct reply_shape shape_deleted = {
    "Deleted", (const struct reply_spec[]){TEXT("deleted", "id of what is gone"), END}};

/* ---- models ---- */

static const struct reply_shape model = {
    "Model", (const struct reply_spec[]){
                 TEXT("id", "its id"), TEXT("name", "its name"), TEXT("version", "its version"),
                 TEXT("model_type", "image_classification or object_detection"),
                 TEXT("content_hash", "of the ONNX file"), TIME("created", "when it was imported"),
                 ANY("card", "how pictures become its input and its output becomes predictions"), END}};
static const struct reply_shape guess = {
    "Guess",
    (const struct reply_spec[]){TEXT("field", "of the card"), TEXT_OR_NULL("value", "what was taken"),
                                TEXT_OR_NULL("why", "the sign that led to it"), END}};
const struct reply_shape shape_models = {
    "Models", (const struct reply_spec[]){LIST("models", &model, "all of them"), END}};
const struct reply_shape shape_model_shown = {
    "ModelShown", (const struct reply_spec[]){OBJECT("model", &model, "the model"), END}};
const struct reply_shape shape_model_imported = {
    "ModelImported", (const struct reply_spec[]){OBJECT("model", &model, "the new model"),
                                                 LIST("guesses", &guess, "what nobody said"), END}};
const struct reply_shape shape_model_tested = {
    "ModelTested", (const struct reply_spec[]){TEXT("image", "absolute path"), TEXT("model", "its name"),
                                               ANY("prediction", "as a run would write it"), END}};

/* ---- services ---- */

static const struct reply_shape service = {
    "Service",
    (const struct reply_spec[]){
        TEXT("id", "its id"), TEXT("name", "its name"), TEXT("description", "free text"),
        TEXT("status", "deploying, running, finished, failed, stopped"),
        TEXT_OR_NULL("error_message", "why it failed"), TEXT_OR_NULL("model", "name/version"),
        TEXT("model_id", "id of the model"),
        TEXT_OR_NULL("model_type", "image_classification or object_detection"),
        TEXT("input", "where the images are"), TEXT("output", "where the results go"),
        ANY("settings", "of its runs"), ANY("hard_example_filtering", "its settings; null: not enabled"),
        TEXT_OR_NULL("run", "id of the latest run"), COUNT("images", "of the latest run"),
        COUNT("failed", "images of the latest run"), TIME("created", "when it was deployed"),
        TIME("updated", "when it changed last"), END}};
static const struct reply_shape event = {
    "ServiceEvent", (const struct reply_spec[]){TIME("time", "when"), TEXT("type", "normal or abnormal"),
                                                TEXT_OR_NULL("event", "what happened"), END}};
const struct reply_shape shape_run = {
    "Run",
    (const struct reply_spec[]){TEXT("id", "that of its task"), BOOL("is_complete", "all images were done"),
                                COUNT("images", "how many"), COUNT("failed", "images that failed"),
                                COUNT("skipped", "other files"), TIME("created", "when it began"),
                                TIME_OR_NULL("finished", "when it ended"),
                                TEXT("results", "path of the manifest with the predictions"), END}};
const struct reply_shape shape_services = {
    "Services", (const struct reply_spec[]){LIST("services", &service, "newest first"), END}};
const struct reply_shape shape_service_shown = {
    "ServiceShown", (const struct reply_spec[]){OBJECT("service", &service, "the service"), END}};
const struct reply_shape shape_service_begun = {
    "ServiceBegun", (const struct reply_spec[]){OBJECT("task", &task, "the run that was queued"),
                                                {.name = "service",
                                                 .type = REPLY_OBJECT,
                                                 .shape = &service,
                                                 .is_optional = true,
                                                 .help = "the service; not when a run is resumed"},
                                                END}};
const struct reply_shape shape_service_deployed = {
    "ServiceDeployed",
    (const struct reply_spec[]){{.name = "task",
                                 .type = REPLY_OBJECT,
                                 .shape = &task,
                                 .is_optional = true,
                                 .help = "the run that was queued; not with no_start"},
                                {.name = "service",
                                 .type = REPLY_OBJECT,
                                 .shape = &service,
                                 .is_optional = true,
                                 .help = "the service; not when an Idempotency-Key comes again"},
                                END}};
const struct reply_shape shape_events = {
    "ServiceEvents", (const struct reply_spec[]){LIST("events", &event, "in their order"), END}};
const struct reply_shape shape_runs = {
    "Runs", (const struct reply_spec[]){LIST("runs", &shape_run, "newest first"), END}};
const struct reply_shape shape_hard_filtering = {
    "HardExampleFiltering",
    (const struct reply_spec[]){TEXT("service", "its name"), BOOL("is_enabled", "it acts on the next run"),
                                ANY("hard_example_filtering", "its settings; null: not enabled"), END}};

/* ---- projects ---- */

static const struct reply_shape project = {
    "Project",
    (const struct reply_spec[]){TEXT("id", "its id; 0 is the default project"), TEXT("name", "its name"),
                                TIME_OR_NULL("created", "null: it was always there"), END}};
const struct reply_shape shape_projects = {
    "Projects", (const struct reply_spec[]){LIST("projects", &project, "by name"), END}};
const struct reply_shape shape_project_shown = {
    "ProjectShown", (const struct reply_spec[]){OBJECT("project", &project, "the project"), END}};

/* ---- datasets ---- */

static const struct reply_shape dataset = {
    "Dataset", (const struct reply_spec[]){
                   TEXT("id", "its id"),
                   TEXT("name", "its name"),
                   TEXT("description", "free text"),
                   COUNT("revision", "of name, description and current version"),
                   TEXT("dataset_type", "image_classification or object_detection"),
                   COUNT("samples", "how many"),
                   COUNT("unlabeled", "in this state"),
                   COUNT("to_be_confirmed", "in this state"),
                   COUNT("labeled", "in this state"),
                   COUNT("hard", "hard examples"),
                   TEXT_OR_NULL("current_version", "the version that is read where none is named"),
                   TIME("created", "when it was made"),
                   TIME("updated", "when it changed last"),
                   {.name = "labels",
                    .type = REPLY_LIST,
                    .shape = &shape_label,
                    .is_optional = true,
                    .help = "in their order; only when one dataset is shown"},
                   END}};
static const struct reply_shape version = {
    "DatasetVersion",
    (const struct reply_spec[]){
        TEXT("name", "V001 …"), TEXT_OR_NULL("description", "free text"), COUNT("samples", "how many"),
        COUNT("labeled", "how many"), BOOL("has_hard_attributes", "the manifest says what is hard and why"),
        NUMBER_OR_NULL("train_ratio", "share of training; null: it was not split"),
        MEMBER_AS("seed", COUNT, "of the split", OR_NULL), TEXT("manifest_path", "where it is"),
        TEXT("manifest_hash", "of its content"), TIME("created", "when it was published"), END}};
const struct reply_shape shape_datasets = {
    "Datasets", (const struct reply_spec[]){LIST("datasets", &dataset, "all of them"), END}};
const struct reply_shape shape_dataset_shown = {
    "DatasetShown", (const struct reply_spec[]){OBJECT("dataset", &dataset, "the dataset"), END}};
const struct reply_shape shape_versions = {
    "DatasetVersions", (const struct reply_spec[]){LIST("versions", &version, "published ones"), END}};
const struct reply_shape shape_version_shown = {
    "DatasetVersionShown", (const struct reply_spec[]){OBJECT("version", &version, "the version"), END}};

/* ---- samples ---- */

static const struct reply_shape reason = {
    "Reason", (const struct reply_spec[]){COUNT("id", "0 to 30"), TEXT("code", "C1 …"),
                                          TEXT("name", "for people"), TEXT("suggestion", "what to do"), END}};
static const struct reply_shape sample_label = {
    "SampleLabel", (const struct reply_spec[]){TEXT("name", "the label"),
                                               NUMBER_OR_NULL("score", "of the model, 0 to 1"),
                                               TEXT("state", "suggested or confirmed"),
                                               TEXT("annotated_by", "human, or modelarts/…"),
                                               {.name = "shape",
                                                .type = REPLY_ANY,
                                                .is_nullable = true,
                                                .is_optional = true,
                                                .help = "of a box: its corners in pixels"},
                                               END}};
#define SAMPLE_MEMBERS(optional)                                                                             \
    TEXT("id", "32 hex digits"),                                                                             \
        {.name = "source", .type = REPLY_TEXT, .is_optional = (optional), .help = "where the image is"},     \
        {.name = "state",                                                                                    \
         .type = REPLY_TEXT,                                                                                 \
         .is_optional = (optional),                                                                          \
         .help = "unlabeled, to_be_confirmed or labeled"},                                                   \
        {.name = "usage",                                                                                    \
         .type = REPLY_TEXT,                                                                                 \
         .is_nullable = true,                                                                                \
         .is_optional = (optional),                                                                          \
         .help = "TRAIN, EVAL, TEST or INFERENCE"},                                                          \
        {.name = "hard", .type = REPLY_BOOL, .is_optional = (optional), .help = "it is a hard example"},     \
        {.name = "hard_coefficient",                                                                         \
         .type = REPLY_NUMBER,                                                                               \
         .is_nullable = true,                                                                                \
         .is_optional = (optional),                                                                          \
         .help = "0 to 1, how hard"},                                                                        \
        {.name = "reasons",                                                                                  \
         .type = REPLY_LIST,                                                                                 \
         .shape = &reason,                                                                                   \
         .is_optional = (optional),                                                                          \
         .help = "strongest first"},                                                                         \
        {.name = "labels",                                                                                   \
         .type = REPLY_LIST,                                                                                 \
         .shape = &sample_label,                                                                             \
         .is_optional = (optional),                                                                          \
         .help = "what is known of its content"},                                                            \
        {.name = "width", .type = REPLY_COUNT, .is_optional = (optional), .help = "px; 0: not known"},       \
        {.name = "height", .type = REPLY_COUNT, .is_optional = (optional), .help = "px; 0: not known"},      \
        {.name = "content_hash",                                                                             \
         .type = REPLY_TEXT,                                                                                 \
         .is_nullable = true,                                                                                \
         .is_optional = (optional),                                                                          \
         .help = "of the file"},                                                                             \
        {.name = "origin",                                                                                   \
         .type = REPLY_TEXT,                                                                                 \
         .is_optional = (optional),                                                                          \
         .help = "import, synchronize or hard_examples"},                                                    \
        {.name = "is_excluded",                                                                              \
         .type = REPLY_BOOL,                                                                                 \
         .is_optional = (optional),                                                                          \
         .help = "left out of versions"},                                                                    \
        {.name = "revision",                                                                                 \
         .type = REPLY_COUNT,                                                                                \
         .is_optional = (optional),                                                                          \
         .help = "grows with each change"},                                                                  \
        {.name = "created", .type = REPLY_TIME, .is_optional = (optional), .help = "when it came"},          \
        {.name = "updated", .type = REPLY_TIME, .is_optional = (optional), .help = "when it changed last"},  \
    {                                                                                                        \
        .name = "evidence", .type = REPLY_ANY, .is_nullable = true, .is_optional = (optional),               \
        .help = "for each reason"                                                                            \
    }
const struct reply_shape shape_sample = {"Sample", (const struct reply_spec[]){SAMPLE_MEMBERS(false), END}};
/* `fields` chooses its members. */
static const struct reply_shape sample_in_page = {"SampleInPage",
                                                  (const struct reply_spec[]){SAMPLE_MEMBERS(true), END}};
static const struct reply_shape outcome = {
    "Outcome", (const struct reply_spec[]){
                   TEXT("id", "of the sample"),
                   BOOL("is_done", "the decision holds"),
                   {.name = "reason", .type = REPLY_TEXT, .is_optional = true, .help = "why not"},
                   END}};
const struct reply_shape shape_samples = {
    "Samples", (const struct reply_spec[]){LIST("samples", &sample_in_page, "one page"),
                                           COUNT("total", "that match the filters"),
                                           TEXT_OR_NULL("next_cursor", "for the next page"), END}};
const struct reply_shape shape_sample_shown = {
    "SampleShown", (const struct reply_spec[]){OBJECT("sample", &shape_sample, "the sample"), END}};
const struct reply_shape shape_outcomes_told = {
    "Outcomes",
    (const struct reply_spec[]){LIST("outcomes", &outcome, "one a sample"), COUNT("done", "how many"),
                                COUNT("failed", "how many"),
                                TEXT_OR_NULL("operation_id", "to undo it; null: nothing changed"), END}};
const struct reply_shape shape_sample_decided = {
    "SampleDecided",
    (const struct reply_spec[]){OBJECT("sample", &shape_sample, "the sample as it is now"),
                                TEXT_OR_NULL("operation_id", "to undo it; null: nothing changed"), END}};

const struct reply_shape shape_samples_queried = {
    "SamplesQueried",
    (const struct reply_spec[]){
        {.name = "samples",
         .type = REPLY_LIST,
         .shape = &sample_in_page,
         .is_optional = true,
         .help = "one page; not with ids_only"},
        {.name = "ids", .type = REPLY_ANY, .is_optional = true, .help = "with ids_only: list of texts"},
        COUNT("total", "that match the filters"),
        TEXT_OR_NULL("next_cursor", "for the next page"),
        END}};

static const struct reply_shape facet_value = {
    "FacetValue", (const struct reply_spec[]){TEXT_OR_NULL("value", "null: without one"),
                                              COUNT("samples", "how many have it"), END}};
static const struct reply_shape facet_reason = {
    "FacetReason",
    (const struct reply_spec[]){COUNT("id", "0 to 30"), TEXT("code", "C1 …"), TEXT("name", "for people"),
                                COUNT("samples", "how many have it"), END}};
static const struct reply_shape facet_label = {
    "FacetLabel",
    (const struct reply_spec[]){TEXT("value", "the label"), COUNT("samples", "how many have it"),
                                COUNT("confirmed", "by a person, or imported so"),
                                COUNT("suggested", "by a model"), END}};
static const struct reply_shape bin = {
    "Bin", (const struct reply_spec[]){NUMBER_OR_NULL("from", "where it begins, inside"),
                                       NUMBER_OR_NULL("to", "where it ends, outside; of the last inside"),
                                       COUNT("samples", "how many are in it"), END}};
static const struct reply_shape histogram = {
    "Histogram", (const struct reply_spec[]){LIST("bins", &bin, "equal parts of 0 to 1"),
                                             COUNT("without", "samples without the number"), END}};
static const struct reply_shape facets_counted = {
    "FacetsCounted",
    (const struct reply_spec[]){
        LIST("states", &facet_value, "each without the filter's own conditions on it"),
        LIST("hard", &facet_value, "true and false"), LIST("excluded", &facet_value, "true and false"),
        LIST("reasons", &facet_reason, "those that some sample has"),
        LIST("labels", &facet_label, "the most frequent first"),
        COUNT("labels_known", "different labels in all"), LIST("usages", &facet_value, "by name"),
        LIST("origins", &facet_value, "by name"), OBJECT("hard_coefficient", &histogram, "how hard"),
        OBJECT("score", &histogram, "of the best suggestion"), END}};
const struct reply_shape shape_facets = {
    "Facets", (const struct reply_spec[]){COUNT("total", "that match the whole filter"),
                                          OBJECT("facets", &facets_counted, "counts by value"), END}};

/* ---- the program itself ---- */

static const struct reply_shape program_status = {
    "Status", (const struct reply_spec[]){TEXT("version", "of trommel"),
                                          TEXT_OR_NULL("data_folder", "where models, records and logs are"),
                                          TEXT("database", "sqlite or postgresql"),
                                          TEXT_OR_NULL("url", "of the server; null: no server answers"),
                                          COUNT("task_workers", "tasks the server works on at once"), END}};
const struct reply_shape shape_status_shown = {
    "StatusShown", (const struct reply_spec[]){OBJECT("status", &program_status, "how it stands"), END}};

static const struct reply_shape setting = {
    "Setting",
    (const struct reply_spec[]){
        TEXT("name", "as in the settings file"),
        TEXT_OR_NULL("value", "(set) when it is secret; null: not set"),
        TEXT_OR_NULL("origin", "an option, a variable, a file, or default; null: not set"),
        TEXT("variable", "of the environment, that sets it"), TEXT("meaning", "what it does"), END}};
const struct reply_shape shape_settings = {
    "Settings", (const struct reply_spec[]){LIST("settings", &setting, "all of them"), END}};

static const struct reply_shape path_row = {
    "PathRow", (const struct reply_spec[]){TEXT("name", "its name"), TEXT("path", "absolute"),
                                           COUNT("bytes", "of a file"), END}};
const struct reply_shape shape_path_shown = {
    "PathShown", (const struct reply_spec[]){
                     TEXT_OR_NULL("path", "what is shown; null: the folders that paths may lie in"),
                     TEXT_OR_NULL("parent", "the folder above, when it may be looked into"),
                     LIST("folders", &path_row, "of a folder, by name"),
                     LIST("files", &path_row, "of the wanted kind, by name"),
                     COUNT("images", "in the folder and below, by their names; of a manifest: lines"),
                     COUNT("too_large", "of these, files that are too large to be read"),
                     BOOL("is_complete", "nothing was left out, and all was counted"), END}};
