/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/yolo_set.h"

#include "base/text.h"

#include <string.h>
#include <yaml.h>

static bool set_class(struct yolo_set *set, uint64_t number, const char *name, struct arena *arena,
                      struct error *err)
{
    if (number >= YOLO_CLASSES_MAX)
        return error_set(err, ERR_LIMIT, "class %llu: there may be %d", (unsigned long long)number,
                         YOLO_CLASSES_MAX);
    if (!format_check_label(name, strlen(name), err))
        return error_wrap(err, "class %llu", (unsigned long long)number);
    if (!set->classes)
        set->classes = arena_array(arena, YOLO_CLASSES_MAX, sizeof(*set->classes));
    if (!set->classes)
        return error_no_memory(err);
    if (set->classes[number])
        return error_set(err, ERR_INVALID, "class %llu is named twice", (unsigned long long)number);
    set->classes[number] = name;
    if (number >= set->class_count)
        set->class_count = (size_t)number + 1;
    return true;
}

bool yolo_classes_read(struct bytes file, struct arena *arena, struct yolo_set *ret, struct error *err)
{
    struct bytes line;
    uint64_t number = 0;
    while (format_next_line(&file, &line)) {
        if (line.size == 0)
            continue;
        const char *name = arena_text_n(arena, line.data, line.size);
        if (!name)
            return error_no_memory(err);
        if (!set_class(ret, number++, name, arena, err))
            return false;
    }
    return true;
}

/* ---- data.yaml ---- */

/* What the parser is in: the value of a key of the file, or something that nobody asks for. */
enum yaml_within { WITHIN_NOTHING, WITHIN_NAMES, WITHIN_PLACES, WITHIN_PATH };
struct yaml_reading {
    struct yolo_set *set;
    struct arena *arena;
    enum yaml_within within;
    size_t usage;    /* of WITHIN_PLACES */
    unsigned depth;  /* open lists and maps */
    bool is_map;     /* names are "0: cat", not a list */
    const char *key; /* in such a map, or of the file; NULL: a key comes */
    uint64_t next;   /* class of a list */
};

static bool choose(struct yaml_reading *reading, const char *key)
{
    reading->within = WITHIN_NOTHING;
    if (strcmp(key, "names") == 0)
        reading->within = WITHIN_NAMES;
    else if (strcmp(key, "path") == 0)
        reading->within = WITHIN_PATH;
    else if (format_usage_of_word(key, strlen(key))) {
        reading->within = WITHIN_PLACES;
        reading->usage = format_usage_number(format_usage_of_word(key, strlen(key)));
    }
    return true;
}

static bool take_place(struct yaml_reading *reading, const char *text, struct error *err)
{
    struct yolo_places *places = &reading->set->places[reading->usage];
    if (text[0] == '\0')
        return true;
    if (places->count == YOLO_PLACES_MAX)
        return error_set(err, ERR_LIMIT, "more than %d folders of one usage", YOLO_PLACES_MAX);
    places->items[places->count++] = text;
    return true;
}

static bool take_name(struct yaml_reading *reading, const char *text, struct error *err)
{
    uint64_t number = 0;
    if (!reading->is_map)
        return set_class(reading->set, reading->next++, text, reading->arena, err);
    if (!reading->key) {
        reading->key = text;
        return true;
    }
    bool is_number = text_to_count(reading->key, "a class", 0, YOLO_CLASSES_MAX - 1, &number, err);
    reading->key = NULL;
    return is_number && set_class(reading->set, number, text, reading->arena, err);
}

static bool take_scalar(struct yaml_reading *reading, const yaml_event_t *event, struct error *err)
{
    const char *value = (const char *)event->data.scalar.value;
    size_t bytes = event->data.scalar.length;
    if (strlen(value) != bytes)
        return error_set(err, ERR_INVALID, "a text holds U+0000");
    const char *text = arena_text_n(reading->arena, value, bytes);
    if (!text)
        return error_no_memory(err);
    if (reading->depth == 1 && !reading->key) {
        reading->key = text;
        return choose(reading, text);
    }
    bool is_done = true;
    if (reading->within == WITHIN_PLACES && reading->depth <= 2)
        is_done = take_place(reading, text, err);
    else if (reading->within == WITHIN_PATH && reading->depth == 1)
        reading->set->path = text;
    else if (reading->within == WITHIN_NAMES && reading->depth == 2)
        return take_name(reading, text, err);
    if (reading->depth == 1)
        reading->key = NULL;
    return is_done;
}

static bool open_one(struct yaml_reading *reading, bool is_map, struct error *err)
{
    if (reading->depth == 0 && !is_map)
        return error_set(err, ERR_INVALID, "it is no map of names");
    if (++reading->depth > YOLO_YAML_DEPTH_MAX)
        return error_set(err, ERR_LIMIT, "more than %d lists in one another", YOLO_YAML_DEPTH_MAX);
    if (reading->depth == 2) {
        reading->is_map = is_map;
        reading->key = NULL;
        if (is_map && reading->within != WITHIN_NAMES)
            reading->within = WITHIN_NOTHING;
    }
    return true;
}

static bool take_event(struct yaml_reading *reading, const yaml_event_t *event, struct error *err)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return take_scalar(reading, event, err);
    case YAML_ALIAS_EVENT:
        return error_set(err, ERR_INVALID, "aliases are not read");
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        return open_one(reading, event->type == YAML_MAPPING_START_EVENT, err);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        reading->depth--;
        if (reading->depth == 1)
            reading->key = NULL;
        return true;
    default:
        return true;
    }
}

static bool take_all(struct yaml_reading *reading, yaml_parser_t *parser, struct error *err)
{
    for (bool is_over = false; !is_over;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event))
            return error_set(err, ERR_INVALID, "line %zu: %s", parser->problem_mark.line + 1,
                             parser->problem ? parser->problem : "it is no YAML");
        is_over = event.type == YAML_DOCUMENT_END_EVENT || event.type == YAML_STREAM_END_EVENT;
        size_t line = event.start_mark.line + 1;
        bool is_taken = take_event(reading, &event, err);
        yaml_event_delete(&event);
        if (!is_taken)
            return error_wrap(err, "line %zu", line);
    }
    return true;
}

bool yolo_set_read(struct bytes file, struct arena *arena, struct yolo_set *ret, struct error *err)
{
    struct yaml_reading reading = {.set = ret, .arena = arena};
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return error_no_memory(err);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, file.data, file.size);
    bool is_done = take_all(&reading, &parser, err);
    yaml_parser_delete(&parser);
    return is_done;
}
