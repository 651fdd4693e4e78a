/* SPDX-License-Identifier: MIT */
#include "daemon/import/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include "daemon/clock.h"
#include "daemon/import/read.h"
#include "daemon/log.h"
#include "daemon/util.h"

#define SELF       "/proc/self/exe"
#define LIMIT_USEC UINT64_C(300000000) /* its own limit on CPU time ends it long before */

struct child {
    sd_event_source *exit_source, *pipe_source;
    struct clock_timer *timer;
    int pipe_fd;
    bool slow;
    size_t n_bytes; /* one more than there may be: too much */
    enum errand errand;
    union {
        union child_said said;
        uint8_t bytes[sizeof(union child_said) + 1];
    };
    child_done *done;
    void *userdata;
};

/* ---- what it says -------------------------------------------------------------------------- */

static size_t whole_bytes(const struct child *child)
{
    return child->errand == ERRAND_WAY ? sizeof(struct way) : sizeof(struct report);
}

static bool is_sound(const struct child *child)
{
    if (child->errand == ERRAND_FIT)
        return true;
    if (child->n_bytes != whole_bytes(child))
        return false;
    return child->errand == ERRAND_WAY ? way_is_sound(&child->said.way)
                                       : report_is_sound(&child->said.report);
}

static bool read_some(struct child *child)
{
    size_t most = whole_bytes(child) + 1;

    if (child->n_bytes == most)
        return false;
    ssize_t n = read(child->pipe_fd, child->bytes + child->n_bytes, most - child->n_bytes);
    if (n > 0)
        child->n_bytes += (size_t)n;
    return n > 0 || (n < 0 && errno == EINTR);
}

static int on_bytes(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    if (!read_some(userdata)) /* its end, or more than there may be */
        (void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
    return 0;
}

static enum child_result failure_of(const struct child *child, int status)
{
    if (child->errand == ERRAND_FIT && status == READ_EXIT_LARGE)
        return CHILD_E_LARGE;
    return child->errand == ERRAND_FIT && status == READ_EXIT_FULL ? CHILD_E_FULL : CHILD_E_FAILED;
}

static enum child_result judge(const struct child *child, const siginfo_t *info)
{
    if (child->slow)
        return CHILD_E_SLOW;
    if (info->si_code != CLD_EXITED)
        return CHILD_E_KILLED;
    if (info->si_status != 0)
        return failure_of(child, info->si_status);
    return is_sound(child) ? CHILD_OK : CHILD_E_NONSENSE;
}

static int on_exit_of(sd_event_source *source, const siginfo_t *info, void *userdata)
{
    struct child *child = userdata;
    enum child_result result;

    while (child->pipe_fd >= 0 && read_some(child))
        ;
    result = judge(child, info);
    (void)sd_event_source_set_child_process_own(source, false); /* it is gone */
    child->done(child->userdata, result,
                result == CHILD_OK && child->pipe_fd >= 0 ? &child->said : NULL);
    return 0;
}

static void on_limit(void *userdata, uint64_t now_usec)
{
    struct child *child = userdata;

    child->slow = true;
    (void)sd_event_source_send_child_signal(child->exit_source, SIGKILL, NULL, 0);
}

/* ---- its life ------------------------------------------------------------------------------ */

static int set_up(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, int in_fd,
                  int out_fd)
{
    sigset_t none, all;
    int error;

    sigemptyset(&none);
    sigfillset(&all);
    error = posix_spawn_file_actions_adddup2(actions, in_fd, STDIN_FILENO);
    if (!error)
        error = posix_spawn_file_actions_adddup2(actions, out_fd, STDOUT_FILENO);
    if (!error)
        error = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
    if (!error)
        error = posix_spawnattr_setsigmask(attributes, &none);
    if (!error)
        error = posix_spawnattr_setsigdefault(attributes, &all);
    if (!error)
        error =
            posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return -error;
}

static int spawn(pid_t *ret, int in_fd, int out_fd, const struct orders *orders)
{
    char text[ORDERS_MAX];
    char *const argv[] = { (char *)"strided", (char *)READ_ARGUMENT, text, NULL };
#if defined(__SANITIZE_ADDRESS__)
    char *const *env = environ; /* its options */
#else
    char *const env[] = { NULL }; /* where the password lies is none of its business */
#endif
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int r;

    orders_text(orders, text);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    r = set_up(&actions, &attributes, in_fd, out_fd);
    if (r >= 0)
        r = -posix_spawn(ret, SELF, &actions, &attributes, argv, env);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return r;
}

static int watch(struct child *child, sd_event *event, pid_t pid)
{
    int r = sd_event_add_child(event, &child->exit_source, pid, WEXITED, on_exit_of, child);

    if (r < 0) {
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
        return r;
    }
    (void)sd_event_source_set_child_process_own(child->exit_source, true);
    /* behind its last words */
    (void)sd_event_source_set_priority(child->exit_source, SD_EVENT_PRIORITY_NORMAL + 1);
    if (child->pipe_fd >= 0)
        r = sd_event_add_io(event, &child->pipe_source, child->pipe_fd, EPOLLIN, on_bytes, child);
    return r < 0 ? r
                 : clock_timer_new(&child->timer, event, clock_now_usec() + LIMIT_USEC, on_limit,
                                   child);
}

static void child_freep(struct child **child)
{
    child_free(*child);
}

int child_start_into(struct child **ret, sd_event *event, int fd, int out_fd,
                     const struct orders *orders, child_done *done, void *userdata)
{
    _cleanup_(child_freep) struct child *child = calloc(1, sizeof(*child));
    _cleanup_close_ int pipe_fd = -1;
    int ends[2], r;
    pid_t pid;

    if (!child)
        return -ENOMEM;
    child->pipe_fd = -1;
    child->errand = orders->errand;
    child->done = done;
    child->userdata = userdata;
    if (out_fd < 0) {
        if (pipe2(ends, O_CLOEXEC) < 0)
            return -errno;
        child->pipe_fd = ends[0];
        pipe_fd = ends[1];
        if (fcntl(child->pipe_fd, F_SETFL, O_NONBLOCK) < 0)
            return -errno;
    }
    r = spawn(&pid, fd, out_fd < 0 ? pipe_fd : out_fd, orders);
    if (r >= 0)
        r = watch(child, event, pid);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(child);
    return 0;
}

int child_start(struct child **ret, sd_event *event, int fd, const struct orders *orders,
                child_done *done, void *userdata)
{
    return child_start_into(ret, event, fd, -1, orders, done, userdata);
}

struct child *child_free(struct child *child)
{
    if (!child)
        return NULL;
    sd_event_source_disable_unref(child->pipe_source);
    sd_event_source_disable_unref(child->exit_source);
    clock_timer_unref(child->timer);
    closep(&child->pipe_fd);
    free(child);
    return NULL;
}
