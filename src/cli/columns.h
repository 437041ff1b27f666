/* SPDX-License-Identifier: Apache-2.0 */
/* What a list of each kind shows, column by column; each ends with {NULL}. */
#ifndef CLI_COLUMNS_H
#define CLI_COLUMNS_H

#include "cli/cli.h"

extern const struct column audit_columns[], change_columns[], change_of_version_columns[], dataset_columns[],
    duplicate_columns[], estimate_columns[], event_columns[], explained_columns[], feature_columns[],
    source_columns[], guess_columns[], label_columns[], label_change_columns[], merged_columns[],
    model_columns[], neighbor_columns[], operation_columns[], outcome_columns[], project_columns[],
    result_columns[], run_columns[], sample_columns[], sample_task_columns[], service_columns[],
    setting_columns[], task_columns[], token_columns[], upload_columns[], user_columns[], version_columns[];

#endif
