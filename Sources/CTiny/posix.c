// The calls of TinyPosix.h.
#define _GNU_SOURCE
#include "CTiny.h"
#include "TinyPosix.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pty.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <utmp.h>

int tiny_getresuid(uid_t *r, uid_t *e, uid_t *s) { return getresuid(r, e, s); }
int tiny_getresgid(gid_t *r, gid_t *e, gid_t *s) { return getresgid(r, e, s); }
int tiny_setresuid(uid_t r, uid_t e, uid_t s) { return setresuid(r, e, s); }
int tiny_setresgid(gid_t r, gid_t e, gid_t s) { return setresgid(r, e, s); }
int tiny_setgroups(size_t count, const gid_t *groups) { return setgroups(count, groups); }
int tiny_initgroups(const char *user, gid_t group) { return initgroups(user, group); }
int tiny_getgrouplist(const char *user, gid_t group, gid_t *groups, int *count) {
    return getgrouplist(user, group, groups, count);
}
int tiny_chroot(const char *path) { return chroot(path); }
int tiny_unshare(int flags) { return unshare(flags); }
int tiny_setns(int descriptor, int kind) { return setns(descriptor, kind); }
int tiny_sched_setaffinity(int pid, const void *set, size_t size) { return sched_setaffinity(pid, size, set); }
int tiny_sched_setscheduler(int pid, int policy, int priority) {
    struct sched_param parameter = {.sched_priority = priority};
    return sched_setscheduler(pid, policy, &parameter);
}
int tiny_sched_setparam(int pid, int priority) {
    struct sched_param parameter = {.sched_priority = priority};
    return sched_setparam(pid, &parameter);
}
int tiny_sched_getparam(int pid) {
    struct sched_param parameter;
    return sched_getparam(pid, &parameter) < 0 ? -1 : parameter.sched_priority;
}
int tiny_sched_rr_get_interval(int pid, struct timespec *interval) { return sched_rr_get_interval(pid, interval); }

int tiny_waitid(int kind, unsigned id, int options, long *fields) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    if (waitid((idtype_t)kind, id, &info, options) < 0) return -1;
    fields[0] = info.si_pid;
    fields[1] = info.si_uid;
    fields[2] = info.si_signo;
    fields[3] = info.si_status;
    fields[4] = info.si_code;
    return 0;
}

int tiny_pidfd_open(int pid, unsigned flags) { return (int)syscall(SYS_pidfd_open, pid, flags); }
int tiny_forkpty(int *master) { return forkpty(master, NULL, NULL, NULL); }
int tiny_login_tty(int descriptor) { return login_tty(descriptor); }
int tiny_posix_openpt(int flags) { return posix_openpt(flags); }
int tiny_ptsname(int descriptor, char *name, size_t size) { return ptsname_r(descriptor, name, size); }
int tiny_grantpt(int descriptor) { return grantpt(descriptor); }
int tiny_unlockpt(int descriptor) { return unlockpt(descriptor); }
int tiny_memfd_create(const char *name, unsigned flags) { return memfd_create(name, flags); }
int tiny_eventfd(unsigned value, int flags) { return eventfd(value, flags); }
int tiny_timerfd_create(int clock, int flags) { return timerfd_create(clock, flags); }
int tiny_timerfd_settime(int descriptor, int flags, const struct itimerspec *value, struct itimerspec *old) {
    return timerfd_settime(descriptor, flags, value, old);
}
int tiny_timerfd_gettime(int descriptor, struct itimerspec *value) { return timerfd_gettime(descriptor, value); }
ssize_t tiny_copy_file_range(int from, int64_t *from_offset, int to, int64_t *to_offset, size_t count) {
    return copy_file_range(from, from_offset, to, to_offset, count, 0);
}
ssize_t tiny_splice(int from, int64_t *from_offset, int to, int64_t *to_offset, size_t count, unsigned flags) {
    return splice(from, from_offset, to, to_offset, count, flags);
}
ssize_t tiny_sendfile(int to, int from, int64_t *offset, size_t count) { return sendfile(to, from, offset, count); }
ssize_t tiny_preadv2(int descriptor, const struct iovec *parts, int count, int64_t offset, int flags) {
    return flags ? preadv2(descriptor, parts, count, offset, flags) : preadv(descriptor, parts, count, offset);
}
ssize_t tiny_pwritev2(int descriptor, const struct iovec *parts, int count, int64_t offset, int flags) {
    return flags ? pwritev2(descriptor, parts, count, offset, flags) : pwritev(descriptor, parts, count, offset);
}
int tiny_mknodat(int directory, const char *path, unsigned mode, uint64_t device) {
    return mknodat(directory, path, mode, device);
}
uint64_t tiny_makedev(unsigned major_number, unsigned minor_number) { return makedev(major_number, minor_number); }
unsigned tiny_major(uint64_t device) { return major(device); }
unsigned tiny_minor(uint64_t device) { return minor(device); }

