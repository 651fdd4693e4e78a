/* SPDX-License-Identifier: MIT */
#include "daemon/bluez/walk.h"

#include <assert.h>
#include <string.h>

/* Closes what was read to its end (r: of the last attempt to read on); 0 or the error. */
static int leave(sd_bus_message *m, int r)
{
    if (r >= 0)
        r = sd_bus_message_exit_container(m);
    return r < 0 ? r : 0;
}

int bluez_each_text(sd_bus_message *m, void (*take)(void *userdata, const char *text),
                    void *userdata)
{
    const char *text;
    int r = sd_bus_message_enter_container(m, 'a', "s");
    if (r < 0)
        return r;
    while ((r = sd_bus_message_read_basic(m, 's', &text)) > 0)
        take(userdata, text);
    return leave(m, r);
}

int bluez_each_entry(sd_bus_message *m, const char *dictionary,
                     int (*read)(sd_bus_message *m, void *userdata), void *userdata)
{
    char entry[16];
    size_t length = strlen(dictionary) - 2;
    assert(length < sizeof entry);
    memcpy(entry, dictionary + 1, length);
    entry[length] = '\0';
    int r = sd_bus_message_enter_container(m, 'a', dictionary);
    if (r < 0)
        return r;
    while ((r = sd_bus_message_enter_container(m, 'e', entry)) > 0) {
        r = read(m, userdata);
        if (r < 0)
            return r;
        r = sd_bus_message_exit_container(m);
        if (r < 0)
            return r;
    }
    return leave(m, r);
}

int bluez_read_bytes(sd_bus_message *m, const uint8_t **ret, size_t *ret_length)
{
    const void *bytes;
    size_t length;
    int r = sd_bus_message_read_array(m, 'y', &bytes, &length);
    if (r < 0)
        return r;
    *ret = bytes;
    *ret_length = length < BLUEZ_VALUE_MAX ? length : BLUEZ_VALUE_MAX;
    return 0;
}
