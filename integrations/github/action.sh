#!/bin/sh
# What action.yml does, in terms of shell/door.sh: settings become outputs and variables of the job, reasons its summary, and what a reviewer
# should know a comment. Ends with the status of the commands it was given, else with 0.
set +x
set +e
umask 077
im_here=${GITHUB_ACTION_PATH:-$(dirname "$0")}
im_door=$im_here/../shell/door.sh
im_temp=${RUNNER_TEMP:-${TMPDIR:-/tmp}}

# take NAME VALUE: what the workflow says goes before what the job has in its environment.
take() { [ -z "$2" ] || export "$1=$2"; }
take INFRAMIND_URL "${INPUT_URL:-}"
take INFRAMIND_TOKEN "${INPUT_TOKEN:-}"
take INFRAMIND_PIPELINE "${INPUT_PIPELINE:-}"
take INFRAMIND_STAGE "${INPUT_JOB:-}"
take INFRAMIND_STEP "${INPUT_STEP:-}"
take INFRAMIND_TOOL "${INPUT_TOOL:-}"
INFRAMIND_CLASSES=${INPUT_CLASSES:-}
im_github_token=${INPUT_GITHUB_TOKEN:-}
im_commands=${INPUT_RUN:-}
im_mode=${INPUT_MODE:-}
im_status=${INPUT_STATUS:-success}
im_want_comment=${INPUT_COMMENT:-true}
im_directory=${INPUT_WORKING_DIRECTORY:-.}
im_shell=${INPUT_SHELL:-bash}
# What the commands inherit is their own job's, and nothing of ours.
unset INPUT_URL INPUT_TOKEN INPUT_PIPELINE INPUT_JOB INPUT_STEP INPUT_TOOL INPUT_CLASSES INPUT_GITHUB_TOKEN INPUT_RUN INPUT_MODE INPUT_STATUS \
    INPUT_COMMENT INPUT_WORKING_DIRECTORY INPUT_SHELL

say() { printf 'InfraMind: %s\n' "$1" >&2; }

[ -n "$im_mode" ] || { if [ -n "$im_commands" ]; then im_mode=run; else im_mode=optimize; fi; }
case $im_mode in
    run|optimize|report) ;;
    *) say 'the input "mode" is none of run, optimize, report; "optimize" is taken'; im_mode=optimize ;;
esac
# `optimize` and `report` of one job are two processes; matrix jobs of one machine have a RUNNER_TEMP each.
if [ "$im_mode" = run ]; then
    INFRAMIND_STATE=$(mktemp -d "$im_temp/inframind-XXXXXX" 2>/dev/null)
    # A run of its own, beside the one that `optimize` may have begun.
    unset INFRAMIND_RUN_ID INFRAMIND_RECOMMENDATION_ID
    if [ -z "${INFRAMIND_STEP:-}" ]; then
        INFRAMIND_STEP=$(printf '%s\n' "$im_commands" | sed -n '/^[[:space:]]*[^#[:space:]]/{s/^[[:space:]]*//;s/[[:space:]].*//;s,.*/,,;p;q;}' | tr -dc 'A-Za-z0-9._+-')
        INFRAMIND_STEP=${INFRAMIND_STEP:-run}
    fi
else
    INFRAMIND_STATE=$im_temp/inframind-$(id -u)-$(printf %s "${GITHUB_RUN_ID:-}-${GITHUB_RUN_ATTEMPT:-}-${GITHUB_JOB:-}" | tr -c 'A-Za-z0-9._-' '-')
fi
export INFRAMIND_STATE INFRAMIND_CLASSES
[ -z "${INFRAMIND_STEP:-}" ] || export INFRAMIND_STEP
talk() { sh "$im_door" "$@"; }
setting() { sed -n "s/^$1=//p" "$INFRAMIND_STATE/settings" 2>/dev/null; }

# hand NAME VALUE FILE: the delimiter is drawn anew each time, so that no value can end itself and begin another.
hand() {
    [ -n "$3" ] || return
    im_delimiter=end-$(od -An -N16 -tx1 /dev/urandom | tr -dc '0-9a-f')
    printf '%s<<%s\n%s\n%s\n' "$1" "$im_delimiter" "$2" "$im_delimiter" >>"$3"
}

