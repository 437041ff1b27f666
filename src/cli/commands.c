/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/columns.h"
#include "cli/commands_own.h"

#include <string.h>

const struct command all_commands[] = {
    {.name = "api",
     .run = command_api,
     .params = api_params,
     .params_size = sizeof(struct api_request),
     .letters = api_letters,
     .summary = "Calls the REST API: any method and path, as docs/rest-api.md lists them.",
     .examples = "trommel api GET services\n"
                 "trommel api POST datasets -d '{\"name\": \"cats\", \"type\": \"cls\"}'\n"
                 "trommel api GET 'datasets/cats/samples?limit=1000' --paginate | jq -r '.samples[].source'"},
    {.name = "audit list", .route = "audit.list", .rows = "entries", .columns = audit_columns},
    {.name = "complete",
     .run = command_complete,
     .params = complete_params,
     .params_size = sizeof(struct help_request),
     .needs_no_data = true,
     .is_hidden = true,
     .summary = "Prints what could stand in place of the last word, for completion."},
    {.name = "completion",
     .run = command_completion,
     .params = completion_params,
     .params_size = sizeof(struct completion_request),
     .needs_no_data = true,
     .summary = "Prints the completion script of a shell: bash, zsh or fish.",
     .examples = "trommel completion bash > ~/.local/share/bash-completion/completions/trommel"},
    {.name = "config list",
     .run = command_config_list,
     .params = config_list_params,
     .params_size = sizeof(struct config_list_request),
     .needs_no_data = true,
     .summary = "Lists the settings of this program on this machine."},
    {.name = "dataset create",
     .route = "dataset.create",
     .object = "dataset",
     .columns = dataset_columns,
     .examples = "trommel dataset create cats --type cls --labels cat,dog"},
    {.name = "dataset delete", .route = "dataset.delete", .needs_yes = true},
    {.name = "dataset duplicates",
     .route = "dataset.duplicates",
     .starts_task = true,
     .examples = "trommel dataset duplicates cats --against cats-test --wait"},
    {.name = "dataset edit",
     .route = "dataset.edit",
     .object = "dataset",
     .columns = dataset_columns,
     .examples = "trommel dataset edit cats --name felines --description 'Cats of all sizes'"},
    {.name = "dataset export",
     .route = "dataset.export",
     .starts_task = true,
     .examples = "trommel dataset export cats out/cats-yolo --format yolo --train-ratio 0.8 --wait"},
    {.name = "dataset features",
     .route = "dataset.features",
     .starts_task = true,
     .examples = "trommel dataset features cats --against cats@V001 --wait\n"
                 "trommel dataset features cats --service cats-nightly --wait"},
    {.name = "dataset histograms",
     .route = "dataset.histograms",
     .rows = "features",
     .columns = feature_columns,
     .examples = "trommel dataset histograms cats --usage TRAIN --against cats --against-usage EVAL\n"
                 "trommel dataset histograms cats --label tabby --feature brightness --json"},
    {.name = "dataset import",
     .route = "dataset.import",
     .starts_task = true,
     .examples = "trommel dataset import cats train/V001.manifest --wait\n"
                 "trommel dataset import cars street-yolo --exclude-labels person --wait"},
    {.name = "dataset label create",
     .route = "label.create",
     .object = "label",
     .columns = label_columns,
     .examples = "trommel dataset label create cats tabby --color '#3399ff' --shortcut t\n"
                 "trommel dataset label create cars truck --attributes "
                 "'[{\"name\":\"axles\",\"type\":\"select\",\"values\":[\"2\",\"3\"]}]'"},
    {.name = "dataset label delete",
     .route = "label.delete",
     .object = "change",
     .columns = label_change_columns,
     .run = after_label_change,
     .needs_yes = true,
     .examples = "trommel dataset label delete cats lynx --preview\n"
                 "trommel dataset label delete cats lynx --policy samples --yes"},
    {.name = "dataset label edit",
     .route = "label.edit",
     .object = "label",
     .columns = label_columns,
     .run = after_label_change,
     .examples = "trommel dataset label edit cats tabby --name tabby-cat\n"
                 "trommel dataset label edit cats tabby --color '' --shortcut x"},
    {.name = "dataset label list", .route = "label.list", .rows = "labels", .columns = label_columns},
    {.name = "dataset label merge",
     .route = "label.merge",
     .object = "change",
     .columns = label_change_columns,
     .run = after_label_change,
     .examples = "trommel dataset label merge cats tom --into cat\n"
                 "trommel dataset label merge cats tom --into cat --preview"},
    {.name = "dataset list", .route = "dataset.list", .rows = "datasets", .columns = dataset_columns},
    {.name = "dataset merge",
     .route = "dataset.merge",
     .starts_task = true,
     .examples = "trommel dataset merge cats-hard --into cats --wait\n"
                 "trommel dataset merge cats-hard --into cats --hard --preview --wait"},
    {.name = "dataset publish",
     .route = "dataset.publish",
     .starts_task = true,
     .examples = "trommel dataset publish cats --hard-attributes --wait"},
    {.name = "dataset show", .route = "dataset.show", .object = "dataset", .columns = dataset_columns},
    {.name = "dataset sources",
     .route = "dataset.sources",
     .rows = "sources",
     .columns = source_columns,
     .examples = "trommel dataset sources cats-hard"},
    {.name = "dataset use",
     .route = "dataset.version_use",
     .object = "dataset",
     .columns = dataset_columns,
     .examples = "trommel dataset use cats V001"},
    {.name = "dataset version delete", .route = "dataset.version_delete", .needs_yes = true},
    {.name = "dataset version diff",
     .route = "dataset.version_diff",
     .rows = "changes",
     .object = "diff",
     .columns = change_of_version_columns,
     .run = after_version_diff,
     .examples = "trommel dataset version diff cats V001 V002 --kind relabelled"},
    {.name = "dataset version show",
     .route = "dataset.version_show",
     .object = "version",
     .columns = version_columns},
    {.name = "dataset versions", .route = "dataset.versions", .rows = "versions", .columns = version_columns},
    {.name = "demo load", .route = "demo.load", .starts_task = true, .examples = "trommel demo load --wait"},
    {.name = "docs",
     .run = command_docs,
     .params = docs_params,
     .params_size = sizeof(struct docs_request),
     .needs_no_data = true,
     .is_hidden = true,
     .summary = "Writes the generated documents into a folder."},
    {.name = "doctor",
     .run = command_doctor,
     .params = no_cli_params,
     .needs_no_data = true,
     .summary = "Checks that this machine can run trommel: disk, database, ONNX Runtime, image formats."},
    {.name = "help",
     .run = command_help,
     .params = help_params,
     .params_size = sizeof(struct help_request),
     .needs_no_data = true,
     .summary =
         "Explains a command or a topic: exit-codes, environment, filters, formatting, manifest, reasons."},
    {.name = "init",
     .summary = "Makes the data folder with its database, or brings an older one up to date.",
     .route = "status.show",
     .object = "status",
     .is_here = true},
    {.name = "login",
     .run = command_login,
     .params = login_params,
     .params_size = sizeof(struct login_request),
     .needs_no_data = true,
     .summary = "Signs in to a server, and keeps a token for the commands to come.",
     .examples = "trommel login https://trommel.example:8443\n"
                 "trommel login https://trommel.example:8443 --user anna --password-file secret.txt"},
    {.name = "logout",
     .run = command_logout,
     .params = logout_params,
     .params_size = sizeof(struct login_request),
     .needs_no_data = true,
     .summary = "Forgets the token of a server, which ends there too."},
    {.name = "man",
     .run = command_man,
     .params = docs_params,
     .params_size = sizeof(struct docs_request),
     .needs_no_data = true,
     .is_hidden = true,
     .summary = "Writes the man pages into a folder."},
    {.name = "mine",
     .run = command_mine,
     .params = mine_given_params,
     .params_size = sizeof(struct mine_given_request),
     .letters = mine_letters,
     .needs_no_data = true,
     .summary =
         "Finds hard examples with predictions that were made elsewhere: without a model, a service or a "
         "data folder.",
     .examples =
         "trommel mine --images photos --predictions results.jsonl -o hard.manifest\n"
         "trommel mine --images photos --predictions boxes.json --coco-images instances.json -o "
         "hard.manifest\n"
         "trommel mine --images photos --predictions infer-result-1 --train V001.manifest --top 500 > "
         "hard.manifest"},
    {.name = "model delete", .route = "model.delete", .needs_yes = true},
    {.name = "model import",
     .route = "model.import",
     .rows = "guesses",
     .columns = guess_columns,
     .object = "model",
     .examples = "trommel model import resnet.onnx --labels imagenet.txt\n"
                 "trommel model import net.onnx --width 224 --height 224 --mean 0.485,0.456,0.406 --std "
                 "0.229,0.224,0.225 "
                 "--scale 0.00392156862745098"},
    {.name = "model list", .route = "model.list", .rows = "models", .columns = model_columns},
    {.name = "model show", .route = "model.show", .object = "model", .columns = model_columns},
    {.name = "model test", .route = "model.test", .examples = "trommel model test garments shoe.png"},
    {.name = "operation list",
     .route = "operation.list",
     .rows = "operations",
     .columns = operation_columns,
     .examples = "trommel operation list --dataset cats-hard"},
    {.name = "operation redo",
     .route = "operation.redo",
     .object = "operation",
     .columns = operation_columns},
    {.name = "operation show", .route = "operation.show", .rows = "changes", .columns = change_columns},
    {.name = "operation undo",
     .route = "operation.undo",
     .object = "operation",
     .columns = operation_columns,
     .examples = "trommel operation undo 5f0c2a11"},
    {.name = "path show", .route = "path.show", .examples = "trommel path show /data/in"},
    {.name = "project create", .route = "project.create", .object = "project", .columns = project_columns},
    {.name = "project delete", .route = "project.delete", .needs_yes = true},
    {.name = "project list", .route = "project.list", .rows = "projects", .columns = project_columns},
    {.name = "project show", .route = "project.show", .object = "project", .columns = project_columns},
    {.name = "sample filter",
     .route = "sample.filter",
     .starts_task = true,
     .examples = "trommel sample filter cats-nightly --train cats@V001 --create cats-hard --top 10% --wait"},
    {.name = "sample sync",
     .route = "sample.sync",
     .starts_task = true,
     .examples = "trommel sample sync cats-nightly --create cats-raw --wait"},
    {.name = "sample tasks", .route = "sample.tasks", .rows = "tasks", .columns = sample_task_columns},
    {.name = "samples annotate",
     .route = "samples.annotate",
     .object = "sample",
     .columns = sample_columns,
     .examples = "trommel samples annotate 5f0c2a11 --labels cat\n"
                 "trommel samples annotate 5f0c2a11 --box cat:10,20,110,90 --hard"},
    {.name = "samples clear-hard",
     .summary = "Takes the hard mark off samples.",
     .route = "samples.decide",
     .fixed = "{\"action\":\"clear_hard\"}",
     .rows = "outcomes",
     .columns = outcome_columns,
     .run = after_decide},
    {.name = "samples confirm",
     .summary = "Confirms samples: suggestions become labels, or the labels or boxes given.",
     .route = "samples.decide",
     .fixed = "{\"action\":\"confirm\"}",
     .rows = "outcomes",
     .columns = outcome_columns,
     .run = after_decide,
     .examples = "trommel samples confirm 5f0c2a11 --labels cat\n"
                 "trommel samples confirm 5f0c2a11 --box cat:10,20,110,90 --box dog:0,5,60,80\n"
                 "trommel samples list cats-hard --state tbc -q | trommel samples confirm -\n"
                 "trommel samples confirm --dataset cats-hard --state tbc --score-min 0.9 --limit 100"},
    {.name = "samples exclude",
     .summary = "Leaves samples out of counts and published versions.",
     .route = "samples.decide",
     .fixed = "{\"action\":\"exclude\"}",
     .rows = "outcomes",
     .columns = outcome_columns,
     .run = after_decide},
    {.name = "samples explain",
     .route = "samples.explanation",
     .rows = "reasons",
     .columns = explained_columns,
     .examples = "trommel samples explain 5f0c2a11"},
    {.name = "samples facets",
     .route = "samples.facets",
     .run = after_facets,
     .examples = "trommel samples facets cats-hard --state tbc\n"
                 "trommel samples facets cats-hard --filter '{\"not\":{\"label\":\"cat\"}}' --json"},
    {.name = "samples history", .route = "samples.history", .rows = "history", .columns = operation_columns},
    {.name = "samples include",
     .summary = "Takes excluded samples in again.",
     .route = "samples.decide",
     .fixed = "{\"action\":\"include\"}",
     .rows = "outcomes",
     .columns = outcome_columns,
     .run = after_decide},
    {.name = "samples list",
     .route = "samples.list",
     .rows = "samples",
     .columns = sample_columns,
     .examples = "trommel samples list cats-hard --state tbc --reason 7 --limit 20\n"
                 "trommel samples list cats-hard --usage none --fields source,labels --json"},
    {.name = "samples mark-hard",
     .summary = "Marks samples as hard examples.",
     .route = "samples.decide",
     .fixed = "{\"action\":\"mark_hard\"}",
     .rows = "outcomes",
     .columns = outcome_columns,
     .run = after_decide},
    {.name = "samples reject",
     .summary = "Rejects suggestions: back to unlabeled, or relabeled with the labels or boxes given.",
     .route = "samples.decide",
     .fixed = "{\"action\":\"reject\"}",
     .rows = "outcomes",
     .columns = outcome_columns,
     .run = after_decide,
     .examples =
         "trommel samples reject 5f0c2a11                 not what the model says: back to unlabeled\n"
         "trommel samples reject 5f0c2a11 --labels dog    it is a dog\n"
         "trommel samples reject 5f0c2a11 --nothing       a false alarm: there is nothing in the image"},
    {.name = "samples show",
     .route = "samples.show",
     .object = "sample",
     .columns = sample_columns,
     .run = after_sample_show},
    {.name = "samples similar",
     .route = "samples.neighbors",
     .rows = "neighbors",
     .columns = neighbor_columns,
     .examples = "trommel samples similar 5f0c2a11 --in dataset --k 10"},
    {.name = "service delete", .route = "service.delete", .needs_yes = true},
    {.name = "service deploy",
     .route = "service.deploy",
     .starts_task = true,
     .object = "service",
     .columns = service_columns,
     .examples = "trommel service deploy --name cats-nightly --model catdog --input /data/in --output "
                 "/data/out --wait\n"
                 "trommel service deploy --name n2 --model catdog --input in --output out --hard-examples "
                 "--train cats@V001 "
                 "--create cats-hard"},
    {.name = "service edit",
     .route = "service.edit",
     .object = "service",
     .columns = service_columns,
     .examples = "trommel service edit cats-nightly --threads 4 --description 'Every night'"},
    {.name = "service estimate",
     .route = "hard.estimate",
     .columns = estimate_columns,
     .examples = "trommel service estimate cats-nightly --algo-hard-threshold 0.4 --top 10%"},
    {.name = "service events", .route = "service.events", .rows = "events", .columns = event_columns},
    {.name = "service hard disable", .route = "hard.disable"},
    {.name = "service hard enable",
     .route = "hard.enable",
     .examples = "trommel service hard enable cats-nightly --train cats@V001 --dataset cats-hard"},
    {.name = "service hard show", .route = "hard.show"},
    {.name = "service list", .route = "service.list", .rows = "services", .columns = service_columns},
    {.name = "service restart",
     .route = "service.restart",
     .starts_task = true,
     .examples = "trommel service restart cats-nightly --resume --wait"},
    {.name = "service result", .route = "service.result", .object = "result", .columns = result_columns},
    {.name = "service results",
     .route = "service.results",
     .rows = "results",
     .columns = result_columns,
     .examples = "trommel service results cats-nightly --class cat --score-max 0.5 --limit 20"},
    {.name = "service run", .route = "service.run", .object = "run", .columns = run_columns},
    {.name = "service runs", .route = "service.runs", .rows = "runs", .columns = run_columns},
    {.name = "service show", .route = "service.show", .object = "service", .columns = service_columns},
    {.name = "service start", .route = "service.start", .starts_task = true},
    {.name = "service stop", .route = "service.stop", .object = "task", .columns = task_columns},
    {.name = "settings", .route = "settings.list", .rows = "settings", .columns = setting_columns},
    {.name = "status", .route = "status.show", .object = "status"},
    {.name = "task duplicates",
     .route = "task.duplicates",
     .rows = "groups",
     .columns = duplicate_columns,
     .examples = "trommel task duplicates 8f2c11d0 --limit 20"},
    {.name = "task list", .route = "task.list", .rows = "tasks", .columns = task_columns},
    {.name = "task logs",
     .summary = "Prints the log of a task that ran in the background.",
     .route = "task.log",
     .own = task_logs_params,
     .own_size = sizeof(struct task_logs_request),
     .letters = task_logs_letters,
     .run = command_task_logs,
     .examples = "trommel task logs 8f2c11d0 -f"},
    {.name = "task merged",
     .route = "task.merged",
     .rows = "samples",
     .columns = merged_columns,
     .examples = "trommel task merged 8f2c11d0\n"
                 "trommel task merged 8f2c11d0 --kind duplicates --limit 20"},
    {.name = "task report",
     .summary = "Tells what a filtering of hard examples did; with --html as a page with pictures.",
     .route = "task.report_page",
     .own = task_report_params,
     .own_size = sizeof(struct task_report_request),
     .letters = task_report_letters,
     .run = command_task_report,
     .examples = "trommel task report 8f2c11d0\n"
                 "trommel task report 8f2c11d0 --html -o report.html"},
    {.name = "task retry", .route = "task.retry", .starts_task = true},
    {.name = "task show", .route = "task.show", .object = "task", .columns = task_columns},
    {.name = "task stop", .route = "task.stop", .object = "task", .columns = task_columns},
    {.name = "task wait",
     .summary = "Works on a task, or looks on, until it has ended.",
     .route = "task.show",
     .run = after_task_wait,
     .examples = "trommel task wait 8f2c11d0"},
    {.name = "task work", .route = "task.show", .run = after_task_wait, .is_hidden = true, .is_here = true},
    {.name = "token create",
     .route = "token.create",
     .object = "token",
     .columns = token_columns,
     .run = after_token_create,
     .examples = "trommel token create nightly --user ada --role label --days 30"},
    {.name = "token delete", .route = "token.delete", .needs_yes = true},
    {.name = "token list", .route = "token.list", .rows = "tokens", .columns = token_columns},
    {.name = "upload delete", .route = "upload.delete", .needs_yes = true},
    {.name = "upload list", .route = "upload.list", .rows = "uploads", .columns = upload_columns},
    {.name = "upload show", .route = "upload.show", .object = "upload", .columns = upload_columns},
    {.name = "user add",
     .route = "user.add",
     .object = "user",
     .columns = user_columns,
     .examples = "trommel user add ada --role admin\n"
                 "trommel user add bob --role label --password-file bob.txt"},
    {.name = "user delete", .route = "user.delete", .needs_yes = true},
    {.name = "user edit",
     .route = "user.edit",
     .object = "user",
     .columns = user_columns,
     .examples = "trommel user edit bob --role read\ntrommel user edit bob --disabled"},
    {.name = "user list", .route = "user.list", .rows = "users", .columns = user_columns},
    {.name = "user password", .route = "user.password", .object = "user", .columns = user_columns},
    {.name = "user show", .route = "user.show", .object = "user", .columns = user_columns},
    {.name = "version",
     .run = command_version,
     .params = no_cli_params,
     .needs_no_data = true,
     .summary = "Prints the versions of trommel and the libraries it uses."},
    {.name = "whoami", .route = "session.show", .summary = "Says who the server takes the caller for."},
    {NULL},
};

