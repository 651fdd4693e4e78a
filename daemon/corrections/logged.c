/* SPDX-License-Identifier: MIT */
/* A run that nothing recorded: what is said of it, then the run itself, are kept, and then it is put. */
#include "daemon/corrections/private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void fail(struct request *request, int result)
{
    correction_refuse_and_end(request, "unavailable", NULL, "It could not be stored",
                              store_why(request->corrections->parts.store, result));
}

static void on_forgotten(void *userdata, int result)
{
    struct request *request = userdata;

    if (result < 0)
        correction_refuse_and_end(request, "unavailable", NULL, "It could not be stored",
                                  "a look at sessions after the next start, before it is entered "
                                  "again: what was kept of it could not be taken back");
    else
        fail(request, request->error);
}

/* What is kept of one that is refused would come back with the next start, also where a disk failed only then. */
static void take_back(struct request *request, int error)
{
    int r;

    request->error = error;
    r = logged_forget(request->corrections->parts.logged, request->what.run.id, on_forgotten,
                      request);
    if (r < 0)
        on_forgotten(request, r);
}

static void on_put(void *userdata, int result)
{
    struct request *request = userdata;

    if (result < 0)
        take_back(request, result);
    else {
        correction_say_logged(
            request, import_instead(request->corrections->parts.import, request->what.run.id));
        correction_end(request);
    }
}

static void on_kept(void *userdata, int result)
{
    struct request *request = userdata;

    if (result >= 0) {
        logged_row(&request->what.run, &request->row);
        result = sessions_put_logged(request->corrections->parts.sessions, &request->row, on_put,
                                     request);
    }
    if (result < 0)
        take_back(request, result);
}

static void keep(struct request *request)
{
    int r = logged_keep(request->corrections->parts.logged, &request->what.run, on_kept, request);

    if (r < 0)
        fail(request, r);
}

static void on_noted(void *userdata, int result, const struct note *note)
{
    if (result < 0)
        fail(userdata, result);
    else
        keep(userdata);
}

/* One that would be refused is not kept at all. */
void correction_log(struct request *request)
{
    const struct corrections_parts *parts = &request->corrections->parts;
    struct correction *what = &request->what;
    int r = store_has_room_for(parts->store, 2) ? 0 : -ENOBUFS;

    if (r >= 0)
        logged_make_id(parts->logged, what->run.said_usec, what->run.id);
    if (r >= 0 && what->parts)
        r = notes_change(parts->notes, what->run.id, &what->note, what->parts, on_noted, request);
    else if (r >= 0)
        return keep(request);
    if (r < 0)
        fail(request, r);
}
