/* SPDX-License-Identifier: MIT */
/*
 * An SD card's fsync takes up to seconds and the loop may never wait for it. So whatever waits for a
 * disk is handed to a thread, in a list under a lock; what is through comes back in a second list
 * and an eventfd wakes the loop. One thread for a disk, not a pool: the order of the jobs is the order
 * on the disk, and SQLite's connection is only ever used by one thread at a time.
 *
 *   loop: worker_post --> waiting --> thread: run --> finished --eventfd--> loop: done
 */
#include "daemon/worker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#include "daemon/clock.h"
#include "daemon/util.h"

struct node {
    struct node *next;
    struct worker_job job;
    int result;
};

struct node_list {
    struct node *head, *tail;
};

struct worker {
    sd_event *event; /* referenced */
    sd_event_source *source;
    int event_fd;
    pthread_t thread;
    bool started;

    /* the loop's */
    size_t n_due; /* posted, and not done */
    uint64_t limit_usec;
    struct clock_timer *limit; /* NULL: it is not watched */
    size_t n_steps_seen;       /* when the limit was set */
    bool silent;
    void (*on_change)(void *userdata, bool silent);
    void *userdata;

    _Atomic size_t n_steps; /* parts of jobs that came back */

    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t posted;
    pthread_cond_t finished_one;
    struct node_list waiting;
    struct node_list finished;
    bool busy; /* the thread runs a job that is in neither list */
    bool stop;
    bool left; /* nobody waits for the job that runs */
};

static _Thread_local struct worker *works_for; /* this thread; NULL: it is the loop's */

static void list_append(struct node_list *list, struct node *node)
{
    node->next = NULL;
    if (list->tail)
        list->tail->next = node;
    else
        list->head = node;
    list->tail = node;
}

static struct node *list_take_first(struct node_list *list)
{
    struct node *node = list->head;
    if (!node)
        return NULL;
    list->head = node->next;
    if (!list->head)
        list->tail = NULL;
    return node;
}

/* The next job, or NULL when the thread is to end. Called with the lock held. */
static struct node *wait_for_job(struct worker *worker)
{
    while (!worker->waiting.head && !worker->stop)
        pthread_cond_wait(&worker->posted, &worker->lock);
    struct node *node = list_take_first(&worker->waiting);
    worker->busy = node != NULL;
    return node;
}

static void hand_back(struct worker *worker, struct node *node)
{
    list_append(&worker->finished, node);
    worker->busy = false;
    pthread_cond_signal(&worker->finished_one);
    /* Only a counter at its limit could refuse this, and then the loop is woken already. */
    uint64_t one = 1;
    ssize_t n = write(worker->event_fd, &one, sizeof(one));
    (void)n;
}

static void free_memory(struct worker *worker)
{
    pthread_cond_destroy(&worker->finished_one);
    pthread_cond_destroy(&worker->posted);
    pthread_mutex_destroy(&worker->lock);
    free(worker);
}

static void *thread_main(void *userdata)
{
    struct worker *worker = userdata;
    bool left = false;

    works_for = worker;
    pthread_mutex_lock(&worker->lock);
    for (struct node *node; !left && (node = wait_for_job(worker));) {
        pthread_mutex_unlock(&worker->lock);
        node->result = node->job.run(node->job.data);
        pthread_mutex_lock(&worker->lock);
        left = worker->left;
        if (left)
            free(node);
        else
            hand_back(worker, node);
    }
    pthread_mutex_unlock(&worker->lock);
    if (left) /* the last one out */
        free_memory(worker);
    return NULL;
}

void worker_step(void)
{
    if (works_for)
        works_for->n_steps++;
}

static void set_silent(struct worker *worker, bool silent)
{
    if (worker->silent == silent)
        return;
    worker->silent = silent;
    worker->on_change(worker->userdata, silent);
}

static void set_limit(struct worker *worker)
{
    worker->n_steps_seen = worker->n_steps;
    if (worker->limit)
        clock_timer_set(worker->limit,
                        worker->n_due > 0 ? clock_now_usec() + worker->limit_usec : CLOCK_NEVER);
}

static void on_limit(void *userdata, uint64_t now_usec)
{
    struct worker *worker = userdata;

    if (worker->n_steps != worker->n_steps_seen)
        set_limit(worker);
    else
        set_silent(worker, true);
}

static void note_answer(struct worker *worker)
{
    worker->n_due--;
    set_limit(worker);
    set_silent(worker, false);
}

static void run_dones(struct worker *worker, struct node_list *list)
{
    for (struct node *node; (node = list_take_first(list));) {
        struct worker_job job = node->job;
        int result = node->result;

        free(node);
        note_answer(worker);
        if (job.done)
            job.done(job.data, result);
    }
}

static struct node_list take_finished(struct worker *worker)
{
    struct node_list list = worker->finished;
    worker->finished = (struct node_list){ 0 };
    return list;
}

static int on_finished(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct worker *worker = userdata;
    uint64_t count;
    ssize_t n = read(fd, &count, sizeof(count)); /* level-triggered: only to be quiet again */
    (void)n;

    pthread_mutex_lock(&worker->lock);
    struct node_list list = take_finished(worker);
    pthread_mutex_unlock(&worker->lock);
    run_dones(worker, &list);
    return 0;
}

