// Calls of the system that its headers show only to programs that ask for GNU's, as plain functions: each is the call
// that its name says, with -1 and errno for a failure. Kept apart from CTiny.h, which has what the interpreter needs.
#ifndef TINY_POSIX_H
#define TINY_POSIX_H

#include <libintl.h>
#include <stddef.h>
#include <stdint.h>
#include <spawn.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

int tiny_getresuid(uid_t *real, uid_t *effective, uid_t *saved);
int tiny_getresgid(gid_t *real, gid_t *effective, gid_t *saved);
int tiny_setresuid(uid_t real, uid_t effective, uid_t saved);
int tiny_setresgid(gid_t real, gid_t effective, gid_t saved);
int tiny_setgroups(size_t count, const gid_t *groups);
int tiny_initgroups(const char *user, gid_t group);
int tiny_getgrouplist(const char *user, gid_t group, gid_t *groups, int *count);
int tiny_chroot(const char *path);
int tiny_unshare(int flags);
int tiny_setns(int descriptor, int kind);
int tiny_sched_setaffinity(int pid, const void *set, size_t size);
int tiny_sched_setscheduler(int pid, int policy, int priority);
int tiny_sched_setparam(int pid, int priority);
int tiny_sched_getparam(int pid);
int tiny_sched_rr_get_interval(int pid, struct timespec *interval);
// The five words that os.waitid tells: pid, uid, signal, status, code.
int tiny_waitid(int kind, unsigned id, int options, long *fields);
int tiny_pidfd_open(int pid, unsigned flags);
int tiny_forkpty(int *master);
int tiny_login_tty(int descriptor);
int tiny_posix_openpt(int flags);
int tiny_ptsname(int descriptor, char *name, size_t size);
int tiny_grantpt(int descriptor);
int tiny_unlockpt(int descriptor);
int tiny_memfd_create(const char *name, unsigned flags);
int tiny_eventfd(unsigned value, int flags);
int tiny_timerfd_create(int clock, int flags);
int tiny_timerfd_settime(int descriptor, int flags, const struct itimerspec *value, struct itimerspec *old);
int tiny_timerfd_gettime(int descriptor, struct itimerspec *value);
ssize_t tiny_copy_file_range(int from, int64_t *from_offset, int to, int64_t *to_offset, size_t count);
ssize_t tiny_splice(int from, int64_t *from_offset, int to, int64_t *to_offset, size_t count, unsigned flags);
ssize_t tiny_sendfile(int to, int from, int64_t *offset, size_t count);
// Reads into one piece of memory and then into another; `ready` fails with EAGAIN instead of waiting.
ssize_t tiny_read_two(int descriptor, void *first, size_t count, void *second, size_t more);
ssize_t tiny_read_ready(int descriptor, void *first, size_t count, void *second, size_t more);
ssize_t tiny_preadv2(int descriptor, const struct iovec *parts, int count, int64_t offset, int flags);
ssize_t tiny_pwritev2(int descriptor, const struct iovec *parts, int count, int64_t offset, int flags);
int tiny_mknodat(int directory, const char *path, unsigned mode, uint64_t device);
uint64_t tiny_makedev(unsigned major, unsigned minor);
unsigned tiny_major(uint64_t device);
unsigned tiny_minor(uint64_t device);
ssize_t tiny_getxattr(const char *path, int descriptor, const char *name, void *value, size_t size, int follow);
int tiny_setxattr(const char *path, int descriptor, const char *name, const void *value, size_t size, int flags, int follow);
int tiny_removexattr(const char *path, int descriptor, const char *name, int follow);
ssize_t tiny_listxattr(const char *path, int descriptor, char *list, size_t size, int follow);
int tiny_statvfs(const char *path, int descriptor, struct statvfs *status);
int tiny_spawn_setsid(posix_spawnattr_t *attributes);
int tiny_spawn_closefrom(posix_spawn_file_actions_t *actions, int from);
int tiny_prlimit(int pid, int resource, const uint64_t *new_limits, uint64_t *old_limits);
int tiny_sethostname(const char *name, size_t length);
// Room that a control message with so many octets takes, and the part of it before the padding.
size_t tiny_cmsg_space(size_t length);
size_t tiny_cmsg_len(size_t length);

/// As read, of what the system has in memory: EAGAIN for what it would have to fetch, EOPNOTSUPP if it can't tell.
ssize_t tiny_read_cached(int descriptor, void *buffer, size_t count);
/// The flags of F_GETFL, or -1.
int tiny_status_flags(int descriptor);

#endif
