/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Walking what D-Bus puts others into. Each takes one array out of the message, or answers -errno and
 * leaves the message wherever it was: then nothing more is to be had from it.
 */
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#define BLUEZ_VALUE_MAX 512 /* largest attribute of ATT */

/* as */
int bluez_each_text(sd_bus_message *m, void (*take)(void *userdata, const char *text),
                    void *userdata);
/* a{...}: dictionary is "{sv}", for one; read() takes what is between the braces, no more, no less. */
int bluez_each_entry(sd_bus_message *m, const char *dictionary,
                     int (*read)(sd_bus_message *m, void *userdata), void *userdata);
/* ay; borrowed from the message */
int bluez_read_bytes(sd_bus_message *m, const uint8_t **ret, size_t *ret_length);