static bool visit_table(const struct command *table, command_visitor *visit, void *state)
{
    for (const struct command *command = table; command->name; command++)
        if (!visit(state, command))
            return false;
    return true;
}

void commands_visit(const struct cli_environment *environment, command_visitor *visit, void *state)
{
    for (const struct command *const *table = environment->extra_commands; table && *table; table++)
        if (!visit_table(*table, visit, state))
            return;
    (void)visit_table(all_commands, visit, state);
}

struct search {
    const char *name;
    const struct command *found;
    bool is_group;
};

static bool compare_name(void *state, const struct command *command)
{
    struct search *search = state;
    size_t bytes = strlen(search->name);
    if (strncmp(command->name, search->name, bytes) != 0)
        return true;
    if (command->name[bytes] == '\0')
        search->found = command;
    search->is_group |= command->name[bytes] == ' ';
    return true;
}

const struct command *command_find(const struct cli_environment *environment, const char *name,
                                   bool *ret_is_group)
{
    struct search search = {.name = name};
    commands_visit(environment, compare_name, &search);
    if (ret_is_group)
        *ret_is_group = search.is_group;
    return search.found;
}

const char *command_summary(const struct command *command)
{
    const struct route *route = command->route && !command->summary ? route_find(command->route) : NULL;
    return route ? route->summary : command->summary;
}

const struct param_spec *command_params(const struct command *command)
{
    return command->route ? route_find(command->route)->params : command->params;
}
