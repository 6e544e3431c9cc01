// The few things that Swift cannot say: atomics on raw words, register spilling, variadic C calls.
#ifndef CTINY_H
#define CTINY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <setjmp.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <signal.h>
#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/resource.h>
#include <math.h>
#include <malloc.h>
#include <sys/time.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include "TinyPosix.h"

// The eval breaker: written by any thread, read at every back-edge. Relaxed: the reader acts on it under a lock.
static inline uint32_t tiny_load(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
static inline void tiny_or(uint32_t *word, uint32_t bits) { __atomic_fetch_or(word, bits, __ATOMIC_RELEASE); }
static inline void tiny_and(uint32_t *word, uint32_t bits) { __atomic_fetch_and(word, bits, __ATOMIC_ACQ_REL); }
static inline uint64_t tiny_load64(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
static inline void tiny_store64(uint64_t *word, uint64_t value) { __atomic_store_n(word, value, __ATOMIC_RELAXED); }
// A word of a native stack, whatever lies there: the conservative scan reads what no variable of C owns.
__attribute__((no_sanitize("address"))) static inline uint64_t tiny_peek(const void *address) {
    return *(const uint64_t *)address;
}
// Takes all bits out of a word.
static inline uint32_t tiny_take(uint32_t *word) { return __atomic_exchange_n(word, 0, __ATOMIC_ACQ_REL); }

// Asks for the memory at an address, which is needed soon; any number will do.
static inline void tiny_prefetch(uint64_t address) { __builtin_prefetch((const void *)(uintptr_t)address); }

// Tells the processor that this is a loop that waits.
static inline void tiny_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// The words that every allocation and every back-edge touch. In C, because a Swift global that needs an initialiser is
// reached through a once-check. Guarded by the GIL, save `breaker`, which is atomic.
struct tiny_hot {
    void *free_lists[65];     // heads, by size class of 16 bytes
    size_t allocated;         // bytes since the last collection
    size_t threshold;         // of `allocated`, at which a collection is due
    uint32_t breaker;         // bits of BreakRequest: why the holder of the GIL should look up from its work
    uint32_t depth_limit;     // sys.setrecursionlimit
    uint32_t watched_deaths;  // bits of WatchedDeaths: whether the death of anything could be noticed
    size_t settle_at;         // of `allocated`, from which on a prompt collection may be afforded
    void **shapes;            // Shape pointers, by ShapeID
    void *thread;             // ThreadState of the holder of the GIL
    void *latin1[256];        // the one-character strings, by code point
};
extern struct tiny_hot tiny_hot_state;
static inline struct tiny_hot *tiny_hot(void) { return &tiny_hot_state; }
static inline void **tiny_free_lists(void) { return tiny_hot_state.free_lists; }
static inline void **tiny_latin1(void) { return tiny_hot_state.latin1; }
static inline uint32_t tiny_breaker(void) { return tiny_load(&tiny_hot_state.breaker); }

// The ScriptThread that calls a function of C, which may call back: the only way to know it there, without the GIL.
void *tiny_calling_thread(void);
void tiny_set_calling_thread(void *thread);

// The callee-saved registers of the caller's caller chain: whatever native code above keeps only in registers. Stored
// into a buffer on the stack by whoever calls back into the script, so that a conservative scan from there sees it.
struct tiny_registers { uint64_t saved[12]; };
static inline void tiny_spill(struct tiny_registers *buffer) {
#if defined(__x86_64__)
    __asm__ volatile("movq %%rbx, 0(%0); movq %%rbp, 8(%0); movq %%r12, 16(%0); movq %%r13, 24(%0);"
                     "movq %%r14, 32(%0); movq %%r15, 40(%0)" : : "r"(buffer->saved) : "memory");
#elif defined(__aarch64__)
    __asm__ volatile("stp x19, x20, [%0]; stp x21, x22, [%0, #16]; stp x23, x24, [%0, #32];"
                     "stp x25, x26, [%0, #48]; stp x27, x28, [%0, #64]" : : "r"(buffer->saved) : "memory");
#else
#error "tiny_spill: add the callee-saved registers of this architecture"
#endif
}

// Native stacks (switch.S). `tiny_stack_make` prepares one that ends at `top` (16-byte aligned): the first switch to what it
// returns calls entry(argument) there.
void tiny_stack_switch(void **save, void *load);
void *tiny_stack_make(void *top, void (*entry)(void *), void *argument);

// An address in the caller's frame: how deep the native stack is.
static inline void *tiny_stack_address(void) { return __builtin_frame_address(0); }

// Variadic system calls.
static inline int tiny_open(const char *path, int flags, unsigned mode) { return open(path, flags, mode); }
static inline int tiny_fcntl(int descriptor, int command, long argument) { return fcntl(descriptor, command, argument); }
// Both ends of a new pseudo-terminal: the side of the user, the terminal. 0, or -1 and errno.
int tiny_openpty(int *ends);
static inline int tiny_ioctl(int descriptor, unsigned long request, void *argument) { return ioctl(descriptor, request, argument); }

// Bytes that a block of malloc has room for.
static inline size_t tiny_usable_size(void *block) { return malloc_usable_size(block); }

// fork is marked unavailable in Swift; the runtime re-initialises its locks and threads in the child.
static inline pid_t tiny_fork(void) { return fork(); }
// _exit as the system call itself: the loader looks a function up at its first call, which is the last thing that a child does.
static inline void tiny_exit(int status) {
#ifdef __x86_64__
    __asm__ volatile("syscall" : : "a"(SYS_exit_group), "D"(status) : "rcx", "r11", "memory");
#endif
    _exit(status);
}

// GNU extensions, hidden from Swift.
int tiny_pipe2(int *ends, int flags);
int tiny_accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
int tiny_dup3(int descriptor, int target, int flags);
int tiny_sched_getaffinity(int pid, void *set, size_t size);

// Waits for a signal of a set, for so many nanoseconds (below 0: for ever). Fills in signo, code, errno, pid, uid, status, band.
int tiny_sigwait(const sigset_t *set, int64_t nanoseconds, long *fields);

int tiny_pidfd_send_signal(int descriptor, int signal, unsigned flags);

int tiny_setitimer(int which, const struct itimerval *new_value, struct itimerval *old_value);
int tiny_getitimer(int which, struct itimerval *value);

// What the program was started with: kept by a constructor, before `main`.
extern char **tiny_arguments;
static inline char *const *tiny_process_arguments(void) { return tiny_arguments; }

extern char **environ;
static inline char **tiny_environ(void) { return environ; }

int tiny_gettid(void);

// Waits for a semaphore until a time of the monotonic clock, in nanoseconds (GNU extension, hidden from Swift).
int tiny_wait_until(void *semaphore, uint64_t deadline);

double tiny_lgamma(double x);

// printf-family conversion of a double (format like "%.*e"): the C library rounds correctly.
int tiny_format_double(char *buffer, size_t size, const char *format, int precision, double value);

// The C library's substring search (GNU extensions, hidden from Swift).
void *tiny_memmem(const void *haystack, size_t length, const void *needle, size_t needle_length);
void *tiny_memrchr(const void *haystack, int octet, size_t length);

// The kernel's slice for the calling thread (slice.c): short makes it run at once when it becomes ready.
void tiny_slice_shorten(void);
void tiny_slice_restore(void);
// For a thread's start: whether its creator's slice, which it has got, is short.
bool tiny_slice_is_short(void);
void tiny_slice_inherit(bool is_short);
// Makes a sleeping thread wake up on the calling thread's processor (placement.c). What it has to give to
// `tiny_release_here` once it runs; NULL: nothing was done.
void *tiny_bring_here(pid_t thread);
void tiny_release_here(void *own);
// Lets the pages of code go that have been mapped so far (pages.c).
void tiny_give_code_back(void);
// The bounds of the calling thread's stack. 0 on success.
int tiny_stack_bounds(void **lowest, size_t *size);

// A function of the C library's complex.h (their order is in complex.c), in place.
void tiny_complex(int function, double *real, double *imaginary);

// A program to start in a new process (process.c): what the child does between fork and exec, in this order.
struct tiny_exec {
    char *const *arguments;
    char *const *programs;      // paths to try
    char *const *environment;   // NULL: the parent's
    const char *directory;      // NULL: the parent's
    int standard[3];            // what becomes 0, 1 and 2; -1: stays
    int error_pipe;             // where a failure is told
    const int *kept;            // not closed, ascending; has the error pipe
    size_t kept_count;
    int closes_others, restores_signals, starts_session, umask;
    int process_group, gid, uid;   // -1: stays
    const gid_t *groups;
    int groups_count;           // -1: stays
    int (*prepare)(void *);     // preexec_fn: not 0 if it failed
    void *context;
};
// In the child of a fork. Does not return.
void tiny_child_exec(const struct tiny_exec *program);
// The child's pid, or -1.
pid_t tiny_vfork_exec(const struct tiny_exec *program);

// sem_open, which is variadic; NULL for a failure.
void *tiny_semaphore_open(const char *name, int flags, unsigned mode, unsigned value);

// A descriptor over a Unix socket; -1 for a failure.
int tiny_send_descriptor(int socket, int descriptor);
int tiny_receive_descriptor(int socket);

// A descriptor that makes epoll look up once something was written to it (eventfd, hidden from Swift); -1 for a failure.
static inline int tiny_wakeup_descriptor(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// mmap and mremap; NULL for a failure.
void *tiny_map(size_t size, int protection, int flags, int descriptor, long offset);
void *tiny_remap(void *memory, size_t old_size, size_t new_size);

#endif
