/* SPDX-License-Identifier: Apache-2.0 */
/* Projects. Whoever rules all projects sees and makes them; everybody else sees its own. */
#include "account/project.h"
#include "api/native/native.h"

#include <string.h>

struct project_request {
    const char *project, *name;
};
static const struct param_spec create_params[] = {
    PARAM(struct project_request, name, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .max = 4 * PROJECT_NAME_MAX_CHARACTERS, .help = "of the new project"),
    PARAM_END,
};
static const struct param_spec project_params[] = {
    PARAM(struct project_request, project, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM_END,
};

static void reply_project(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct project *project)
{
    reply_text(doc, object, "id", project->id);
    reply_text(doc, object, "name", project->name);
    reply_time(doc, object, "created", project->created_ms);
}

/* Other projects are as if they did not exist. */
static bool is_seen(const struct api_call *call, const struct project *project)
{
    return account_rules_all_projects(call->caller) || strcmp(project->id, call->caller->project_id) == 0;
}

static bool find(struct api_call *call, struct project *ret, struct error *err)
{
    const struct project_request *request = call->params;
    return project_find(call->api->db, call->arena, request->project, ret, err) &&
           (is_seen(call, ret) ||
            error_set(err, ERR_NOT_FOUND, "there is no project '%.80s'", request->project));
}

static bool check_rules(const struct api_call *call, struct error *err)
{
    return account_rules_all_projects(call->caller) ||
           error_set(err, ERR_DENIED, "only administrators of the default project make and delete projects");
}

static bool list(struct api_call *call, struct error *err)
{
    struct project *projects = NULL;
    size_t count = 0;
    if (!project_list(call->api->db, call->arena, &projects, &count, err))
        return false;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "projects");
    for (size_t i = 0; i < count; i++)
        if (is_seen(call, &projects[i]))
            reply_project(call->reply, yyjson_mut_arr_add_obj(call->reply, rows), &projects[i]);
    return true;
}

static bool show(struct api_call *call, struct error *err)
{
    struct project project;
    if (!find(call, &project, err))
        return false;
    reply_project(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "project"), &project);
    return true;
}

static bool create(struct api_call *call, struct error *err)
{
    const struct project_request *request = call->params;
    struct project project;
    if (!check_rules(call, err) || !project_create(call->api->db, call->arena, request->name, &project, err))
        return false;
    reply_project(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "project"), &project);
    return true;
}

static bool delete_project(struct api_call *call, struct error *err)
{
    struct project project;
    if (!find(call, &project, err) || !check_rules(call, err) ||
        !project_delete(call->api->db, &project, err))
        return false;
    reply_text(call->reply, call->root, "deleted", project.id);
    return true;
}

const struct route route_project_list = {
    "project.list", "GET", "/api/v1/projects", no_params, 0, list, "Lists the projects that the caller sees.",
    ROLE_READ,      200,   &shape_projects};
const struct route route_project_show = {"project.show",
                                         "GET",
                                         "/api/v1/projects/{project}",
                                         project_params,
                                         sizeof(struct project_request),
                                         show,
                                         "Shows one project.",
                                         ROLE_READ,
                                         200,
                                         &shape_project_shown};
const struct route route_project_create = {"project.create",
                                           "POST",
                                           "/api/v1/projects",
                                           create_params,
                                           sizeof(struct project_request),
                                           create,
                                           "Makes a project; for administrators of the default one.",
                                           ROLE_ADMIN,
                                           201,
                                           &shape_project_shown};
const struct route route_project_delete = {"project.delete",
                                           "DELETE",
                                           "/api/v1/projects/{project}",
                                           project_params,
                                           sizeof(struct project_request),
                                           delete_project,
                                           "Deletes a project that holds nothing any more.",
                                           ROLE_ADMIN,
                                           200,
                                           &shape_deleted};
