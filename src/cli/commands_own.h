/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that are more than a route. */
#ifndef CLI_COMMANDS_OWN_H
#define CLI_COMMANDS_OWN_H

#include "cli/cli.h"

struct help_request {
    struct param_list words;
};
struct docs_request {
    const char *folder;
};
extern const struct param_spec no_cli_params[], help_params[], docs_params[];

int command_help(struct cli *cli);
int command_docs(struct cli *cli);
int command_doctor(struct cli *cli);
int command_version(struct cli *cli);
int after_decide(struct cli *cli);
int after_sample_show(struct cli *cli);
int after_task_logs(struct cli *cli);
int after_task_wait(struct cli *cli);
int after_token_create(struct cli *cli);

#endif
