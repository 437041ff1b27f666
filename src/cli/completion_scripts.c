/* SPDX-License-Identifier: Apache-2.0 */
/* Completion scripts: each asks the program itself, so that they know its commands, options and names. */
#include "cli/commands_own.h"

#include <string.h>

static const char *const shells[] = {"bash", "zsh", "fish", NULL};

const struct param_spec completion_params[] = {
    PARAM(struct completion_request, shell, .type = PARAM_CHOICE, .choices = shells, .is_required = true,
          .is_positional = true, .help = "bash, zsh or fish"),
    PARAM_END,
};

static const char bash_script[] =
    "# bash completion of trommel; made by: trommel completion bash\n"
    "_trommel() {\n"
    "    local line\n"
    "    COMPREPLY=()\n"
    "    while IFS= read -r line; do\n"
    "        printf -v line '%q' \"${line%%$'\\t'*}\"\n"
    "        COMPREPLY+=(\"$line\")\n"
    "    done < <(\"${COMP_WORDS[0]}\" complete -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
    "}\n"
    "complete -o bashdefault -o default -F _trommel trommel\n";

static const char zsh_script[] =
    "#compdef trommel\n"
    "# zsh completion of trommel; made by: trommel completion zsh\n"
    "_trommel() {\n"
    "    local line\n"
    "    local -a found\n"
    "    for line in \"${(@f)$($words[1] complete -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)}\"; do\n"
    "        [[ -n $line ]] && found+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\")\n"
    "    done\n"
    "    if (( $#found )); then\n"
    "        _describe trommel found\n"
    "    else\n"
    "        _files\n"
    "    fi\n"
    "}\n"
    "if [[ $funcstack[1] == _trommel ]]; then\n"
    "    _trommel \"$@\"\n"
    "elif (( $+functions[compdef] )); then\n"
    "    compdef _trommel trommel\n"
    "fi\n";

static const char fish_script[] = "# fish completion of trommel; made by: trommel completion fish\n"
                                  "function __trommel_complete\n"
                                  "    set -l words (commandline -opc) (commandline -ct)\n"
                                  "    $words[1] complete -- $words[2..-1] 2>/dev/null\n"
                                  "end\n"
                                  "complete -c trommel -k -a '(__trommel_complete)'\n";

int command_completion(struct cli *cli)
{
    const struct completion_request *request = cli->params;
    const char *script = strcmp(request->shell, "bash") == 0  ? bash_script
                         : strcmp(request->shell, "zsh") == 0 ? zsh_script
                                                              : fish_script;
    output_text(cli, script);
    return 0;
}
