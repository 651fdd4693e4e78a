/* SPDX-License-Identifier: MIT */
/*
 * usage: doctor_probe ROOT USER MHZ STATE [config=FILE]
 *
 * stridectl --json doctor on a machine that a test made up: with files of the kernel below ROOT, a service
 * that runs as USER, and a Wi-Fi that is on the channel of MHZ. With DOCTOR_PROBE_TEXT in the environment without --json.
 */
#include <stdlib.h>
#include <string.h>
#include "daemon/stridectl/doctor.h"
#include "daemon/stridectl/program.h"
#include "daemon/stridectl/words.h"

static int mhz;

static int on_channel(const char *interface)
{
    return mhz;
}

int main(int argc, char **argv)
{
    struct doctor_places places = doctor_here;
    const struct command *row = stridectl_own_verbs;
    json_t *arguments;
    int r = 0;

    if (argc < 5)
        return 2;
    arguments = json_object();
    while (strcmp(row->verb, "doctor") != 0)
        row++;
    mhz = atoi(argv[3]);
    places.root = argv[1];
    if (strcmp(argv[2], "-") != 0) /* it is the unit's */
        places.user = argv[2];
    places.state_dir = argv[4];
    places.wifi_mhz = on_channel;
    for (argv += 5; *argv && r == 0; argv++)
        r = words_take(row, arguments, *argv) < 0 ? 2 : 0;
    if (r == 0)
        r = doctor_command(&places, arguments, getenv("DOCTOR_PROBE_TEXT") == NULL);
    json_decref(arguments);
    return r;
}
