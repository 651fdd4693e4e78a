/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The gateway: the one that knows both ends of the chain.
 *
 *   sensors -> sessions (-> recorder, store) -> training (-> store) -> publisher
 *   commands enter at the top, like a notification
 *
 * It also lives and dies: start, reload, clean stop.
 */
#include <systemd/sd-event.h>

struct gateway;

enum gateway_result { GATEWAY_E_CONFIG = 1 /* the configuration is not sound; it was said why */ };

int gateway_new(struct gateway **ret, sd_event *event, const char *config_file,
                const char *state_dir);
struct gateway *gateway_free(struct gateway *gateway);
/* SIGHUP: a config that is not sound is reported and changes nothing. < 0: the old one stays in force. */
int gateway_reload(struct gateway *gateway);
/* Lets the sensors go, says offline, and then exits the loop with 0. */
void gateway_stop(struct gateway *gateway);
