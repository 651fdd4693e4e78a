/* SPDX-License-Identifier: MIT */
/*
 * Any file, as the process that reads files does: what it says of it must be what the daemon believes.
 * The first byte says what is known of the runner; the file behind it is standard input.
 */
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "daemon/import/read.h"
#include "require.h"

static void begin(void)
{
    int fd = memfd_create("file", MFD_CLOEXEC);

    require(fd >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO);
    close(fd);
}

static struct orders some_orders(uint8_t flags)
{
    struct orders orders = orders_of(INT64_C(4102444800000000)); /* 2100 */

    orders.barometric = flags & 1;
    orders.own_cadence_spm = flags & 2 ? 165 : NAN;
    orders.own_speed_m_s = flags & 2 ? 2.8 : NAN;
    if (flags & 4)
        orders.runner = (struct exertion_runner){
            .sex = CONF_SEX_FEMALE, .max_bpm = 188, .rest_bpm = 52, .birth_year = 1981
        };
    return orders;
}

static void count_bytes(void *context, const uint8_t *bytes, size_t length)
{
    *(size_t *)context += length;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct report report;
    static struct way way;
    static bool begun;
    struct orders orders = some_orders(length > 0 ? bytes[0] : 0);
    size_t written = 0;

    if (!begun)
        begin();
    begun = true;
    if (length == 0)
        return 0;
    require(ftruncate(STDIN_FILENO, 0) == 0);
    require(pwrite(STDIN_FILENO, bytes + 1, length - 1, 0) == (ssize_t)length - 1);
    require(read_report(&orders, &report) == 0 && report_is_sound(&report));
    orders.errand = ERRAND_FIT;
    orders.start_usec =
        report.n_sessions > 0 ? report.sessions[report.n_sessions - 1].start_usec : 0;
    orders.place = (int)report.n_sessions - 1; /* others may have begun then too */
    require(read_fit(&orders, count_bytes, &written) == 0);
    require((written > 0) == (report.n_sessions > 0));
    require(read_way(&way) == 0 && way_is_sound(&way));
    return 0;
}
