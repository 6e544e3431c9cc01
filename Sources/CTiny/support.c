#define _GNU_SOURCE
#include "CTiny.h"
#include <sched.h>
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

int tiny_stack_bounds(void **lowest, size_t *size) {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return -1;
    int result = pthread_attr_getstack(&attributes, lowest, size);
    pthread_attr_destroy(&attributes);
    return result;
}

int tiny_pipe2(int *ends, int flags) { return pipe2(ends, flags); }
int tiny_dup3(int descriptor, int target, int flags) { return dup3(descriptor, target, flags); }
int tiny_sched_getaffinity(int pid, void *set, size_t size) {
    memset(set, 0, size);
    return sched_getaffinity(pid, size, (cpu_set_t *)set);
}
double tiny_lgamma(double x) { int sign; return lgamma_r(x, &sign); }

int tiny_setitimer(int which, const struct itimerval *new_value, struct itimerval *old_value) {
    return setitimer((__itimer_which_t)which, new_value, old_value);
}
int tiny_getitimer(int which, struct itimerval *value) { return getitimer((__itimer_which_t)which, value); }
