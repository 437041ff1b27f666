/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of mining settings, any bytes: the first line is comprehensive_algo_config, the second reasons,
 * the third top. What is accepted is in range, what is refused names its field. */
#include "fuzz_target.h"

#include "mining/settings.h"

#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_plan(const struct mining_plan *plan)
{
    for (int i = 0; i < METHOD_COUNT; i++)
        must(plan->weights[i] >= 0 && plan->weights[i] <= 1);
    must(plan->top_percent >= 0 && plan->top_percent <= 100);
    must(plan->augment.count >= 1 && plan->augment.count <= AUGMENT_OPS);
    for (uint32_t i = 0; i < plan->augment.count; i++) {
        const struct augment_setting *one = &plan->augment.ops[i];
        must(one->weight > 0 && one->weight <= 1);
        must(one->amount >= one->op->parameter.low && one->amount <= one->op->parameter.high);
    }
    must(mining_plan_cap(plan, 0) >= 1);
    must(mining_plan_cap(plan, 1000) >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    char *rest = text;
    struct mining_settings settings = {.algo_hard_threshold = 0.1};
    settings.comprehensive_algo_config = strsep(&rest, "\n");
    settings.reasons = strsep(&rest, "\n");
    settings.top = strsep(&rest, "\n");
    settings.aug_op_config = strsep(&rest, "\n");
    settings.aug_budget = (double)(size % 12);
    struct mining_plan plan = {0};
    struct error err = {0};
    if (mining_plan_make(&settings, &plan, &err))
        check_plan(&plan);
    else
        must(err.code == ERR_INVALID && err.pointer[0] == '/' && err.message[0] != '\0');
    free(text);
    return 0;
}
