/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <string.h>

/* The ModelArts codes are the public ones; clients of that API match on them. */
static const struct error_detail_row rows[DETAIL_COUNT] = {
    [DETAIL_NONE] = {ERR_NONE, "", "", ""},
    [DETAIL_INVALID_ARGUMENT] = {ERR_INVALID, "invalid-argument", "ModelArts.0101", ""},
    [DETAIL_MODEL_NOT_FOUND] = {ERR_NOT_FOUND, "model-not-found", "ModelArts.3507",
                                "trommel model list shows what there is."},
    [DETAIL_MODEL_EXISTS] = {ERR_CONFLICT, "model-exists", "ModelArts.3506",
                             "Choose another --name or --version."},
    [DETAIL_MODEL_UNUSABLE] = {ERR_INVALID, "model-unusable", "ModelArts.3514",
                               "trommel model import --help lists what can be set by hand."},
    [DETAIL_SERVICE_NOT_FOUND] = {ERR_NOT_FOUND, "service-not-found", "ModelArts.3502",
                                  "trommel service list shows what there is."},
    [DETAIL_SERVICE_EXISTS] = {ERR_CONFLICT, "service-exists", "ModelArts.3503",
                               "Choose another --name, or restart the existing service."},
    [DETAIL_SERVICE_STATE] = {ERR_CONFLICT, "service-state", "ModelArts.3519",
                              "trommel service show tells the state."},
    [DETAIL_PATH_NOT_FOUND] = {ERR_INVALID, "path-not-found", "ModelArts.3551", "Check the path."},
    [DETAIL_OUTPUT_NOT_EMPTY] = {ERR_CONFLICT, "output-not-empty", "ModelArts.3551",
                                 "Give an empty folder, or --allow-foreign-output."},
    [DETAIL_HARD_NOT_ENABLED] = {ERR_INVALID, "hard-not-enabled", "ModelArts.3838",
                                 "Enable it with: trommel service hard enable."},
    [DETAIL_HARD_ALREADY_ENABLED] = {ERR_INVALID, "hard-already-enabled", "ModelArts.3839",
                                     "Disable it first, or give --replace."},
    [DETAIL_MODEL_TYPE_UNSUPPORTED] = {ERR_INVALID, "model-type-unsupported", "ModelArts.3841",
                                       "Use an image classification or object detection model."},
    [DETAIL_DATASET_TYPE_MISMATCH] = {ERR_INVALID, "dataset-type-mismatch", "ModelArts.3842",
                                      "Pick a dataset of the model's type, or create one."},
    [DETAIL_IMPORT_FAILED] = {ERR_INVALID, "import-failed", "ModelArts.3844", ""},
    [DETAIL_NO_SAMPLES] = {ERR_INVALID, "no-samples", "ModelArts.3845",
                           "Run the service first, or check its input path."},
    [DETAIL_TASK_NOT_FOUND] = {ERR_NOT_FOUND, "task-not-found", "ModelArts.3850",
                               "trommel task list shows what there is."},
    [DETAIL_TASK_STATE] = {ERR_CONFLICT, "task-state", "ModelArts.3851",
                           "trommel task show tells the state."},
    [DETAIL_INPUT_GONE] = {ERR_INVALID, "input-gone", "ModelArts.3852",
                           "Restore the files, or run the service again."},
    [DETAIL_DATASET_NOT_FOUND] = {ERR_NOT_FOUND, "dataset-not-found", "ModelArts.4352",
                                  "trommel dataset list shows what there is."},
    [DETAIL_DATASET_EXISTS] = {ERR_CONFLICT, "dataset-exists", "ModelArts.4351", "Choose another name."},
    [DETAIL_VERSION_NOT_FOUND] = {ERR_NOT_FOUND, "version-not-found", "ModelArts.4353",
                                  "trommel dataset versions shows what there is."},
    [DETAIL_VERSION_EXISTS] = {ERR_CONFLICT, "version-exists", "ModelArts.4371",
                               "Choose another version name."},
    [DETAIL_NOTHING_TO_PUBLISH] = {ERR_INVALID, "nothing-to-publish", "ModelArts.4711",
                                   "Confirm or label some samples first."},
    [DETAIL_SPLIT_IMPOSSIBLE] = {ERR_INVALID, "split-impossible", "ModelArts.4711",
                                 "Label more samples, or publish without --train-ratio."},
    [DETAIL_SAMPLE_NOT_FOUND] = {ERR_NOT_FOUND, "sample-not-found", "ModelArts.4412",
                                 "trommel samples list shows what there is."},
    [DETAIL_OPERATION_NOT_FOUND] = {ERR_NOT_FOUND, "operation-not-found", "",
                                    "trommel operation list shows what there is."},
    [DETAIL_LABEL_NOT_FOUND] = {ERR_NOT_FOUND, "label-not-found", "ModelArts.4410",
                                "trommel dataset label list shows what there is."},
    [DETAIL_LABEL_EXISTS] = {ERR_CONFLICT, "label-exists", "",
                             "Choose another name, or merge the labels: trommel dataset label merge."},
    [DETAIL_BAD_MANIFEST] =
        {ERR_INVALID, "bad-manifest", "ModelArts.4355",
         "Each line is one JSON object with at least \"source\"; see docs/manifest-format.md."},
    [DETAIL_USER_NOT_FOUND] = {ERR_NOT_FOUND, "user-not-found", "", "trommel user list shows who there is."},
    [DETAIL_USER_EXISTS] = {ERR_CONFLICT, "user-exists", "", "Choose another name."},
    [DETAIL_LAST_ADMIN] = {ERR_CONFLICT, "last-admin", "", "Make somebody else administrator first."},
    [DETAIL_TOKEN_NOT_FOUND] = {ERR_NOT_FOUND, "token-not-found", "",
                                "trommel token list shows what there is."},
    [DETAIL_TOKEN_EXISTS] = {ERR_CONFLICT, "token-exists", "", "Choose another name."},
    [DETAIL_IMAGE_MISSING] = {ERR_NOT_FOUND, "image-missing", "ModelArts.3852",
                              "Restore the file where the source names it."},
    [DETAIL_IMAGE_DAMAGED] = {ERR_INVALID, "image-damaged", "ModelArts.3852", "Restore the file."},
    [DETAIL_IMAGE_TOO_LARGE] = {ERR_LIMIT, "image-too-large", "ModelArts.3852",
                                "size=orig gives the file as it is."},
    [DETAIL_RESULT_NOT_FOUND] = {ERR_NOT_FOUND, "result-not-found", "ModelArts.3845",
                                 "trommel service results lists the predictions of a run."},
    [DETAIL_NO_PROFILE] = {ERR_CONFLICT, "no-training-profile", "ModelArts.3845",
                           "Filter hard examples once with a training manifest: that makes its profile."},
};
_Static_assert(sizeof(rows) / sizeof(rows[0]) == DETAIL_COUNT, "one row per error detail");

const struct error_detail_row *error_detail_row(enum error_detail detail)
{
    return &rows[detail];
}

enum error_detail error_detail_find(const char *name)
{
    for (int detail = DETAIL_NONE + 1; name && detail < DETAIL_COUNT; detail++)
        if (strcmp(rows[detail].name, name) == 0)
            return (enum error_detail)detail;
    return DETAIL_NONE;
}
