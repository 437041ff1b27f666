/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Local socket: where the server that holds a data folder is reached from the same machine. It is a file of
 * the folder that only its owner may open, so whoever gets through may as well open the database. A lock
 * beside it says that the server lives; it ends with the process, however that dies.
 */
#ifndef BASE_LOCAL_SOCKET_H
#define BASE_LOCAL_SOCKET_H

#include "base/error.h"

#define LOCAL_SOCKET_NAME "trommel.sock"
#define LOCAL_SOCKET_LOCK_NAME "trommel.lock"

enum { LOCAL_SOCKET_PATH_BYTES = 64 };

struct local_socket {
    int folder, lock, listening; /* -1: none */
};

/* Listens, for the owner alone; a socket that a dead server left is replaced. ERR_CONFLICT names the process
 * that holds the folder. */
MUST_CHECK bool local_socket_listen(const char *folder, struct local_socket *ret, struct error *err);
/* Removes the file; closes all. */
void local_socket_end(struct local_socket *socket);

/* Whether somebody answers there. A file that a dead server left counts as nobody. */
bool local_socket_is_live(const char *folder);
/* The socket's path by way of a descriptor of its folder: paths of sockets must be short. */
void local_socket_path(int folder, char ret[LOCAL_SOCKET_PATH_BYTES]);

#endif