ssize_t tiny_getxattr(const char *path, int descriptor, const char *name, void *value, size_t size, int follow) {
    if (descriptor >= 0) return fgetxattr(descriptor, name, value, size);
    return follow ? getxattr(path, name, value, size) : lgetxattr(path, name, value, size);
}
int tiny_setxattr(const char *path, int descriptor, const char *name, const void *value, size_t size, int flags, int follow) {
    if (descriptor >= 0) return fsetxattr(descriptor, name, value, size, flags);
    return follow ? setxattr(path, name, value, size, flags) : lsetxattr(path, name, value, size, flags);
}
int tiny_removexattr(const char *path, int descriptor, const char *name, int follow) {
    if (descriptor >= 0) return fremovexattr(descriptor, name);
    return follow ? removexattr(path, name) : lremovexattr(path, name);
}
ssize_t tiny_listxattr(const char *path, int descriptor, char *list, size_t size, int follow) {
    if (descriptor >= 0) return flistxattr(descriptor, list, size);
    return follow ? listxattr(path, list, size) : llistxattr(path, list, size);
}

int tiny_statvfs(const char *path, int descriptor, struct statvfs *status) {
    return descriptor >= 0 ? fstatvfs(descriptor, status) : statvfs(path, status);
}

int tiny_spawn_setsid(posix_spawnattr_t *attributes) {
    short flags = 0;
    posix_spawnattr_getflags(attributes, &flags);
    return posix_spawnattr_setflags(attributes, flags | POSIX_SPAWN_SETSID);
}
int tiny_spawn_closefrom(posix_spawn_file_actions_t *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

int tiny_prlimit(int pid, int resource, const uint64_t *new_limits, uint64_t *old_limits) {
    struct rlimit new_value, old_value;
    if (new_limits) new_value = (struct rlimit){new_limits[0], new_limits[1]};
    int result = prlimit(pid, resource, new_limits ? &new_value : NULL, &old_value);
    if (result == 0) old_limits[0] = old_value.rlim_cur, old_limits[1] = old_value.rlim_max;
    return result;
}

int tiny_sethostname(const char *name, size_t length) { return sethostname(name, length); }
size_t tiny_cmsg_space(size_t length) { return CMSG_SPACE(length); }
size_t tiny_cmsg_len(size_t length) { return CMSG_LEN(length); }

// Reads into one piece of memory and then into another, of which there may be none.
static ssize_t read_parts(int descriptor, void *first, size_t count, void *second, size_t more, int flags) {
    struct iovec parts[2] = {{first, count}, {second, more}};
    return flags ? preadv2(descriptor, parts, more ? 2 : 1, -1, flags) : readv(descriptor, parts, more ? 2 : 1);
}

ssize_t tiny_read_two(int descriptor, void *first, size_t count, void *second, size_t more) {
    return read_parts(descriptor, first, count, second, more, 0);
}

ssize_t tiny_read_ready(int descriptor, void *first, size_t count, void *second, size_t more) {
    return read_parts(descriptor, first, count, second, more, RWF_NOWAIT);
}

ssize_t tiny_read_cached(int descriptor, void *buffer, size_t count) {
    struct iovec piece = {buffer, count};
    return preadv2(descriptor, &piece, 1, -1, RWF_NOWAIT);
}

int tiny_status_flags(int descriptor) { return fcntl(descriptor, F_GETFL); }
