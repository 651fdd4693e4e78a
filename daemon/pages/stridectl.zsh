#compdef stridectl
# SPDX-License-Identifier: MIT
# zsh completion of stridectl(1): verbs, and for each its arguments by name and by value. Made by the
# build from the table of verbs.

@ROWS@

# What the daemon knows, when it says so quickly: a Tab must not hang where it does not run, or on a
# machine that is busy.
_stridectl_ask() # VERB SED-SCRIPT
{
    timeout 0.5 $_stridectl_program --json $1 2>/dev/null </dev/null | sed -n $2
}

# Empty lists are one line, "[]", so what begins with "[" at its end has lines of its own.
_stridectl_values() # VERB NAME KIND NULL
{
    local day
    case $3 in
    word) _stridectl_words $1.$2 ;;
    flag) echo 'yes no' ;;
    when) echo 'auto always never' ;;
    day) zmodload zsh/datetime && for day in {0..6}; do strftime %F $((EPOCHSECONDS - 86400 * day)); done ;;
    runner) _stridectl_ask status '/"runners": \[$/,/\]/s/^ *"\([a-z0-9_-]*\)",\{0,1\}$/\1/p' ;;
    sensor) _stridectl_ask sensors 's/^ *"name": "\([a-z0-9_-]*\)",\{0,1\}$/\1/p' ;;
    session) _stridectl_ask status '/"sessions": \[$/,$s/^ *"id": "\([A-Za-z0-9_.-]*\)",\{0,1\}$/\1/p' ;;
    route) print -rl -- /srv/strided/import/*/routes/[A-Za-z0-9._+]*(N:t) ;; # no option, whoever named it
    esac
    [[ -z $4 ]] || echo $4
}

# Whether an argument goes with the word of `do`, which may not be there yet.
_stridectl_goes_with() # WITH DO
{
    [[ -z $1 || ,$1, == *,$2,* ]]
}

# Takes the words before the cursor: sets verb, what (the word of `do`), given (names).
_stridectl_take()
{
    local word skip='' row fields
    for word in ${words[2,CURRENT-1]}; do
        if [[ -n $skip ]]; then skip=''
        elif [[ $word == -[a-z-]* ]]; then [[ $_stridectl_with_value == *" $word "* ]] && skip=1
        elif [[ -z $verb ]]; then verb=$word
        elif [[ $word =~ '^[a-z_]+=' ]]; then
            given+=(${word%%=*})
            [[ $word != do=* ]] || what=${word#do=}
        else # the next argument that is not given yet
            for row in $(_stridectl_arguments $verb); do
                fields=("${(@s.:.)row}")
                if (( ! ${given[(Ie)$fields[1]]} )) && _stridectl_goes_with "$fields[3]" "$what"; then
                    given+=($fields[1])
                    [[ $fields[1] != do ]] || what=$word
                    break
                fi
            done
        fi
    done
}

_stridectl_offer_values() # NAME KIND NULL
{
    local values
    if [[ $2 == path ]]; then
        _files
        return
    fi
    values=($(_stridectl_values $verb $1 $2 $3))
    (( $#values )) && compadd -V $1 -X "$(_stridectl_help $verb.$1)" -a values ||
        _message "$(_stridectl_help $verb.$1)"
}

_stridectl_argument()
{
    local row fields bare='' names=()
    for row in $(_stridectl_arguments $verb); do
        fields=("${(@s.:.)row}") # NAME KIND WITH NULL
        if [[ $PREFIX == $fields[1]=* ]]; then
            compset -P '*='
            _stridectl_offer_values "$fields[1]" "$fields[2]" "$fields[4]"
            return
        fi
        (( ! ${given[(Ie)$fields[1]]} )) && _stridectl_goes_with "$fields[3]" "$what" || continue
        if [[ -z $bare ]]; then
            bare=$fields[1]
            _stridectl_offer_values "$fields[1]" "$fields[2]" "$fields[4]"
        fi
        names+=($fields[1]=)
    done
    compadd -S '' -a names
}

_stridectl_option_value() # OPTION
{
    local kind=$(_stridectl_option_kind $1) values
    if [[ $kind == path ]]; then
        _files
        return
    fi
    values=($(_stridectl_values '' '' $kind ''))
    compadd -a values
}

_stridectl()
{
    local verb='' what='' given=() values _stridectl_program=$words[1]
    _stridectl_take
    if [[ $_stridectl_with_value == *" $words[CURRENT-1] "* ]]; then
        _stridectl_option_value $words[CURRENT-1]
    elif [[ $PREFIX == --*=* ]]; then
        values=${PREFIX%%=*}
        compset -P '*='
        _stridectl_option_value $values
    elif [[ $PREFIX == - || $PREFIX == -[a-z-]* ]]; then
        _describe -o option _stridectl_options
    elif [[ -z $verb ]]; then
        _describe verb _stridectl_verbs
    else
        _stridectl_argument
    fi
}

_stridectl "$@"