publish() {
    hand concurrency "$(setting IM_CONCURRENCY)" "${GITHUB_OUTPUT:-}"
    hand cpu "$(setting IM_CPU_REQUEST)" "${GITHUB_OUTPUT:-}"
    hand memory-gb "$(setting IM_MEM_REQUEST_GB)" "${GITHUB_OUTPUT:-}"
    hand recommendation-id "$(setting INFRAMIND_RECOMMENDATION_ID)" "${GITHUB_OUTPUT:-}"
    hand run-id "$(cat "$INFRAMIND_STATE/run-id" 2>/dev/null)" "${GITHUB_OUTPUT:-}"
    hand rationale "$(talk rationale)" "${GITHUB_OUTPUT:-}"
    [ -z "$INFRAMIND_CLASSES" ] || hand runner "$(talk class)" "${GITHUB_OUTPUT:-}"
}

# A name in Markdown: a code span, which only a backtick could leave.
# shellcheck disable=SC2016
span() { printf '`%s`' "$(printf '%s' "$1" | tr '\000-\037\177' ' ' | tr '`|' "'/" | head -c 300)"; }

title() {
    printf '### InfraMind: %s\n\n' "$(span "${INFRAMIND_PIPELINE:-${GITHUB_REPOSITORY:-}/${GITHUB_WORKFLOW:-}} ${GITHUB_JOB:-}${INFRAMIND_STEP:+ $INFRAMIND_STEP}")"
    [ ! -e "$INFRAMIND_STATE/oom" ] || printf '**The kernel killed a process for want of memory.** The next run is given more.\n\n'
}

summarize() {
    [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ "${INFRAMIND_DISABLE:-}" != 1 ] || return
    {
        title
        if [ -e "$INFRAMIND_STATE/answer.json" ]; then
            talk card
        else
            printf 'No recommendation: the job goes on with its own settings. The log says why.\n'
        fi
        printf '\n'
    } >>"$GITHUB_STEP_SUMMARY"
}

# github METHOD PATH [FILE]: calls GitHub; the answer is in $INFRAMIND_STATE/github then, its status on standard output.
github() {
    case $im_github_token in ''|*[!!-~]*|*\"*|*\\*) printf '401'; return ;; esac
    case ${GITHUB_API_URL:-https://api.github.com} in *[!!-~]*|*\"*|*\\*) printf '000'; return ;; esac
    {
        printf 'url = "%s%s"\n' "${GITHUB_API_URL:-https://api.github.com}" "$2"
        printf 'header = "Authorization: Bearer %s"\n' "$im_github_token"
        printf 'header = "Accept: application/vnd.github+json"\nheader = "X-GitHub-Api-Version: 2022-11-28"\n'
    } | curl -q --config - --silent --globoff --request "$1" ${3:+--data-binary "@$3"} --connect-timeout 3 --max-time 8 \
        --max-filesize 4194304 --output "$INFRAMIND_STATE/github" --write-out '%{http_code}' 2>/dev/null
}

# One comment for each job and step, edited in place. It is written when there is something to say, and kept true afterwards.
comment() {
    [ "$im_want_comment" = true ] || return
    case ${GITHUB_REF:-} in refs/pull/*/merge|refs/pull/*/head) ;; *) return ;; esac
    im_number=${GITHUB_REF#refs/pull/}
    im_number=${im_number%%/*}
    case $im_number in ''|*[!0-9]*) return ;; esac
    case ${GITHUB_REPOSITORY:-} in ''|*[!A-Za-z0-9._/-]*) return ;; esac
    [ -e "$INFRAMIND_STATE/answer.json" ] || [ -e "$INFRAMIND_STATE/oom" ] || return
    im_noteworthy=
    if [ -e "$INFRAMIND_STATE/oom" ] || talk changed; then im_noteworthy=1; fi
    im_mark="<!-- inframind $(printf '%s' "${GITHUB_WORKFLOW:-}/${GITHUB_JOB:-}/${INFRAMIND_STEP:-}" | cksum | tr ' ' '-') -->"
    im_page=1
    im_found='more'
    # 300 comments: beyond that a new one is as good.
    while [ "$im_found" = more ] && [ $im_page -le 10 ]; do
        im_code=$(github GET "/repos/$GITHUB_REPOSITORY/issues/$im_number/comments?per_page=30&page=$im_page")
        case $im_code in
            200) im_found=$(HOW=comments FROM=$im_mark LC_ALL=C awk -f "$im_here/../shell/json.awk" "$INFRAMIND_STATE/github" 2>/dev/null) ;;
            *) im_found=; break ;;
        esac
        im_page=$((im_page + 1))
    done
    case $im_found in
        [0-9]*) im_method=PATCH im_path=/repos/$GITHUB_REPOSITORY/issues/comments/$im_found ;;
        none|more) [ -n "$im_noteworthy" ] || return; im_method=POST im_path=/repos/$GITHUB_REPOSITORY/issues/$im_number/comments ;;
        *) [ -z "$im_noteworthy" ] || refused "$im_code"; return ;;
    esac
    { printf '%s\n' "$im_mark"; title; talk card; } | LC_ALL=C awk '
        { for (i = 1; i <= length($0); i++) { c = substr($0, i, 1); body = body (c == "\\" || c == "\"" ? "\\" c : c == "\t" ? " " : c) } body = body "\\n" }
        END { printf "{\"body\":\"%s\"}", body }' >"$INFRAMIND_STATE/comment.json"
    im_code=$(github "$im_method" "$im_path" "$INFRAMIND_STATE/comment.json")
    case $im_code in 2??) ;; *) refused "$im_code" ;; esac
}

refused() {
    case $1 in
        401|403|404) say "GitHub does not let this job comment ($1); add to it: permissions: { pull-requests: write }, or set the input comment: false" ;;
        *) say "GitHub did not take the comment ($1); nothing else depends on it" ;;
    esac
}

case $im_mode in
    optimize)
        rm -rf "$INFRAMIND_STATE"
        talk ask >/dev/null
        publish
        if [ -n "${GITHUB_ENV:-}" ] && [ -f "$INFRAMIND_STATE/settings" ]; then
            while IFS='=' read -r im_name im_value; do hand "$im_name" "$im_value" "$GITHUB_ENV"; done <"$INFRAMIND_STATE/settings"
        fi
        hand INFRAMIND_RUN_ID "$(cat "$INFRAMIND_STATE/run-id" 2>/dev/null)" "${GITHUB_ENV:-}"
        talk begin
        summarize
        comment ;;
    report)
        case $im_status in
            success) talk end 0; talk complete success ;;
            cancelled) talk end 143; talk complete aborted ;;
            *) talk end 1; talk complete failure ;;
        esac
        # The reasons stand in the summary already; only a kill is news.
        if [ -e "$INFRAMIND_STATE/oom" ]; then summarize; comment; fi
        rm -rf "$INFRAMIND_STATE" ;;
    run)
        case $im_shell in bash) set -- bash --noprofile --norc -eo pipefail ;; sh) set -- sh -e ;; *) say 'the input "shell" is neither bash nor sh; sh is taken'; set -- sh -e ;; esac
        # Without room for a file the commands go to the shell as an argument.
        if im_script=$(mktemp "$im_temp/inframind-run-XXXXXX") && printf '%s\n' "$im_commands" >"$im_script"; then
            set -- "$@" "$im_script"
        else
            set -- "$@" -c "$im_commands"
        fi
        cd "$im_directory" || { say "there is no folder $im_directory; correct the input working-directory"; exit 1; }
        umask 022
        talk run "$@"
        im_status=$?
        umask 077
        if [ -d "$INFRAMIND_STATE" ]; then publish; summarize; comment; fi
        rm -rf "$im_script" "$INFRAMIND_STATE"
        exit "$im_status" ;;
esac
exit 0
