// Starting a program in a new process. Everything between fork and exec is here, in C, because only async-signal-safe
// calls may be made there: after vfork the child runs on its parent's memory, and after fork other threads may have
// held any lock. What goes wrong is told to the parent through a pipe that exec closes: `OSError:<errno in hex>:<what>`.
#define _GNU_SOURCE
#include "CTiny.h"
#include <errno.h>
#include <grp.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

// Closes all from 3 on but those kept (ascending), by ranges where the kernel can, else one by one.
static void close_others(const struct tiny_exec *e) {
    unsigned low = 3;
    for (size_t i = 0; i <= e->kept_count; i++) {
        unsigned high = i < e->kept_count ? (unsigned)e->kept[i] : ~0u;
        if (i < e->kept_count && high < low) continue;
        if (i == e->kept_count || high > low) {
            unsigned last = i == e->kept_count ? ~0u : high - 1;
            if (syscall(SYS_close_range, low, last, 0) != 0) {
                long most = sysconf(_SC_OPEN_MAX);
                for (unsigned d = low; d <= last && (long)d < most; d++) close(d);
            }
        }
        low = high + 1;
    }
}

static int make_inheritable(int descriptor) { return fcntl(descriptor, F_SETFD, fcntl(descriptor, F_GETFD) & ~FD_CLOEXEC); }

// Puts `from` at a standard descriptor. Where it is there already, exec must not close it.
static int place(int from, int target) {
    if (from == -1) return 0;
    return from == target ? make_inheritable(from) : dup2(from, target);
}

static size_t append_hex(char *out, unsigned number) {
    char digits[16];
    size_t count = 0;
    do { digits[count++] = "0123456789ABCDEF"[number & 15]; number >>= 4; } while (number);
    for (size_t i = 0; i < count; i++) out[i] = digits[count - 1 - i];
    return count;
}

void tiny_tell_failure(int descriptor, const char *kind, int code, const char *what) {
    char text[256];
    size_t length = strlen(kind);
    memcpy(text, kind, length);
    text[length++] = ':';
    length += append_hex(text + length, (unsigned)code);
    text[length++] = ':';
    size_t rest = strlen(what);
    memcpy(text + length, what, rest);
    ssize_t ignored = write(descriptor, text, length + rest);
    (void)ignored;
}

void tiny_child_exec(const struct tiny_exec *e) {
    const char *what = "";
    int from[3] = {e->standard[0], e->standard[1], e->standard[2]};
    // dup2 onto 0 must not destroy what shall become 1 or 2.
    for (int i = 0; i < 3; i++)
        for (int target = 0; target < 3; target++)
            if (from[i] == target && i != target) {
                from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 3);
                if (from[i] < 0) goto failed;
                break;
            }
    for (int i = 0; i < 3; i++)
        if (place(from[i], i) < 0) goto failed;
    if (e->directory) {
        what = "noexec:chdir";
        if (chdir(e->directory) < 0) goto failed;
        what = "";
    }
    if (e->umask >= 0) umask((mode_t)e->umask);
    if (e->restores_signals) {
        signal(SIGPIPE, SIG_DFL);
        signal(SIGXFSZ, SIG_DFL);
    }
    if (e->starts_session && setsid() < 0) goto failed;
    what = "noexec:process_group";
    if (e->process_group >= 0 && setpgid(0, e->process_group) < 0) goto failed;
    what = "noexec:groups";
    if (e->groups_count >= 0 && syscall(SYS_setgroups, (size_t)e->groups_count, e->groups) < 0) goto failed;
    what = "noexec:gid";
    if (e->gid >= 0 && syscall(SYS_setregid, (gid_t)e->gid, (gid_t)e->gid) < 0) goto failed;
    what = "noexec:uid";
    if (e->uid >= 0 && syscall(SYS_setreuid, (uid_t)e->uid, (uid_t)e->uid) < 0) goto failed;
    what = "";
    if (e->prepare) {
        what = "Exception occurred in preexec_fn.";
        if (e->prepare(e->context) != 0) {
            tiny_tell_failure(e->error_pipe, "SubprocessError", 0, what);
            _exit(255);
        }
        what = "";
    }
    for (size_t i = 0; i < e->kept_count; i++)
        if (e->kept[i] != e->error_pipe && make_inheritable(e->kept[i]) < 0) goto failed;
    if (e->closes_others) close_others(e);
    int code = ENOENT;
    for (char *const *path = e->programs; *path; path++) {
        if (e->environment) execve(*path, e->arguments, e->environment); else execv(*path, e->arguments);
        // The most telling of the failures: that a directory of PATH lacks it is the least.
        if (errno != ENOENT && errno != ENOTDIR) code = errno; else if (code == ENOENT) code = errno;
    }
    errno = code;
failed:
    tiny_tell_failure(e->error_pipe, "OSError", errno, what);
    _exit(255);
}

pid_t tiny_vfork_exec(const struct tiny_exec *e) {
    tiny_slice_restore();
    // No handler of the parent may run in the child, which shares its memory.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pid_t child = vfork();
    if (child == 0) {
        // Handlers are of the parent's program; ignored signals stay ignored.
        for (int number = 1; number < NSIG; number++) {
            struct sigaction action;
            if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN && action.sa_handler != SIG_DFL) signal(number, SIG_DFL);
        }
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        tiny_child_exec(e);
    }
    int code = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = code;
    return child;
}

void *tiny_semaphore_open(const char *name, int flags, unsigned mode, unsigned value) {
    sem_t *semaphore = flags & O_CREAT ? sem_open(name, flags, mode, value) : sem_open(name, flags);
    return semaphore == SEM_FAILED ? NULL : semaphore;
}

int tiny_send_descriptor(int socket, int descriptor) {
    char octet = 'A';
    struct iovec vector = {&octet, 1};
    union { char room[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control = {0};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    return (int)sendmsg(socket, &message, MSG_NOSIGNAL);
}

int tiny_receive_descriptor(int socket) {
    char octet;
    struct iovec vector = {&octet, 1};
    union { char room[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control = {0};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
    ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (count < 0) return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (count == 0 || !header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
        errno = count == 0 ? ECONNRESET : EBADMSG;
        return -1;
    }
    int descriptor;
    memcpy(&descriptor, CMSG_DATA(header), sizeof(int));
    return descriptor;
}

void *tiny_remap(void *memory, size_t old_size, size_t new_size) {
    void *result = mremap(memory, old_size, new_size, MREMAP_MAYMOVE);
    return result == MAP_FAILED ? NULL : result;
}

void *tiny_map(size_t size, int protection, int flags, int descriptor, long offset) {
    void *result = mmap(NULL, size, protection, flags, descriptor, offset);
    return result == MAP_FAILED ? NULL : result;
}
