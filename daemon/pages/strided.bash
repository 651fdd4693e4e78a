# SPDX-License-Identifier: MIT
# bash completion of strided(8). Made by the build from the table of its options.

@ROWS@

_strided()
{
    local cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} file
    COMPREPLY=()
    # --config=FILE is three words here
    if [[ $cur == = ]]; then cur=''
    elif [[ $option == = ]]; then option=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    case $(_strided_value "$option") in
    FILE)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return ;;
    DIR)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -d -- "$cur")
        return ;;
    SESSION) # none where the folder cannot be read
        for file in "${STRIDED_STATE-/var/lib/strided}"/sessions/"$cur"*.rec; do
            [[ ! -e $file ]] || COMPREPLY+=("$(basename "$file" .rec)")
        done
        return ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$_strided_options" -- "$cur")
} && complete -F _strided strided
