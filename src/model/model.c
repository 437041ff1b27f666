/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model.h"

#include "model/card.h"

#include <string.h>

bool model_card_read(const struct model *model, struct arena *arena, struct model_card *ret,
                     struct error *err)
{
    AUTO_JSON doc = NULL;
    return json_parse((struct bytes){model->card_json, strlen(model->card_json)}, "the model card", &doc,
                      err) &&
           params_read_json(model_card_params, ret, yyjson_doc_get_root(doc), arena, err);
}
