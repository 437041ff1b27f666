/* SPDX-License-Identifier: Apache-2.0 */
/* Settings, and how the program stands. */
#include "cli/commands_own.h"
#include "cli/transport.h"

#include <string.h>

const struct param_spec config_list_params[] = {
    PARAM(struct config_list_request, origin, .type = PARAM_BOOL,
          .help = "say where each value comes from: an option, a variable, a file"),
    PARAM_END,
};

static void add_row(yyjson_mut_doc *doc, yyjson_mut_val *rows, const struct api_setting *setting,
                    bool has_origin)
{
    yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, rows);
    const char *value = api_setting_shown(setting);
    (void)yyjson_mut_obj_add_str(doc, row, "name", setting->name);
    (void)yyjson_mut_obj_add_str(doc, row, "value", value ? value : "");
    if (has_origin)
        (void)yyjson_mut_obj_add_str(doc, row, "origin", setting->origin ? setting->origin : "");
    (void)yyjson_mut_obj_add_str(doc, row, "variable", setting->environment);
    (void)yyjson_mut_obj_add_str(doc, row, "meaning", setting->help);
}

/* An option of this very command line wins. */
static struct api_setting as_said(const struct cli *cli, const struct api_setting *setting)
{
    struct api_setting said = *setting;
    if (strcmp(setting->name, "data") == 0) {
        said.value = cli->data_folder;
        said.origin = cli->data_folder_origin;
    } else if (strcmp(setting->name, "server") == 0) {
        said.value = cli->server;
        said.origin = cli->server_origin;
    } else if (strcmp(setting->name, "cacert") == 0 && cli->ca_file != setting->value) {
        said.value = cli->ca_file;
        said.origin = "--cacert";
    }
    return said;
}

const struct api_setting *cli_settings(const struct cli *cli, const char *name, const char *value,
                                       const char *origin)
{
    struct api_setting *said = arena_array(cli->arena, CLI_SETTINGS_MAX + 1, sizeof(*said));
    const struct api_setting *setting = cli->environment->settings;
    for (size_t i = 0; said && setting && setting->name && i < CLI_SETTINGS_MAX; i++, setting++) {
        said[i] = as_said(cli, setting);
        if (name && strcmp(name, setting->name) == 0)
            said[i].value = value, said[i].origin = origin;
    }
    return said;
}

int command_config_list(struct cli *cli)
{
    static const struct column columns[] = {{"SETTING", "name", COLUMN_TEXT},
                                            {"VALUE", "value", COLUMN_TEXT},
                                            {"VARIABLE", "variable", COLUMN_TEXT},
                                            {"MEANING", "meaning", COLUMN_TEXT},
                                            {NULL}};
    static const struct column with_origin[] = {{"SETTING", "name", COLUMN_TEXT},
                                                {"VALUE", "value", COLUMN_TEXT},
                                                {"ORIGIN", "origin", COLUMN_TEXT},
                                                {NULL}};
    const struct config_list_request *request = cli->params;
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *rows = yyjson_mut_arr(doc);
    const struct api_setting *setting = cli_settings(cli, NULL, NULL, NULL);
    for (; setting && setting->name; setting++)
        add_row(doc, rows, setting, request->origin);
    output_rows(cli, rows, request->origin ? with_origin : columns);
    return 0;
}
