/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Bodies of D-Bus messages out of the bytes of a fuzzer: sd-bus holds every message on the wire to
 * its signature, so what can be wrong is which types there are, and what the values say. A property
 * has the type that is documented, or any other; a word is one that org.bluez uses, or any text.
 */
#include <systemd/sd-bus.h>
#include "lib/bytes.h"

const char *bus_word(struct bytes *bytes);
const char *bus_path(struct bytes *bytes); /* of an object */
/* Values of these types, one after the other; sooner or later the bytes end and all is 0 and "". */
void bus_append(sd_bus_message *m, struct bytes *bytes, const char *types);
/* Of types that are documented, or now and then of others. */
void bus_append_or_other(sd_bus_message *m, struct bytes *bytes, const char *types);