/* Signals are the loop's (signalfd): a thread that took one would take it away from there. */
static int start_thread(struct worker *worker)
{
    sigset_t all, before;

    sigfillset(&all);
    int r = -pthread_sigmask(SIG_SETMASK, &all, &before);
    if (r < 0)
        return r;
    r = -pthread_create(&worker->thread, NULL, thread_main, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (r < 0)
        return r;
    worker->started = true;
    worker_set_name(worker, "strided-disk");
    return 0;
}

static void worker_freep(struct worker **worker)
{
    worker_free(*worker);
}

int worker_new(struct worker **ret, sd_event *event)
{
    _cleanup_(worker_freep) struct worker *worker = calloc(1, sizeof(*worker));
    if (!worker)
        return -ENOMEM;
    worker->event = sd_event_ref(event);
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->posted, NULL);
    pthread_cond_init(&worker->finished_one, NULL);
    worker->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (worker->event_fd < 0)
        return -errno;
    int r = sd_event_add_io(event, &worker->source, worker->event_fd, EPOLLIN, on_finished, worker);
    if (r < 0)
        return r;
    r = start_thread(worker);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(worker);
    return 0;
}

void worker_set_name(struct worker *worker, const char *name)
{
    (void)pthread_setname_np(worker->thread, name); /* for whoever looks at the process */
}

sd_event *worker_event(const struct worker *worker)
{
    return worker->event;
}

int worker_post(struct worker *worker, const struct worker_job *job)
{
    struct node *node = malloc(sizeof(*node));
    if (!node)
        return -ENOMEM;
    *node = (struct node){ .job = *job };
    if (worker->n_due++ == 0) /* before its first step, which it may be at before we are back */
        set_limit(worker);
    pthread_mutex_lock(&worker->lock);
    list_append(&worker->waiting, node);
    pthread_cond_signal(&worker->posted);
    pthread_mutex_unlock(&worker->lock);
    return 0;
}

/* ---- one that may hang ------------------------------------------------------------------------- */

int worker_watch(struct worker *worker, uint64_t limit_usec,
                 void (*on_change)(void *userdata, bool silent), void *userdata)
{
    int r = clock_timer_new(&worker->limit, worker->event, CLOCK_NEVER, on_limit, worker);

    if (r < 0)
        return r;
    worker->limit_usec = limit_usec;
    worker->on_change = on_change;
    worker->userdata = userdata;
    set_limit(worker);
    return 0;
}

bool worker_is_silent(const struct worker *worker)
{
    return worker->silent;
}

/* ---- the end ----------------------------------------------------------------------------------- */

/* Until nothing is left: a done may post again, and that is run to its end too. */
static void drain(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    while (worker->waiting.head || worker->busy || worker->finished.head) {
        while (!worker->finished.head)
            pthread_cond_wait(&worker->finished_one, &worker->lock);
        struct node_list list = take_finished(worker);
        pthread_mutex_unlock(&worker->lock);
        run_dones(worker, &list);
        pthread_mutex_lock(&worker->lock);
    }
    worker->stop = true;
    pthread_cond_signal(&worker->posted);
    pthread_mutex_unlock(&worker->lock);
}

/* What only the loop uses. */
static void let_loop_go(struct worker *worker)
{
    worker->limit = clock_timer_unref(worker->limit);
    worker->source = sd_event_source_disable_unref(worker->source);
    worker->event = sd_event_unref(worker->event);
    if (worker->event_fd >= 0)
        close(worker->event_fd);
}

struct worker *worker_free(struct worker *worker)
{
    if (!worker)
        return NULL;
    if (worker->started) {
        drain(worker);
        pthread_join(worker->thread, NULL);
    }
    let_loop_go(worker);
    free_memory(worker);
    return NULL;
}

static struct node_list take_all(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    struct node_list list = take_finished(worker);
    for (struct node *node; (node = list_take_first(&worker->waiting));) {
        node->result = -ECANCELED;
        list_append(&list, node);
    }
    pthread_mutex_unlock(&worker->lock);
    return list;
}

static void cancel(struct worker *worker)
{
    for (struct node_list list; (list = take_all(worker)).head;)
        run_dones(worker, &list);
}

/* The eventfd tells, less what it had told before. */
static void wait_for_end(struct worker *worker, int limit_ms)
{
    struct pollfd ready = { .fd = worker->event_fd, .events = POLLIN };
    uint64_t count;

    pthread_mutex_lock(&worker->lock);
    ssize_t n = read(worker->event_fd, &count, sizeof(count));
    (void)n;
    bool busy = worker->busy;
    pthread_mutex_unlock(&worker->lock);
    if (busy)
        (void)poll(&ready, 1, limit_ms);
}

/* false: it still runs its job, and has all that is left of the worker from now on. */
static bool is_back(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    bool left = worker->busy;
    if (left) {
        (void)pthread_detach(worker->thread);
        let_loop_go(worker);
    }
    worker->left = left;
    pthread_mutex_unlock(&worker->lock);
    return !left;
}

bool worker_leave(struct worker *worker, int limit_ms)
{
    if (!worker)
        return true;
    worker->limit = clock_timer_unref(worker->limit); /* nobody is told of anything any more */
    worker->silent = false;
    while (worker->started && worker->n_due > 0) {
        cancel(worker); /* each done may post again */
        wait_for_end(worker, limit_ms);
        if (!is_back(worker))
            return false;
    }
    worker_free(worker);
    return true;
}
