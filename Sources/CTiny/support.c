#define _GNU_SOURCE
#include <unistd.h>
#include <sys/ioctl.h>
#include <fcntl.h>
#include <errno.h>
#include "CTiny.h"
#include <sched.h>
#include <sys/syscall.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>
#include <stdio.h>
#include <string.h>

struct tiny_hot tiny_hot_state;

int tiny_gettid(void) { return gettid(); }

int tiny_wait_until(void *semaphore, uint64_t deadline) {
    struct timespec time = {.tv_sec = deadline / 1000000000, .tv_nsec = deadline % 1000000000};
    return sem_clockwait((sem_t *)semaphore, CLOCK_MONOTONIC, &time);
}

int tiny_format_double(char *buffer, size_t size, const char *format, int precision, double value) {
    return snprintf(buffer, size, format, precision, value);
}

void *tiny_memmem(const void *haystack, size_t length, const void *needle, size_t needle_length) {
    return memmem(haystack, length, needle, needle_length);
}

void *tiny_memrchr(const void *haystack, int octet, size_t length) { return memrchr(haystack, octet, length); }

char **tiny_arguments;

// glibc hands a constructor what it hands `main`.
__attribute__((constructor)) static void tiny_keep_arguments(int count, char **arguments) {
    (void)count;
    tiny_arguments = arguments;
}

int tiny_stack_bounds(void **lowest, size_t *size) {
    // The main thread's stack begins below its arguments. The C library would read /proc/self/maps to know (measured: 0.1 ms).
    struct rlimit limit;
    char *here = __builtin_frame_address(0), *top = (char *)tiny_arguments;
    if (here < top && getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && (rlim_t)(top - here) < limit.rlim_cur) {
        *lowest = top - limit.rlim_cur;
        *size = limit.rlim_cur;
        return 0;
    }
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return -1;
    int result = pthread_attr_getstack(&attributes, lowest, size);
    pthread_attr_destroy(&attributes);
    return result;
}

int tiny_pipe2(int *ends, int flags) { return pipe2(ends, flags); }
int tiny_accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags) {
    return accept4(descriptor, address, length, flags);
}
int tiny_dup3(int descriptor, int target, int flags) { return dup3(descriptor, target, flags); }
int tiny_sched_getaffinity(int pid, void *set, size_t size) {
    memset(set, 0, size);
    return sched_getaffinity(pid, size, (cpu_set_t *)set);
}
double tiny_lgamma(double x) { int sign; return lgamma_r(x, &sign); }

int tiny_sigwait(const sigset_t *set, int64_t nanoseconds, long *fields) {
    siginfo_t info;
    struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    int result = nanoseconds < 0 ? sigwaitinfo(set, &info) : sigtimedwait(set, &info, &time);
    if (result < 0) return result;
    long values[7] = {info.si_signo, info.si_code, info.si_errno, info.si_pid, info.si_uid, info.si_status, info.si_band};
    memcpy(fields, values, sizeof values);
    return result;
}

int tiny_pidfd_send_signal(int descriptor, int signal, unsigned flags) {
    return syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, flags);
}

int tiny_setitimer(int which, const struct itimerval *new_value, struct itimerval *old_value) {
    return setitimer((__itimer_which_t)which, new_value, old_value);
}
int tiny_getitimer(int which, struct itimerval *value) { return getitimer((__itimer_which_t)which, value); }

void tiny_stack_start(void);
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
void *tiny_sanitized_start(void *top, void (**entry)(void *), void *argument);
#define SANITIZED_START
#endif
#endif

void *tiny_stack_make(void *top, void (*entry)(void *), void *argument) {
#ifdef SANITIZED_START
    argument = tiny_sanitized_start(top, &entry, argument);
#endif
#if defined(__x86_64__)
    // Popped by the switch: r15, r14, r13, r12, rbx, rbp, then the return address. At the start's call the stack pointer is
    // a multiple of 16, as the ABI wants it.
    uint64_t *words = (uint64_t *)top - 9;
    words[0] = 0;
    words[1] = 0;
    words[2] = (uint64_t)argument;
    words[3] = (uint64_t)entry;
    words[4] = 0;
    words[5] = 0;
    words[6] = (uint64_t)tiny_stack_start;
    words[7] = words[8] = 0;
    return words;
#else
    uint64_t *words = (uint64_t *)top - 20;
    for (int index = 0; index < 20; index++) words[index] = 0;
    words[0] = (uint64_t)entry;
    words[1] = (uint64_t)argument;
    words[11] = (uint64_t)tiny_stack_start;
    return words;
#endif
}

int tiny_openpty(int *ends) {
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0) return -1;
    int unlock = 0, number = 0;
    char name[32];
    if (ioctl(master, TIOCSPTLCK, &unlock) < 0 || ioctl(master, TIOCGPTN, &number) < 0) goto failed;
    snprintf(name, sizeof name, "/dev/pts/%d", number);
    int terminal = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0) goto failed;
    ends[0] = master;
    ends[1] = terminal;
    return 0;
failed: {
        int code = errno;
        close(master);
        errno = code;
        return -1;
    }
}

static _Thread_local void *calling_thread;

void *tiny_calling_thread(void) { return calling_thread; }
void tiny_set_calling_thread(void *thread) { calling_thread = thread; }
