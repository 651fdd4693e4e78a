/* SPDX-License-Identifier: MIT */
#pragma once
#include <stddef.h>

enum tcp_try_outcome {
    TCP_TRY_OPEN,    /* text: the address that took us */
    TCP_TRY_NAME,    /* the name is not known; text: why */
    TCP_TRY_REFUSED, /* the machine is there, and nobody listens; text: the address */
    TCP_TRY_AWAY,    /* no answer; text: why */
};
/* Each address of the name, in order, within some seconds; a look-up may take longer than that. */
enum tcp_try_outcome tcp_try(const char *host, int port, char *ret_text, size_t size);
