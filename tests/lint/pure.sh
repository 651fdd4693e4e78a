#!/bin/bash
# SPDX-License-Identifier: MIT
# usage: pure.sh BUILD_DIR
#
# lib/ is pure, and the symbol table proves it: whatever an object of lib/ does not define itself
# must be on the list below, where nothing opens, reads, allocates, waits or tells the time. The list
# says what is allowed instead of what is not, so that a new function has to be argued for here:
# the last lines are the parsers that lib/activity wraps, expat and zlib's inflate. They take their
# memory from the allocator they are handed, and open nothing unless told to, by names not listed.
set -eu
cd "$1"
mapfile -d '' objects < <(find lib -name '*.o' -print0)
[ ${#objects[@]} -gt 0 ] || { echo "no object of lib/ in $1"; exit 1; }
if nm "${objects[@]}" | grep -qE '__(asan|ubsan|gcov|sanitizer)_'; then
    echo 'skipped: instrumented objects'
    exit 77
fi

allowed=$(tr -s ' \n' '|' <<'LIST' | sed 's/^|//; s/|$//'
mem(cpy|move|set|cmp|chr|rchr|mem)
str(n?len|n?cmp|n?casecmp|casestr|r?chr|chrnul|str|spn|cspn|pbrk|lcpy|n?cpy|n?cat|to(d|l|ul|ll|ull|imax|umax)|error)
stpn?cpy __isoc23_strto(l|ul|ll|ull) v?snprintf bsearch qsort abs labs llabs
__(mem|str|stp)n?(cpy|cat|move|set)_chk __v?snprintf_chk __stack_chk_(fail|guard) __assert_fail
__ctype_(b|tolower|toupper)_loc is[a-z]+ to(lower|upper) __errno_location
l?l?(round|rint)f? (sqrt|cbrt|pow|exp|exp2|expm1|log|log2|log10|log1p|fabs|floor|ceil|trunc|nearbyint)f?
(sin|cos|tan|asin|acos|atan|atan2|sincos|hypot|fmod|remainder|modf|frexp|ldexp|fmin|fmax|fdim|copysign)f?
(tgamma|lgamma_r|erf|erfc|nan|scalbn|nextafter)f?
__(isnan|isinf|finite|signbit|fpclassify)f? _GLOBAL_OFFSET_TABLE_
XML_(ParserCreate_MM|ParserFree|Parse|StopParser|ErrorString|SetUserData)
XML_Set(Element|CharacterData|StartDoctypeDecl|UnknownEncoding)Handler
XML_Get(CurrentByteIndex|CurrentLineNumber|ErrorCode) inflate(Init2_|Reset|End)?
__aeabi_[a-z0-9_]+ __(u?div|u?mod|mul|ashl|ashr|lshr|float|fix)[a-z0-9]+
LIST
)
defined=$(nm --defined-only "${objects[@]}" | awk 'NF == 3 { print $3 }' | sort -u)
strangers=$(nm -A -u "${objects[@]}" | awk '{ print $NF, $1 }' | sort -u |
            awk 'NR == FNR { own[$1]; next } !($1 in own)' <(printf '%s\n' "$defined") - |
            grep -vE "^($allowed) " || true)
if [ -n "$strangers" ]; then
    printf 'lib/ reaches for what it may not:\n%s\n' "$strangers"
    exit 1
fi
echo "${#objects[@]} objects"
