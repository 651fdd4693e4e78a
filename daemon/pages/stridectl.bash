# SPDX-License-Identifier: MIT
# bash completion of stridectl(1): verbs, and for each its arguments by name and by value. Made by the
# build from the table of verbs.

@ROWS@

# What the daemon knows, when it says so quickly: a Tab must not hang where it does not run, or on a
# machine that is busy.
_stridectl_ask() # VERB SED-SCRIPT
{
    timeout 0.5 "$_stridectl_program" --json "$1" 2>/dev/null </dev/null | sed -n "$2"
}

# Empty lists are one line, "[]", so what begins with "[" at its end has lines of its own.
_stridectl_values() # VERB NAME KIND NULL
{
    local day
    case $3 in
    word) _stridectl_words "$1.$2" ;;
    flag) echo 'yes no' ;;
    when) echo 'auto always never' ;;
    day) for day in 0 1 2 3 4 5 6; do printf '%(%F)T ' $((EPOCHSECONDS - 86400 * day)); done ;;
    runner) _stridectl_ask status '/"runners": \[$/,/\]/s/^ *"\([a-z0-9_-]*\)",\{0,1\}$/\1/p' ;;
    sensor) _stridectl_ask sensors 's/^ *"name": "\([a-z0-9_-]*\)",\{0,1\}$/\1/p' ;;
    session) _stridectl_ask status '/"sessions": \[$/,$s/^ *"id": "\([A-Za-z0-9_.-]*\)",\{0,1\}$/\1/p' ;;
    route) # others may put files there: a name that is no plain one would be run by compgen, or not be one word
        (shopt -s nullglob; cd /srv/strided/import 2>/dev/null && for day in */routes/*; do
            day=${day##*/}
            [[ $day =~ [^A-Za-z0-9._+-] || $day == -* ]] || echo "$day"
        done) ;;
    esac
    [ -z "$4" ] || echo "$4"
}

# The words up to the cursor as they were typed: bash ends a word at "=" and ":", too.
_stridectl_rejoin()
{
    local i
    _stridectl_line=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        if ((i > 1)) && [[ ${COMP_WORDS[i]} == [=:]* || ${_stridectl_line[-1]} == *[=:] ]]; then
            _stridectl_line[-1]+=${COMP_WORDS[i]}
        else
            _stridectl_line+=("${COMP_WORDS[i]}")
        fi
    done
}

# Whether an argument goes with the word of `do`, which may not be there yet.
_stridectl_goes_with() # WITH DO
{
    [[ -z $1 || ,$1, == *,"$2",* ]]
}

# Takes the words before the cursor: sets verb, what (the word of `do`), given (names).
_stridectl_take()
{
    local word skip='' row name kind with null
    for word in "${_stridectl_line[@]:1:${#_stridectl_line[@]}-2}"; do
        if [[ $skip ]]; then skip=''
        elif [[ $word == -[a-z-]* ]]; then [[ $_stridectl_with_value == *" $word "* ]] && skip=1
        elif [[ -z $verb ]]; then verb=$word
        elif [[ $word =~ ^[a-z_]+= ]]; then
            given+="${word%%=*} "
            [[ $word != do=* ]] || what=${word#do=}
        else # the next argument that is not given yet
            for row in $(_stridectl_arguments "$verb"); do
                IFS=: read -r name kind with null <<<"$row"
                if [[ $given != *" $name "* ]] && _stridectl_goes_with "$with" "$what"; then
                    given+="$name "
                    [[ $name != do ]] || what=$word
                    break
                fi
            done
        fi
    done
}

_stridectl_offer() # PREFIX VALUES...: where "=" begins a word, it is not to be repeated
{
    local prefix=$1 kept=$1
    shift
    [[ $COMP_WORDBREAKS != *=* ]] || kept=''
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -P "$kept" -W "$*" -- "${cur#"$prefix"}")
}

_stridectl_offer_values() # PREFIX NAME KIND NULL
{
    if [[ $3 == path ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "${cur#"$1"}")
    fi
    _stridectl_offer "$1" $(_stridectl_values "$verb" "$2" "$3" "$4")
}

_stridectl_argument()
{
    local row name kind with null bare='' names=()
    for row in $(_stridectl_arguments "$verb"); do
        IFS=: read -r name kind with null <<<"$row"
        if [[ $cur == "$name="* ]]; then
            _stridectl_offer_values "$name=" "$name" "$kind" "$null"
            return
        fi
        [[ $given != *" $name "* ]] && _stridectl_goes_with "$with" "$what" || continue
        if [[ -z $bare ]]; then
            bare=$name
            _stridectl_offer_values '' "$name" "$kind" "$null"
        fi
        names+=("$name=")
    done
    _stridectl_offer '' "${names[@]}"
    [[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace
}

_stridectl()
{
    local cur verb='' what='' given=' ' before _stridectl_program=$1 _stridectl_line
    COMPREPLY=()
    _stridectl_rejoin
    cur=${_stridectl_line[-1]}
    before=${_stridectl_line[-2]}
    _stridectl_take
    if [[ $_stridectl_with_value == *" $before "* ]]; then
        _stridectl_offer_values '' '' "$(_stridectl_option_kind "$before")" ''
    elif [[ $cur == --*=* ]]; then
        _stridectl_offer_values "${cur%%=*}=" '' "$(_stridectl_option_kind "${cur%%=*}")" ''
    elif [[ $cur == - || $cur == -[a-z-]* ]]; then
        _stridectl_offer '' $_stridectl_options
    elif [[ -z $verb ]]; then
        _stridectl_offer '' $_stridectl_verbs
    else
        _stridectl_argument
    fi
} && complete -F _stridectl stridectl
