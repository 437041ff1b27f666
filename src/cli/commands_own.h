/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that are more than a route. */
#ifndef CLI_COMMANDS_OWN_H
#define CLI_COMMANDS_OWN_H

#include "cli/cli.h"
#include "work/mine_given.h"

struct help_request {
    struct param_list words;
};
struct docs_request {
    const char *folder;
};
struct api_request {
    const char *method, *path, *body, *if_match, *idempotency_key;
    bool paginate;
};
struct config_list_request {
    bool origin;
};
extern const struct param_spec config_list_params[], api_params[];
extern const struct command_letter api_letters[];
struct task_logs_request {
    bool follow;
};
extern const struct param_spec task_logs_params[];
extern const struct command_letter task_logs_letters[];
extern const struct command_letter mine_letters[];
struct task_report_request {
    bool html;
    const char *output;
};
extern const struct param_spec task_report_params[];
extern const struct command_letter task_report_letters[];
struct login_request {
    const char *url, *user, *password, *token;
};
extern const struct param_spec login_params[], logout_params[];
struct completion_request {
    const char *shell;
};
extern const struct param_spec no_cli_params[], help_params[], docs_params[], complete_params[],
    completion_params[];

/* A route's reply that is a file, to standard output. */
int output_file(struct cli *cli, const struct route *route);
/* Shows the request that would be sent. */
int command_dry_run(struct cli *cli, const struct route *route);

int command_api(struct cli *cli);
int command_config_list(struct cli *cli);
int command_complete(struct cli *cli);
int command_completion(struct cli *cli);
int command_login(struct cli *cli);
int command_logout(struct cli *cli);
int command_man(struct cli *cli);
int command_mine(struct cli *cli);
int command_help(struct cli *cli);
int command_docs(struct cli *cli);
int command_doctor(struct cli *cli);
int command_version(struct cli *cli);
int after_decide(struct cli *cli);
int after_label_change(struct cli *cli);
int after_facets(struct cli *cli);
int after_version_diff(struct cli *cli);
int after_sample_show(struct cli *cli);
int command_task_logs(struct cli *cli);
int command_task_report(struct cli *cli);
int after_task_wait(struct cli *cli);
int after_token_create(struct cli *cli);

#endif
