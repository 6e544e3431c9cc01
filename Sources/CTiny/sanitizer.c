// Native stacks under the thread sanitizer, which keeps a stack of calls of its own for each: it has to be told of a switch.
// It is told on arrival: between leaving one stack and that, nothing that it watches runs.
#include "CTiny.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#include <stdlib.h>
#include <sanitizer/tsan_interface.h>

void tiny_raw_stack_switch(void **save, void *load);

__attribute__((no_sanitize("thread"), noinline)) void tiny_stack_switch(void **save, void *load) {
    void *own = __tsan_get_current_fiber();
    tiny_raw_stack_switch(save, load);
    __tsan_switch_to_fiber(own, 0);
}

struct start { void (*entry)(void *); void *argument, *fiber; };

// The fibers of the stacks that exist, by their tops: a stack that is used again gets a new one. Guarded by the GIL.
static struct { void *top, *fiber; } fibers[4096];

__attribute__((no_sanitize("thread"))) static void begin(void *raw) {
    struct start start = *(struct start *)raw;
    __tsan_switch_to_fiber(start.fiber, 0);
    free(raw);
    start.entry(start.argument);
}

void *tiny_sanitized_start(void *top, void (**entry)(void *), void *argument) {
    struct start *start = malloc(sizeof *start);
    start->entry = *entry;
    start->argument = argument;
    start->fiber = __tsan_create_fiber(0);
    for (size_t index = 0; index < sizeof fibers / sizeof fibers[0]; index++) {
        if (fibers[index].top && fibers[index].top != top) continue;
        if (fibers[index].fiber) __tsan_destroy_fiber(fibers[index].fiber);
        fibers[index].top = top;
        fibers[index].fiber = start->fiber;
        break;
    }
    *entry = begin;
    return start;
}
#endif
#endif
