/* SPDX-License-Identifier: Apache-2.0 */
/* Shape rows: the rows of tables that say what replies hold. For files of such tables only: names are short.
 */
#ifndef API_NATIVE_SHAPE_ROWS_H
#define API_NATIVE_SHAPE_ROWS_H

#include "api/api.h"

#define MEMBER(member, kind, phrase)                                                                         \
    {                                                                                                        \
        .name = (member), .type = REPLY_##kind, .help = (phrase)                                             \
    }
/* The same with what is special about it. */
#define MEMBER_AS(member, kind, phrase, ...)                                                                 \
    {                                                                                                        \
        .name = (member), .type = REPLY_##kind, .help = (phrase), __VA_ARGS__                                \
    }
#define OR_NULL .is_nullable = true
#define OPTIONAL .is_optional = true
#define END                                                                                                  \
    {                                                                                                        \
        .name = NULL                                                                                         \
    }

/* Those that are frequent. */
#define TEXT(member, phrase) MEMBER(member, TEXT, phrase)
#define TEXT_OR_NULL(member, phrase) MEMBER_AS(member, TEXT, phrase, OR_NULL)
#define TIME(member, phrase) MEMBER(member, TIME, phrase)
#define TIME_OR_NULL(member, phrase) MEMBER_AS(member, TIME, phrase, OR_NULL)
#define COUNT(member, phrase) MEMBER(member, COUNT, phrase)
#define NUMBER_OR_NULL(member, phrase) MEMBER_AS(member, NUMBER, phrase, OR_NULL)
#define BOOL(member, phrase) MEMBER(member, BOOL, phrase)
#define ANY(member, phrase) MEMBER_AS(member, ANY, phrase, OR_NULL)
#define LIST(member, of, phrase) MEMBER_AS(member, LIST, phrase, .shape = (of))
#define OBJECT(member, of, phrase) MEMBER_AS(member, OBJECT, phrase, .shape = (of))

#endif
