/* SPDX-License-Identifier: Apache-2.0 */
#include "base/local_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { OWNER_ONLY = 0600, HOLDER_BYTES = 32 };

void local_socket_path(int folder, char ret[LOCAL_SOCKET_PATH_BYTES])
{
    (void)snprintf(ret, LOCAL_SOCKET_PATH_BYTES, "/proc/self/fd/%d/" LOCAL_SOCKET_NAME, folder);
}

static struct sockaddr_un address_in(int folder)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    local_socket_path(folder, address.sun_path);
    return address;
}

bool local_socket_is_live(const char *folder)
{
    int opened = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int asking = opened >= 0 ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
    bool is_live = false;
    if (asking >= 0) {
        const struct sockaddr_un address = address_in(opened);
        is_live = connect(asking, (const struct sockaddr *)&address, sizeof(address)) == 0 || errno == EAGAIN;
        (void)close(asking);
    }
    if (opened >= 0)
        (void)close(opened);
    return is_live;
}

/* The lock's file tells people which process has it. */
static bool take_lock(struct local_socket *opened, const char *folder, struct error *err)
{
    char holder[HOLDER_BYTES] = "";
    opened->lock =
        openat(opened->folder, LOCAL_SOCKET_LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, OWNER_ONLY);
    if (opened->lock < 0)
        return error_set_errno(err, errno, "open %s/" LOCAL_SOCKET_LOCK_NAME, folder);
    if (flock(opened->lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return error_set_errno(err, errno, "lock %s/" LOCAL_SOCKET_LOCK_NAME, folder);
        ssize_t bytes = pread(opened->lock, holder, sizeof(holder) - 1, 0);
        holder[bytes > 0 ? strspn(holder, "0123456789") : 0] = '\0';
        return error_set(err, ERR_CONFLICT, "another server, process %s, holds the data folder %s",
                         holder[0] ? holder : "unknown", folder);
    }
    (void)snprintf(holder, sizeof(holder), "%ld\n", (long)getpid());
    if (ftruncate(opened->lock, 0) != 0 ||
        pwrite(opened->lock, holder, strlen(holder), 0) != (ssize_t)strlen(holder))
        return error_set_errno(err, errno, "write %s/" LOCAL_SOCKET_LOCK_NAME, folder);
    return true;
}

/* Who has the lock is the only one to touch the file. The mode is set before the file is there: Linux gives
 * it that of the socket. */
static bool bind_file(struct local_socket *opened, const char *folder, struct error *err)
{
    const struct sockaddr_un address = address_in(opened->folder);
    if (unlinkat(opened->folder, LOCAL_SOCKET_NAME, 0) != 0 && errno != ENOENT)
        return error_set_errno(err, errno, "remove the old %s/" LOCAL_SOCKET_NAME, folder);
    opened->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (opened->listening < 0)
        return error_set_errno(err, errno, "make a socket");
    if (fchmod(opened->listening, OWNER_ONLY) != 0 ||
        bind(opened->listening, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(opened->listening, SOMAXCONN) != 0)
        return error_set_errno(err, errno, "listen on %s/" LOCAL_SOCKET_NAME, folder);
    return true;
}

bool local_socket_listen(const char *folder, struct local_socket *ret, struct error *err)
{
    struct local_socket opened = {-1, -1, -1};
    opened.folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (opened.folder < 0)
        return error_set_errno(err, errno, "open the folder %s", folder);
    bool is_locked = take_lock(&opened, folder, err);
    if (is_locked && bind_file(&opened, folder, err)) {
        *ret = opened;
        return true;
    }
    if (opened.listening >= 0)
        (void)close(opened.listening);
    if (opened.lock >= 0)
        (void)close(opened.lock);
    (void)close(opened.folder);
    return false;
}

void local_socket_end(struct local_socket *socket)
{
    if (socket->folder >= 0)
        (void)unlinkat(socket->folder, LOCAL_SOCKET_NAME, 0);
    if (socket->listening >= 0)
        (void)close(socket->listening);
    if (socket->lock >= 0)
        (void)close(socket->lock);
    if (socket->folder >= 0)
        (void)close(socket->folder);
    *socket = (struct local_socket){-1, -1, -1};
}
