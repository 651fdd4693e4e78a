/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * PublishHeartRate=no: nothing of the heart leaves, and nothing that it can be worked out from. Which
 * keys those are is said once, by privacy_is_heart; a test holds all of this to it.
 */
#include <stdbool.h>
#include "lib/payload.h"

/* The path of a key, "source.heart_rate": it tells a heart rate, or comes from it. */
bool privacy_is_heart(const char *path);

void privacy_hide_live(struct payload_live *live);
void privacy_hide_session(struct payload_session *session);
/* The same for the body of an event, JSON as it stands in the store. To be freed; NULL: no memory, or
 * no JSON object. */
char *privacy_hide_body(const char *body);
/* The body of an alert as it stands in the store: of a rule that rests on the heart, so that already
 * its being there tells of it. */
bool privacy_is_heart_notice(const char *body);
