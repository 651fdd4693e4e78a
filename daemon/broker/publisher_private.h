/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind publisher.h share. Each calls only those below it:
 *   publisher.c          life, the timer, a new configuration, the stop, what is wrong
 *   publisher_leave.c    the last words of a connection whose place another takes
 *   publisher_link.c     making the connection, and what becomes of it
 *   publisher_heard.c    what comes in: requests, another gateway, Home Assistant's birth
 *   publisher_said.c     what goes out: state, live values, event rows; and what of it is private
 *   publisher_pace.c     when to wake next, and whether we may speak at all
 *   publisher_request.c  requests, held until it is clear whose name it is, and their answers
 */
#include "daemon/broker/mqtt.h"
#include "daemon/broker/outbox.h"
#include "daemon/broker/publisher.h"
#include "daemon/broker/rival.h"
#include "daemon/broker/topics.h"
#include "daemon/clock.h"

struct answer { /* a request whose answer is still to come */
    struct publisher *publisher;
    struct answer *next;
    char verb[CONF_ID_MAX];
    bool is_nobodys; /* whoever asked is at a broker that was left */
    char *response_topic;
    uint8_t *correlation_data;
    size_t correlation_length;
};

struct link { /* what a connection is made of, and all of it that hangs on the configuration */
    struct mqtt *mqtt; /* NULL: no broker configured */
    struct topics *topics;
    char uri[CONF_TEXT_MAX]; /* "": no broker */
    char text[6 * CONF_TEXT_MAX +
              256];          /* what the link was made from, to see whether it must be anew */
    bool stands;             /* its tree is at the broker, and ours */
    char path[4][TOPIC_MAX]; /* info, health, status, Home Assistant's birth */
    char **unjudged;         /* paths of what lies there until it is judged; NULL: none */
    size_t n_unjudged;
    struct publisher_home home; /* at 0: it said nothing */
};
enum { PATH_INFO, PATH_HEALTH, PATH_STATUS, PATH_BIRTH };

struct publisher_change {
    const struct conf *conf;
    const char *password;
    bool anew; /* `link` takes the place of the one that is, which leaves by `leaving` */
    struct link link;
    struct leaving *leaving;
};

struct publisher {
    sd_event *event;         /* borrowed */
    const struct conf *conf; /* borrowed */
    const char *password;    /* borrowed, as conf; NULL: none */
    struct store *store;     /* borrowed */
    char machine_id[40];
    const struct publisher_callbacks *callbacks;
    void *userdata;

    struct link link;        /* not tried to connect before `leaving` is over */
    struct leaving *leaving; /* the one before; NULL: none */
    bool has_left;           /* and it is to be freed */
    struct outbox *outbox;
    enum clock_state clock;
    struct rival rival;
    struct clock_timer *timer;
    uint64_t leftovers_at_usec;             /* to be looked for then; 0: not */
    uint64_t leftovers_until_usec;          /* 0: not looking */
    int failures;                           /* since the last link that stood */
    char problem_logged[MQTT_SENTENCE_MAX]; /* the last sentence of the link that was */
    uint64_t overruns_logged;               /* of this link */
    uint64_t overruns_seen,
        overruns_usec;       /* the same, as told in health, and when they became more */
    uint64_t refused_logged; /* of render_refused() */
    struct answer *answers;
    struct held *held; /* requests, in order, until it is clear whose name it is */

    void (*on_stopped)(void *userdata);
    void *stopped_userdata;
    uint64_t stop_until_usec; /* 0: not stopping */
};

void publisher_rearm(struct publisher *publisher);
/* Of devices of ours at Home Assistant's, whose names others may have by now */
void publisher_look_for_paths(struct publisher *publisher);
void publisher_look_for_leftovers(struct publisher *publisher);
void publisher_stop_looking(struct publisher *publisher);
/* Events go from when the gateway is said to be online: called whenever that may have been said. */
void publisher_follow_status(struct publisher *publisher, uint64_t now_usec);
void publisher_follow_rival(struct publisher *publisher, bool changed, uint64_t now_usec);

extern const struct topics_callbacks publisher_topics_callbacks;
extern const struct outbox_callbacks publisher_outbox_callbacks;
void publisher_set_status(struct publisher *publisher, const char *status);
void publisher_set_info(struct publisher *publisher);
void publisher_set_discovery(struct publisher *publisher);

/* false: it is no request */
bool publisher_hear_request(struct publisher *publisher, const struct mqtt_message *message);
void publisher_hear_held(struct publisher *publisher);
/* With the link they came over, or when we stop: whoever asked saw it go, and asks again. */
void publisher_drop_held(struct publisher *publisher);
void publisher_forget_askers(struct publisher *publisher);
void publisher_free_answer(struct answer *answer);

void publisher_on_message(void *userdata, const struct mqtt_message *message);

/* In this order: made aside, given the link that is left, told what the next one will say, and freed
 * once it has left. ours: it is connected and its tree is no other gateway's. */
int publisher_leaving_new(struct publisher *publisher, struct leaving **ret);
void publisher_leave(struct leaving *leaving, struct link *link, bool ours); /* link: taken */
void publisher_leave_nothing(struct leaving *leaving, const struct link *next);
/* What it could not clear: to whoever speaks to that broker next, or to a person. */
void publisher_bequeath(const struct leaving *leaving, struct link *next);
/* When nobody will speak to it any more: to a person alone. */
void publisher_log_left(const struct leaving *leaving, const struct link *next);
struct leaving *publisher_leaving_free(struct leaving *leaving);

void publisher_describe_link(const struct conf *conf, char *ret, size_t size);
/* Nothing comes of it before the loop runs again. < 0: what was made is in `link` all the same. */
int publisher_make_link(struct publisher *publisher, const struct conf *conf, const char *password,
                        struct link *link);
void publisher_link_done(struct link *link);
/* What we said there stands, maybe 'online', and our last words were not heard: the will is to be. */
enum mqtt_end publisher_end_of(const struct link *link);
void publisher_finish_stop(struct publisher *publisher);
