/* SPDX-License-Identifier: Apache-2.0 */
/* The settings in force where the call is answered. */
#include "api/native/native.h"

static bool list(struct api_call *call, struct error *err)
{
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "settings");
    const struct api_setting *setting = call->api->settings;
    for (; setting && setting->name; setting++) {
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, rows);
        reply_text(call->reply, row, "name", setting->name);
        reply_text(call->reply, row, "value", api_setting_shown(setting));
        reply_text(call->reply, row, "origin", setting->origin);
        reply_text(call->reply, row, "variable", setting->environment);
        reply_text(call->reply, row, "meaning", setting->help);
    }
    return rows || error_no_memory(err);
}

const struct route route_settings_list = {"settings.list",
                                          "GET",
                                          "/api/v1/settings",
                                          no_params,
                                          0,
                                          list,
                                          "Lists the settings in force and where each comes from.",
                                          ROLE_ADMIN,
                                          200,
                                          &shape_settings};
