/* SPDX-License-Identifier: MIT */
/*
 * The loop may not wait and the disk may refuse, so changes stand in line. The order they were put in
 * is the order they are written in, over every refusal: what comes back goes to the head of the line.
 * The lists change hands with the job; no lock is needed but the worker's own.
 */
#include "daemon/store/queue.h"

#include <errno.h>

#include "daemon/log.h"
#include "daemon/store/tables.h"

#define RETRY_FIRST_USEC (5ULL * 1000000)
#define RETRY_LAST_USEC  (60ULL * 1000000)
#define WAITING_MAX      10000
#define BYTES_MAX        (4u << 20)

/* ---- on the worker ------------------------------------------------------------------------- */

static int write_puts(struct db *db, struct put *puts, int64_t wall_usec)
{
    int rc = db_write(db, puts, wall_usec);
    if (rc == SQLITE_OK)
        return 0;
    int r = db_errno(db, rc);
    db_close(db);
    return r;
}

static int run_job(void *data)
{
    struct queue *queue = data;
    return write_puts(queue->db, queue->under_way, queue->wall_usec);
}

/* ---- on the loop --------------------------------------------------------------------------- */

static void on_job_done(void *data, int result);

static void kick(struct queue *queue)
{
    if (queue->busy || queue->backing_off || queue->gathering > 0 ||
        (!queue->first && queue->db->state != DB_CLOSED))
        return;
    queue->under_way = queue->first;
    queue->first = NULL;
    queue->end = &queue->first;
    queue->wall_usec = clock_wall_usec();
    queue->busy = true;
    int r = worker_post(queue->worker, &(struct worker_job){ run_job, on_job_done, queue });
    if (r < 0)
        on_job_done(queue, r);
}

/* What was under way is older than what waits. */
static void put_back(struct queue *queue)
{
    struct put **end = &queue->under_way;

    while (*end)
        end = &(*end)->next;
    *end = queue->first;
    if (!queue->first)
        queue->end = end == &queue->under_way ? &queue->first : end;
    queue->first = queue->under_way;
    queue->under_way = NULL;
}

void queue_retry_later(struct queue *queue, int error)
{
    if (queue->error == 0)
        log_warning_errno(error, "Cannot write %s: %m; changes wait in memory", queue->db->path);
    queue->error = error;
    queue->delay_usec = queue->delay_usec ? queue->delay_usec * 2 : RETRY_FIRST_USEC;
    if (queue->delay_usec > RETRY_LAST_USEC)
        queue->delay_usec = RETRY_LAST_USEC;
    queue->backing_off = true;
    clock_timer_set(queue->retry, clock_now_usec() + queue->delay_usec);
}

static void on_retry(void *userdata, uint64_t now_usec)
{
    struct queue *queue = userdata;
    queue->backing_off = false;
    kick(queue);
}

static void note_all_well(struct queue *queue)
{
    if (queue->error != 0)
        log_notice("%s is written again; %zu changes were lost", queue->db->path, queue->lost);
    queue->error = 0;
    queue->delay_usec = 0;
}

static void tell_and_free(struct put *put)
{
    if (put->committed)
        put->committed(put->userdata, put->result);
    put_free(put); /* what was asked for is in it */
}

static void on_job_done(void *data, int result)
{
    struct queue *queue = data;

    queue->busy = false;
    if (result < 0) {
        put_back(queue);
        queue_retry_later(queue, result);
        queue->on_result(queue->userdata);
        return;
    }
    struct put *puts = queue->under_way;
    queue->under_way = NULL;
    for (struct put *put = puts; put; put = put->next) {
        queue->n--;
        queue->bytes -= put->bytes;
    }
    note_all_well(queue);
    queue->on_result(queue->userdata); /* the database is at rest until kick */
    kick(queue);
    for (struct put *next; puts; puts = next) { /* these may add again */
        next = puts->next;
        tell_and_free(puts);
    }
}

bool queue_has_room(const struct queue *queue, size_t bytes)
{
    return queue_has_room_for(queue, 1, bytes);
}

bool queue_has_room_for(const struct queue *queue, size_t n, size_t bytes)
{
    return queue->n + n <= WAITING_MAX && queue->bytes + bytes <= BYTES_MAX;
}

int queue_add(struct queue *queue, struct put *put)
{
    if (!queue_has_room(queue, put->bytes)) {
        put_free(put);
        if (queue->lost++ == 0)
            log_error("No room in memory for what %s does not take: changes are lost",
                      queue->db->path);
        queue->on_result(queue->userdata);
        return -ENOBUFS;
    }
    *queue->end = put;
    queue->end = &put->next;
    queue->n++;
    queue->bytes += put->bytes;
    kick(queue);
    return 0;
}

int queue_try(struct queue *queue, struct put *put)
{
    if (queue_has_room(queue, put->bytes))
        return queue_add(queue, put);
    put_free(put);
    return -ENOBUFS;
}

void queue_gather(struct queue *queue)
{
    queue->gathering++;
}

void queue_send(struct queue *queue)
{
    queue->gathering--;
    kick(queue);
}

/* ---- life ---------------------------------------------------------------------------------- */

int queue_init(struct queue *queue, struct db *db, struct worker *worker,
               void (*on_result)(void *userdata), void *userdata)
{
    *queue =
        (struct queue){ .worker = worker, .db = db, .on_result = on_result, .userdata = userdata };
    queue->end = &queue->first;
    return clock_timer_new(&queue->retry, worker_event(worker), CLOCK_NEVER, on_retry, queue);
}

void queue_done(struct queue *queue)
{
    if (queue->first) {
        int r = write_puts(queue->db, queue->first, clock_wall_usec());
        if (r < 0)
            log_error_errno(r, "%zu changes could not be written to %s: %m", queue->n,
                            queue->db->path);
    }
    for (struct put *next; queue->first; queue->first = next) {
        next = queue->first->next;
        put_free(queue->first);
    }
    queue->retry = clock_timer_unref(queue->retry);
}
