// On which processor a thread wakes up. The kernel wakes a thread on an idle processor if there is one. For a thread that
// takes the GIL over from one that computes that is a loss: only one of them runs at a time, the idle processor has to be
// woken first, and its caches know nothing (measured on two virtual processors: 100 to 160 us for each switch against 15
// to 40 on the processor that is awake anyway; of a slice of 5 ms that is 2 to 3 in a hundred).
//
// So whoever hands over confines the other to its own processor (sched_setaffinity(2)), which it is about to leave, and the
// other takes its own set of processors back as soon as it runs: while both could run it may go where the kernel wants it.
#define _GNU_SOURCE
#include "CTiny.h"
#include <sched.h>
#include <stdlib.h>

void *tiny_bring_here(pid_t thread) {
    cpu_set_t *own = malloc(sizeof *own), here;
    int processor = sched_getcpu();
    if (own == NULL || processor < 0 || processor >= CPU_SETSIZE || sched_getaffinity(thread, sizeof *own, own) != 0) goto stay;
    if (!CPU_ISSET(processor, own) || CPU_COUNT(own) < 2) goto stay;
    CPU_ZERO(&here);
    CPU_SET(processor, &here);
    if (sched_setaffinity(thread, sizeof here, &here) == 0) return own;
stay:
    free(own);
    return NULL;
}

void tiny_release_here(void *own) {
    sched_setaffinity(0, sizeof(cpu_set_t), own);
    free(own);
}
