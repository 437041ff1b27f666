/* SPDX-License-Identifier: Apache-2.0 */
#include "client/credentials.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OWNER_ONLY = 0600, OTHERS = 077 };

char *credentials_path(struct arena *arena)
{
    const char *home = secure_getenv("HOME"), *xdg = secure_getenv("XDG_CONFIG_HOME");
    if (xdg && xdg[0])
        return path_join(arena, xdg, "trommel/credentials");
    return home && home[0] ? path_join(arena, home, ".config/trommel/credentials") : NULL;
}

static bool read_all(int file, const char *path, struct buffer *into, struct error *err)
{
    char piece[4096];
    ssize_t bytes;
    while ((bytes = read(file, piece, sizeof(piece))) > 0)
        if (!buffer_add(into, piece, (size_t)bytes))
            return buffer_check(into, path, err);
    return bytes == 0 || error_set_errno(err, errno, "read %s", path);
}

static bool check_mode(int file, const char *path, struct error *err)
{
    struct stat status;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return error_set(err, ERR_INVALID, "%s is not a file", path);
    if (status.st_uid == geteuid() && (status.st_mode & OTHERS) == 0)
        return true;
    return error_set(err, ERR_DENIED, "%s holds tokens and must be yours alone: chmod 600 it", path);
}

/* An object; a new one when there is no file. */
static bool load(struct arena *arena, yyjson_mut_doc **ret, struct error *err)
{
    const char *path = credentials_path(arena);
    AUTO_BUFFER(text, CREDENTIALS_MAX_BYTES);
    AUTO_JSON doc = NULL;
    int file = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (file < 0 && path && errno != ENOENT && errno != ENOTDIR)
        return error_set_errno(err, errno, "open %s", path);
    if (file < 0) {
        *ret = yyjson_mut_doc_new(NULL);
        yyjson_mut_doc_set_root(*ret, yyjson_mut_obj(*ret));
        return *ret || error_no_memory(err);
    }
    bool is_read = check_mode(file, path, err) && read_all(file, path, &text, err);
    (void)close(file);
    if (!is_read || !json_parse((struct bytes){text.data, text.size}, path, &doc, err))
        return false;
    if (!yyjson_is_obj(yyjson_doc_get_root(doc)))
        return error_set(err, ERR_INVALID, "%s is not a JSON object", path);
    *ret = yyjson_doc_mut_copy(doc, NULL);
    return *ret || error_no_memory(err);
}

static bool make_folders(struct arena *arena, const char *path, struct error *err)
{
    char *folder = path_folder(arena, path);
    for (char *at = folder ? folder + 1 : NULL; at; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        char end = *at;
        *at = '\0';
        if (mkdir(folder, 0700) != 0 && errno != EEXIST)
            return error_set_errno(err, errno, "make the folder %s", folder);
        if (end == '\0')
            return true;
        *at = end;
    }
    return error_no_memory(err);
}

static bool write_all(const char *path, const struct buffer *text, struct error *err)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, OWNER_ONLY);
    if (file < 0)
        return error_set_errno(err, errno, "make %s", path);
    bool is_written = write(file, text->data, text->size) == (ssize_t)text->size && fsync(file) == 0;
    int failed = errno;
    return (close(file) == 0 && is_written) || error_set_errno(err, failed, "write %s", path);
}

static bool save(struct arena *arena, const yyjson_mut_doc *doc, struct error *err)
{
    const char *path = credentials_path(arena);
    AUTO_BUFFER(text, CREDENTIALS_MAX_BYTES);
    char unique[HASH_HEX_BYTES];
    id_random_hex(unique);
    if (!path)
        return error_set(err, ERR_INVALID, "set HOME or XDG_CONFIG_HOME, so that the token can be kept");
    const char *fresh = arena_printf(arena, "%s.%s", path, unique);
    if (!fresh)
        return error_no_memory(err);
    if (!json_write(doc, true, &text, err) || !make_folders(arena, path, err))
        return false;
    bool is_written = write_all(fresh, &text, err);
    if (is_written && rename(fresh, path) == 0)
        return true;
    if (is_written)
        (void)error_set_errno(err, errno, "write %s", path);
    (void)unlink(fresh); /* half of it holds tokens too */
    return false;
}

static char *copy_of(struct arena *arena, yyjson_mut_val *object, const char *name)
{
    return arena_text(arena, yyjson_mut_get_str(yyjson_mut_obj_get(object, name)));
}

bool credentials_find(struct arena *arena, const char *url, struct credential *ret, struct error *err)
{
    AUTO_MUT_JSON doc = NULL;
    if (!load(arena, &doc, err))
        return false;
    yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
    const char *wanted = url ? url : copy_of(arena, root, "current");
    yyjson_mut_val *server = wanted ? yyjson_mut_obj_get(yyjson_mut_obj_get(root, "servers"), wanted) : NULL;
    *ret = (struct credential){0};
    if (server)
        *ret = (struct credential){arena_text(arena, wanted), copy_of(arena, server, "token"),
                                   copy_of(arena, server, "user"), copy_of(arena, server, "token_id")};
    return true;
}

bool credentials_keep(struct arena *arena, const struct credential *credential, struct error *err)
{
    AUTO_MUT_JSON doc = NULL;
    if (!load(arena, &doc, err))
        return false;
    yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
    yyjson_mut_val *servers = yyjson_mut_obj_get(root, "servers");
    if (!servers)
        servers = yyjson_mut_obj_add_obj(doc, root, "servers");
    yyjson_mut_val *server = yyjson_mut_obj(doc);
    (void)yyjson_mut_obj_add_strcpy(doc, server, "token", credential->token);
    if (credential->user)
        (void)yyjson_mut_obj_add_strcpy(doc, server, "user", credential->user);
    if (credential->token_id)
        (void)yyjson_mut_obj_add_strcpy(doc, server, "token_id", credential->token_id);
    (void)yyjson_mut_obj_put(servers, yyjson_mut_strcpy(doc, credential->url), server);
    (void)yyjson_mut_obj_put(root, yyjson_mut_str(doc, "current"), yyjson_mut_strcpy(doc, credential->url));
    return save(arena, doc, err);
}

bool credentials_forget(struct arena *arena, const char *url, bool *ret_was_there, struct error *err)
{
    AUTO_MUT_JSON doc = NULL;
    if (!load(arena, &doc, err))
        return false;
    yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
    yyjson_mut_val *current = yyjson_mut_obj_get(root, "current");
    *ret_was_there = yyjson_mut_obj_remove_key(yyjson_mut_obj_get(root, "servers"), url) != NULL;
    if (current && yyjson_mut_equals_str(current, url))
        (void)yyjson_mut_obj_remove_key(root, "current");
    return !*ret_was_there || save(arena, doc, err);
}
