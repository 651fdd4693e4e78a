#compdef strided
# SPDX-License-Identifier: MIT
# zsh completion of strided(8). Made by the build from the table of its options.

@ROWS@

_strided_sessions() # none where the folder cannot be read
{
    local sessions=(${STRIDED_STATE-/var/lib/strided}/sessions/*.rec(N:t:r))
    compadd -a sessions
}

_arguments $_strided_options
