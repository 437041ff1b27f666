/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Process: a name for this process that says, when it is read again later, whether the process still lives.
 * Leases and temporary files carry it, so that what a dead process left behind is taken over at once.
 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

enum { PROCESS_NAME_BYTES = 128 };

enum process_state {
    PROCESS_ALIVE,
    PROCESS_DEAD,
    PROCESS_ELSEWHERE, /* of another machine, container or boot, or not such a name: nothing can be said */
};

/* "host:pid:start-time", of letters, digits and .:_- only. The host part also tells containers and boots
 * apart; the start time, in clock ticks since the boot, tells a process from a later one with the same
 * number. */
const char *process_name(char ret[PROCESS_NAME_BYTES]);
enum process_state process_look(const char *name);

#endif
