/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/demo_summary.h"

#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SUMMARY_MAX_BYTES = 64 * 1024 };

void demo_summary_add(yyjson_mut_doc *summary, const struct demo_road *road)
{
    yyjson_mut_val *root = yyjson_mut_doc_get_root(summary);
    bool is_first = yyjson_mut_obj_size(root) == 0;
    demo_road_summary(road, summary, is_first ? root : yyjson_mut_obj_add_obj(summary, root, DEMO_SECOND));
    if (is_first)
        (void)yyjson_mut_obj_add_strcpy(summary, root, "folder", road->data.folder);
}

/* ---- in words ---- */

static double number_of(yyjson_mut_val *object, const char *member)
{
    return yyjson_mut_get_num(yyjson_mut_obj_get(object, member));
}

static void say_score(const char *title, yyjson_mut_val *score)
{
    (void)printf("  %-26s  %6.1f %%     %6.1f %%    %.3f\n", title, number_of(score, "first_5_percent") * 100,
                 number_of(score, "first_20_percent") * 100, number_of(score, "auroc"));
}

static void say_road(const struct demo_kind *kind, yyjson_mut_val *road)
{
    (void)printf("\nHow good is the list of %s? %.0f of %.0f %s. Their share among the hardest\n"
                 "                              first 5 %%   first 20 %%   AUROC\n",
                 kind->hard, number_of(road, "wrong_predictions"), number_of(road, "images"), kind->wrong);
    say_score("hard coefficient", yyjson_mut_obj_get(road, "precision"));
    for (const struct demo_rival *rival = kind->rivals; rival->key; rival++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "precision_of_%s", rival->key);
        say_score(rival->title, yyjson_mut_obj_get(road, name));
    }
}

static const struct demo_kind *kind_of(yyjson_mut_val *road)
{
    const char *type = yyjson_mut_get_str(yyjson_mut_obj_get(road, "type"));
    for (const struct demo_kind *const *kind = demo_kinds; type && *kind; kind++)
        if (strcmp((*kind)->type, type) == 0)
            return *kind;
    return NULL;
}

void demo_summary_say(const char *folder, yyjson_mut_val *summary)
{
    const struct demo_kind *first = kind_of(summary),
                           *second = kind_of(yyjson_mut_obj_get(summary, DEMO_SECOND));
    if (!first)
        return;
    say_road(first, summary);
    if (second)
        say_road(second, yyjson_mut_obj_get(summary, DEMO_SECOND));
    (void)printf("\nNothing left this machine. What to type next:\n"
                 "  export TROMMEL_DATA=%s\n"
                 "  trommel samples list %s --state tbc --limit 10\n",
                 folder, first->hard);
    if (second)
        (void)printf("  trommel samples list %s --state tbc --limit 10\n", second->hard);
    (void)printf("  trommel samples show ID                      why it is hard, with numbers\n"
                 "  trommel samples confirm ID                   or: reject ID --labels LABEL\n"
                 "  trommel sample filter %s --train %s@V001 --create again --top 100\n"
                 "  trommel dataset publish %s --hard-attributes\n",
                 first->service, first->training, first->hard);
}

/* ---- kept ---- */

bool demo_summary_keep(const char *folder, yyjson_mut_doc *summary, struct error *err)
{
    struct store *opened = NULL;
    AUTO_BUFFER(text, SUMMARY_MAX_BYTES);
    if (!json_write(summary, true, &text, err) || !store_open(folder, true, &opened, err))
        return false;
    AUTO(store) store = opened;
    return store_put(store, DEMO_MARKER, (struct bytes){text.data, text.size}, err);
}

bool demo_summary_read(const char *folder, yyjson_mut_doc **ret, struct error *err)
{
    struct store *opened = NULL;
    AUTO_BUFFER(text, SUMMARY_MAX_BYTES);
    AUTO_JSON doc = NULL;
    bool is_there = store_open(folder, false, &opened, err);
    AUTO(store) store = opened;
    if (!is_there || !store_get(store, DEMO_MARKER, &text, err) ||
        !json_parse((struct bytes){text.data, text.size}, DEMO_MARKER, &doc, err))
        return false;
    if (!yyjson_obj_get(yyjson_doc_get_root(doc), "precision"))
        return error_set(err, ERR_NOT_FOUND, "the demo in %s did not come to its end: run it again", folder);
    *ret = yyjson_doc_mut_copy(doc, NULL);
    return *ret || error_no_memory(err);
}
