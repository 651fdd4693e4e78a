/* SPDX-License-Identifier: MIT */
#pragma once
/* Ownership made visible: cleanup attributes and the move out of them. Nothing else goes here. */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#define _cleanup_(f) __attribute__((cleanup(f)))

#define TAKE_PTR(p)                                                                                \
    ({                                                                                             \
        __typeof__(p) taken_ = (p);                                                                \
        (p) = NULL;                                                                                \
        taken_;                                                                                    \
    })
#define TAKE_FD(fd)                                                                                \
    ({                                                                                             \
        int taken_ = (fd);                                                                         \
        (fd) = -1;                                                                                 \
        taken_;                                                                                    \
    })
#define ELEMENTSOF(a) (sizeof(a) / sizeof((a)[0]))

static inline void freep(void *p)
{
    free(*(void **)p);
}
/* Whoever has the variable still does not close it again: the number may be another's by then. */
static inline void closep(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}
static inline void closedirp(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}
#define _cleanup_free_        _cleanup_(freep)
#define _cleanup_close_       _cleanup_(closep)
#define _cleanup_closedir_    _cleanup_(closedirp)
#define _cleanup_bus_message_ _cleanup_(sd_bus_message_unrefp)
#define _cleanup_bus_error_   _cleanup_(sd_bus_error_free)
