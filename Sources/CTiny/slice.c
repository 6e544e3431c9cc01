// How promptly the kernel runs a thread that has become ready. Since Linux 6.12 a thread of the ordinary class has a slice of
// its own (sched_setattr(2), `sched_runtime`): one with a shorter slice is put before one with a longer slice at once, where
// it would otherwise wait until the other has had its own, some milliseconds. Its share of the processor stays the same.
// Older kernels ignore it.
//
// The kernel hands a thread's slice on to threads and children it starts: threads are told
// (`tiny_slice_inherit`), and before a program is started the thread gives its short slice back.
#define _GNU_SOURCE
#include "CTiny.h"
#include <string.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

// struct sched_attr of sched_setattr(2), whose header does not go together with glibc's.
struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

static _Thread_local bool is_short;

// Everything else stays as it is: whoever runs the program may have given it another class or priority.
static bool set(uint64_t nanoseconds) {
    struct attributes attributes;
    memset(&attributes, 0, sizeof attributes);
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return false;
    if (attributes.policy != SCHED_OTHER) return false;
    attributes.size = sizeof attributes;
    attributes.runtime = nanoseconds;
    return syscall(SYS_sched_setattr, 0, &attributes, 0) == 0;
}

bool tiny_slice_is_short(void) { return is_short; }
void tiny_slice_inherit(bool value) { is_short = value; }

void tiny_slice_shorten(void) {
    // 0.1 ms is the shortest there is. Where it can't be had, it is not asked for again.
    if (!is_short) set(100000);
    is_short = true;
}

void tiny_slice_restore(void) {
    if (is_short) set(0);
    is_short = false;
}
