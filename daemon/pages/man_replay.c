/* SPDX-License-Identifier: MIT */
#include "daemon/pages/pages.h"

#include "daemon/pages/troff.h"
#include "daemon/replay/program.h"

void man_write_replay(struct troff *to)
{
    man_head(to, "strided-replay", 1, replay_program.purpose);
    man_synopsis(to, &replay_program, "{FILE} ...");
    troff_section(to, "DESCRIPTION");
    troff_paragraph(
        to, "`strided-replay` feeds a recording to the same code as the service and prints the "
            "messages that would have been published, one `topic payload` a line. It needs none "
            "of the service running, and opens nothing but the files it is given. What is wrong "
            "with a line goes to standard error, with file and line.");
    troff_paragraph(
        to, "In a recording of `stridectl record` the sessions are found again as they were found "
            "live. What the packets alone do not tell is `null`: what is left of the week, the "
            "knee-load index of a runner whose own step is not in it. A shared belt's session "
            "stays nobody's; `--text` shows it.");
    man_options(to, &replay_program);
    man_statuses(to, &replay_program);
    troff_section(to, "FILES");
    troff_item(to, "`/var/lib/strided/sessions/`{SESSION}`.rec`",
               "The recording of a session, from its start to its end.");
    troff_item(to, "`/var/lib/strided/records/`{TIME}`.rec`",
               "What `stridectl record` wrote, sessions or not.");
    troff_section(to, "EXAMPLES");
    troff_item(to, "`strided-replay --every 1 20261121T040816Z-0.rec`",
               "Live each second, as it was, then the session and its events.");
    troff_item(to, "`strided-replay --anonymous trouble.rec 20261121T040816Z-0.rec`",
               "A copy to send with the report of a wrong figure.");
    troff_section(to, "SEE ALSO");
    troff_paragraph(to, "`strided`(8), `stridectl`(1)");
}
