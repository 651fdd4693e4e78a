/* SPDX-License-Identifier: MIT */
/* Changes the simulated clock: see clockctl.h for the line and the file. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <systemd/sd-id128.h>
#include <time.h>
#include "daemon/util.h"
#include "tests/sim/clockctl.h"

#define FIRST_BOOTTIME_USEC (UINT64_C(3600) * 1000000)
#define AFTER_REBOOT_USEC   (UINT64_C(10) * 1000000)

struct clockctl {
    int fd;
    struct clock_file *file;
};

static uint64_t read_clock_usec(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t clock_line_real_usec(void)
{
    return read_clock_usec(CLOCK_BOOTTIME);
}

static void boot_id_new(char *ret)
{
    sd_id128_t id = SD_ID128_NULL;

    (void)sd_id128_randomize(&id);
    sd_id128_to_string(id, ret);
}

struct clock_line clock_line_real(void)
{
    uint64_t now = clock_line_real_usec();
    struct clock_line line = {
        .rate = 1,
        .real_origin_usec = now,
        .sim_origin_usec = now,
        .wall_offset_usec = (int64_t)read_clock_usec(CLOCK_REALTIME) - (int64_t)now,
    };
    sd_id128_t id;

    if (sd_id128_get_boot(&id) >= 0)
        sd_id128_to_string(id, line.boot_id);
    else
        boot_id_new(line.boot_id);
    return line;
}

uint64_t clock_line_now(const struct clock_line *line, uint64_t real_usec)
{
    /* Another process may have begun the line a moment later than our real_usec was read. */
    if (real_usec <= line->real_origin_usec)
        return line->sim_origin_usec;
    return line->sim_origin_usec +
           (uint64_t)llround((double)(real_usec - line->real_origin_usec) * line->rate);
}

struct clock_line clock_file_read(const struct clock_file *file)
{
    struct clock_line line;
    uint32_t before, after;

    do {
        before = atomic_load_explicit(&file->sequence, memory_order_acquire);
        line = file->line;
        atomic_thread_fence(memory_order_acquire);
        after = atomic_load_explicit(&file->sequence, memory_order_relaxed);
    } while (before != after || before & 1);
    return line;
}

/* Begins the new line at this moment; what the caller changed in it holds from here on. */
static void line_write(struct clockctl *ctl, const struct clock_line *line)
{
    static const uint8_t ring = 1;

    atomic_fetch_add(&ctl->file->sequence, 1);
    ctl->file->line = *line;
    atomic_fetch_add(&ctl->file->sequence, 1);
    if (pwrite(ctl->fd, &ring, 1, offsetof(struct clock_file, doorbell)) < 0)
        abort(); /* a reader that is not woken would hang the test without a reason */
}

static struct clock_line line_from_here(const struct clockctl *ctl)
{
    struct clock_line line = clock_file_read(ctl->file);
    uint64_t real = clock_line_real_usec();

    line.sim_origin_usec = clock_line_now(&line, real);
    line.real_origin_usec = real;
    return line;
}

static int file_create(int fd)
{
    struct clock_file file = { .magic = SIM_CLOCK_MAGIC, .line = clock_line_real() };

    file.line.wall_offset_usec += (int64_t)file.line.sim_origin_usec - (int64_t)FIRST_BOOTTIME_USEC;
    file.line.sim_origin_usec = FIRST_BOOTTIME_USEC;
    return pwrite(fd, &file, sizeof file, 0) == (ssize_t)sizeof file ? 0 : -EIO;
}

int clockctl_open(struct clockctl **ret, const char *path)
{
    _cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct clockctl *ctl;
    struct stat st;
    void *map;
    int r;

    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    r = st.st_size == 0 ? file_create(fd) : 0;
    if (r < 0)
        return r;
    map = mmap(NULL, sizeof(struct clock_file), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return -errno;
    ctl = malloc(sizeof *ctl);
    if (!ctl || (st.st_size != 0 && st.st_size < (off_t)sizeof(struct clock_file)) ||
        ((struct clock_file *)map)->magic != SIM_CLOCK_MAGIC) {
        munmap(map, sizeof(struct clock_file));
        r = ctl ? -EBADMSG : -ENOMEM;
        free(ctl);
        return r;
    }
    *ctl = (struct clockctl){ .fd = TAKE_FD(fd), .file = map };
    *ret = ctl;
    return 0;
}

struct clockctl *clockctl_free(struct clockctl *ctl)
{
    if (!ctl)
        return NULL;
    munmap(ctl->file, sizeof *ctl->file);
    close(ctl->fd);
    free(ctl);
    return NULL;
}

const struct clock_file *clockctl_file(const struct clockctl *ctl)
{
    return ctl->file;
}

int clockctl_set_rate(struct clockctl *ctl, double rate)
{
    struct clock_line line = line_from_here(ctl);

    if (!(rate >= SIM_CLOCK_RATE_MIN && rate <= SIM_CLOCK_RATE_MAX))
        return -ERANGE;
    line.rate = rate;
    line_write(ctl, &line);
    return 0;
}

void clockctl_jump(struct clockctl *ctl, uint64_t usec)
{
    struct clock_line line = line_from_here(ctl);

    line.sim_origin_usec += usec;
    line.jumps++;
    line_write(ctl, &line);
}

void clockctl_set_wall(struct clockctl *ctl, int64_t wall_usec)
{
    struct clock_line line = line_from_here(ctl);

    line.wall_offset_usec = wall_usec - (int64_t)line.sim_origin_usec;
    line.wall_sets++;
    line_write(ctl, &line);
}

void clockctl_suspend(struct clockctl *ctl, uint64_t usec)
{
    struct clock_line line = line_from_here(ctl);

    line.sim_origin_usec += usec;
    line.jumps++;
    line.wall_sets++; /* the kernel cancels cancel-on-set timers when it resumes */
    line_write(ctl, &line);
}

void clockctl_reboot(struct clockctl *ctl)
{
    struct clock_line line = line_from_here(ctl);

    line.wall_offset_usec += (int64_t)line.sim_origin_usec - (int64_t)AFTER_REBOOT_USEC;
    line.sim_origin_usec = AFTER_REBOOT_USEC;
    line.jumps++;
    boot_id_new(line.boot_id);
    line_write(ctl, &line);
}
