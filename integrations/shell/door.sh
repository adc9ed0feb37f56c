#!/bin/sh
# Talks to InfraMind for a CI system: POSIX sh with awk, and curl or `inframind`. All that comes from outside arrives in the environment,
# so nothing of it is ever read as a command. Nothing here ends a build: a call that fails says one line on standard error.
#
#   door.sh ask                  prints what the next run should be given, as NAME=value; values are digits, letters and . _ : -
#   door.sh begin | end [EXIT]   measures what happens in between, as one step
#   door.sh complete [STATUS]    ends the run: success (default), failure, error, timeout, aborted, oom_killed
#   door.sh run COMMAND …        asks, runs a command as a step, reports it, and exits with its status
#   door.sh class                prints the row of INFRAMIND_CLASSES that holds what the last `ask` was told
#   door.sh kubernetes           prints that as NAME=value for GitLab's Kubernetes executor
#   door.sh step-specs NAME      prints that as a patch of a Tekton TaskRun, for its step NAME
#   door.sh rationale | card     prints why, in one line or as Markdown
#   door.sh changed              exits 0 when the recommendation differs from what the build would be given without it
#
#   INFRAMIND_URL, INFRAMIND_TOKEN        the server
#   INFRAMIND_PIPELINE, _STAGE, _STEP, _TOOL, _RUN_ID     what is built; by default what the CI system calls it
#   INFRAMIND_CLASSES                     sizes that can be had, smallest first: lines of NAME CPU MEMORY_GIB; `default` behind one
#                                         makes it the answer where there is no other (else the last)
#   INFRAMIND_STATE                       a folder that is kept from call to call of one job
#   INFRAMIND_KEY                         the name of this one job, where no known CI system gives one: the folder is found by it
#   INFRAMIND_DISABLE=1                   do nothing
set +x
set +e
# A command that is run gets back what it would have had.
its_umask=$(umask)
its_locale=${LC_ALL-unset}
umask 077
LC_ALL=C
export LC_ALL
most_bytes=131072
door=$(dirname "$0")

has() { command -v "$1" >/dev/null 2>&1; }

# Whether `inframind` is there and can run: an image may hold one for another machine.
has_program() {
    [ -n "${works:-}" ] || { has inframind && inframind --version </dev/null >/dev/null 2>&1; works=$?; }
    return "$works"
}

# One line that a log can show. Control and format characters drive terminals and end lines; GitHub's runner takes orders from `::` where
# a line begins, and from `##[` anywhere.
plain() {
    printf '%s' "$1" | tr '\000-\037\177' ' ' | head -c 4096 \
        | sed -e 's/##/# #/g' -e "s/$(printf '\302')[$(printf '\200')-$(printf '\237')]/ /g" \
            -e "s/$(printf '\342\200')[$(printf '\213')-$(printf '\217')$(printf '\250')-$(printf '\256')]/ /g" \
            -e "s/$(printf '\342\201')[$(printf '\240')-$(printf '\257')]/ /g" -e 's/^[: ]*//' -e 's/ *$//' | head -c "${2:-600}"
}

say() { printf 'InfraMind: %s\n' "$(plain "$1")" >&2; }

# inframind keeps to short limits of its own; this is for one that hangs.
program() {
    if has timeout; then timeout 20 inframind "$@" </dev/null; else inframind "$@" </dev/null; fi
}

# The names are those of `inframind` itself, so that its history and ours are one.
identify() {
    if [ -n "${GITHUB_ACTIONS:-}" ]; then
        system=github name=${GITHUB_REPOSITORY:-}${GITHUB_WORKFLOW:+/$GITHUB_WORKFLOW} stage=${GITHUB_JOB:-}
        branch=${GITHUB_HEAD_REF:-${GITHUB_REF_NAME:-}} commit=${GITHUB_SHA:-}
        link=${GITHUB_SERVER_URL:-https://github.com}/${GITHUB_REPOSITORY:-}/actions/runs/${GITHUB_RUN_ID:-}
        key=${GITHUB_RUN_ID:-}-${GITHUB_RUN_ATTEMPT:-1}-${GITHUB_JOB:-}
    elif [ -n "${GITLAB_CI:-}" ]; then
        system=gitlab name=${CI_PROJECT_PATH:-} stage=${CI_JOB_NAME:-}
        branch=${CI_MERGE_REQUEST_SOURCE_BRANCH_NAME:-${CI_COMMIT_BRANCH:-${CI_COMMIT_REF_NAME:-}}} commit=${CI_COMMIT_SHA:-}
        link=${CI_JOB_URL:-} key=${CI_PIPELINE_ID:-}-${CI_JOB_ID:-}
    elif [ -n "${CIRCLECI:-}" ]; then
        system=circleci name=${CIRCLE_PROJECT_USERNAME:+$CIRCLE_PROJECT_USERNAME/}${CIRCLE_PROJECT_REPONAME:-} stage=${CIRCLE_JOB:-}
        branch=${CIRCLE_BRANCH:-${CIRCLE_TAG:-}} commit=${CIRCLE_SHA1:-}
        link=${CIRCLE_BUILD_URL:-} key=${CIRCLE_PROJECT_REPONAME:-}-${CIRCLE_BUILD_NUM:-}
    else
        system=${INFRAMIND_CI:-} name='' stage='' branch=${INFRAMIND_BRANCH:-} commit=${INFRAMIND_COMMIT:-} link='' key=${INFRAMIND_KEY:-}
    fi
    INFRAMIND_PIPELINE=${INFRAMIND_PIPELINE:-${name:-unnamed}}
    stage=${INFRAMIND_STAGE:-$stage}
    step=${INFRAMIND_STEP:-}
    named=$key
    key=$(printf '%s-%s' "${system:-ci}" "$key" | tr -c 'A-Za-z0-9._-' '-' | head -c 180)
    export INFRAMIND_PIPELINE
}

# What is kept from call to call. The fallback has a guessable name in a folder all may write to, so it must be ours.
enter_state() {
    passing=
    if [ -n "${INFRAMIND_STATE:-}" ]; then
        state=$INFRAMIND_STATE
    elif [ "$call" = run ] || [ -z "$named" ]; then
        # A command is a run of its own, whatever job is around it; and what belongs to no job cannot be found again.
        state=$(mktemp -d)
        passing=$state
        trap 'rm -rf "$passing"' EXIT
    else
        state=${TMPDIR:-/tmp}/inframind-$(id -u)-$key
    fi
    mkdir -p "$state" 2>/dev/null
    if [ -L "$state" ] || [ ! -w "$state" ] || [ -z "$(find "$state" -prune -user "$(id -u)" 2>/dev/null)" ]; then
        say "the folder $state cannot be used; set INFRAMIND_STATE to one that can"
        return 1
    fi
    # Jobs of a matrix share every name they have, so chance tells their runs apart.
    [ -n "${INFRAMIND_RUN_ID:-}" ] || INFRAMIND_RUN_ID=$(cat "$state/run-id" 2>/dev/null)
    [ -n "$INFRAMIND_RUN_ID" ] || INFRAMIND_RUN_ID=$key-$(od -An -N4 -tx1 /dev/urandom | tr -dc '0-9a-f')
    printf '%s' "$INFRAMIND_RUN_ID" >"$state/run-id"
    export INFRAMIND_RUN_ID
}

# A text as a string of JSON. It arrives in awk as data, whatever it holds.
quoted() {
    INFRAMIND_TEXT=$1 awk 'BEGIN {
        text = ENVIRON["INFRAMIND_TEXT"]
        gsub(/[\001-\037\177]/, " ", text)
        if (length(text) > 1000) {
            # No character may be cut in two.
            text = substr(text, 1, 1000); sub(/[\200-\277]*$/, "", text); sub(/[\300-\377]$/, "", text)
        }
        for (i = 1; i <= length(text); i++) {
            c = substr(text, i, 1)
            out = out (c == "\\" || c == "\"" ? "\\" c : c)
        }
        printf "\"%s\"", out
    }'
}

# json HOW FILE [FROM]: see json.awk.
json() {
    HOW=$1 FROM=${3:-} awk -f "$door/json.awk" "$2"
}

file_option() { # file_option OPTION PATH
    case $2 in ''|*\"*|*\\*) ;; *) printf '%s = "%s"\n' "$1" "$2" ;; esac
}

# Whether the server may be called. Address and token are checked, so that neither can say more to curl than it should.
prepare() {
    [ ! -e "$state/waited-in-vain" ] || return 1
    has curl || { say 'there is neither inframind nor curl here; install one of them'; return 1; }
    url=${INFRAMIND_URL:-http://127.0.0.1:8080}
    token=${INFRAMIND_TOKEN:-}
    case $url in
        *[!!-~]*|*\"*|*\\*|*\?*|*\#*) say 'INFRAMIND_URL has characters that no address of a server has; correct it'; return 1 ;;
        http://*|https://*) ;;
        *) say 'INFRAMIND_URL does not begin with http:// or https://; correct it'; return 1 ;;
    esac
    authority=${url#*://}
    authority=${authority%%/*}
    case $authority in *@*) say 'INFRAMIND_URL carries a user name; use a token instead'; return 1 ;; esac
    while :; do case $url in */) url=${url%/} ;; *) break ;; esac; done
    case $token in *[!!-~]*|*\"*|*\\*) say 'INFRAMIND_TOKEN has characters that no token has; copy it again'; return 1 ;; esac
    if [ -z "$token" ]; then
        case $authority in
            localhost|localhost:*|127.*|'[::1]'*) token=dev-key-change-in-production ;;
            *) say 'there is no token; set INFRAMIND_TOKEN as a secret of the CI system'; return 1 ;;
        esac
    fi
}

# post PATH BODY: the answer is in $state/reply then. Address and token go to curl on its standard input: a command line can be read by
# everybody on the machine. -q: a .curlrc could ask for headers. Answers are cut at a bound, for whoever sends without end.
post() {
    prepare || return 1
    {
        {
            printf 'url = "%s%s"\n' "$url" "$1"
            printf 'header = "Content-Type: application/json"\n'
            printf 'header = "X-IM-Token: %s"\n' "$token"
            file_option cacert "${INFRAMIND_CA_FILE:-}"
            file_option cert "${INFRAMIND_CLIENT_CERTIFICATE:-}"
            file_option key "${INFRAMIND_CLIENT_KEY:-}"
        } | curl -q --config - --silent --globoff --request POST --data-raw "$2" --connect-timeout 2 --max-time 5 \
            --write-out '\n%{http_code}' 2>/dev/null
        printf ' %s' "$?"
    } 2>/dev/null | head -c "$most_bytes" | tr -d '\000' >"$state/reply"
    outcome=$(tail -n 1 "$state/reply")
    case $outcome in [0-9][0-9][0-9]' '*) ;; *) outcome='000 63' ;; esac
    sed '$d' "$state/reply" >"$state/body"
    case $outcome in
        2??' '*|'409 '*) return 0 ;; # 409: the server knows it already, as after a retry; the first word stands.
        '403 '*) say 'the server refuses the token (403): it is missing, has expired, or lacks the scope "ingest"; renew the secret INFRAMIND_TOKEN' ;;
        '000 '*)
            : >"$state/waited-in-vain"
            case ${outcome#* } in
                6) why='has a name that cannot be resolved' ;;
                7) why='cannot be reached' ;;
                28) why='did not answer in time' ;;
                35|51|58|60|77) why='could not be trusted (TLS)' ;;
                63|23) why='answered without end' ;;
                *) why="gave no answer (curl: ${outcome#* })" ;;
            esac
            say "the server $why; is INFRAMIND_URL right, and the server up? The build goes on with its own settings" ;;
        3??' '*) say "the server answered ${outcome% *}, a redirection; set INFRAMIND_URL to where it leads" ;;
        *) say "the server answered ${outcome% *}: $(json detail "$state/body" 2>/dev/null)" ;;
    esac
    return 1
}

# An answer is used only when all of it is sound: a build must not be started with a million jobs.
adopt() { # adopt FILE
    if ! json settings "$1" >"$state/settings.new" 2>/dev/null; then
        say 'what answered is no InfraMind, or a newer one than this understands; is INFRAMIND_URL right?'
        return 1
    fi
    cp "$1" "$state/answer.json"
    mv "$state/settings.new" "$state/settings"
}

ask() {
    rm -f "$state/settings" "$state/answer.json"
    if has_program; then
        program optimize --json --pipeline="$INFRAMIND_PIPELINE" ${stage:+"--stage=$stage"} ${step:+"--step=$step"} \
            ${INFRAMIND_TOOL:+"--tool=$INFRAMIND_TOOL"} 2>"$state/words" | head -c "$most_bytes" >"$state/body"
        if [ -s "$state/body" ]; then adopt "$state/body" && tell; return; fi
        if [ -s "$state/words" ]; then say "$(head -n 1 "$state/words"); the build goes on with its own settings"; return; fi
    fi
    post /optimize "{\"pipeline\":$(quoted "$INFRAMIND_PIPELINE"),\"run_id\":$(quoted "$INFRAMIND_RUN_ID")${stage:+,\"stage\":$(quoted "$stage")}${step:+,\"step\":$(quoted "$step")},\"context\":{\"branch\":$(quoted "$branch")${INFRAMIND_TOOL:+,\"tool\":$(quoted "$INFRAMIND_TOOL")}}}" \
        && adopt "$state/body" && tell
}

tell() { say "$(json summary "$state/answer.json")"; }

setting() { [ -f "$state/settings" ] && sed -n "s/^$1=//p" "$state/settings"; }

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

# How many processes the kernel has killed in this container for want of memory; nothing where that cannot be read.
oom_kills() {
    root=${INFRAMIND_CGROUP:-/sys/fs/cgroup}
    for file in "$root/memory.events" "$root/memory/memory.oom_control"; do
        [ -r "$file" ] && { sed -n 's/^oom_kill //p' "$file"; return; }
    done
}

start_run() {
    recommendation=${INFRAMIND_RECOMMENDATION_ID:-$(setting INFRAMIND_RECOMMENDATION_ID)}
    post /builds/start "{\"pipeline\":$(quoted "$INFRAMIND_PIPELINE"),\"run_id\":$(quoted "$INFRAMIND_RUN_ID"),\"branch\":$(quoted "$branch"),\"commit\":$(quoted "$commit"),\"image\":$(quoted "${INFRAMIND_IMAGE:-${CI_JOB_IMAGE:-}}")${recommendation:+,\"recommendation_id\":$(quoted "$recommendation")}${system:+,\"ci\":{\"system\":$(quoted "$system"),\"url\":$(quoted "$link")\}}}"
}

begin() {
    step=${step:-build}
    if [ -n "$passing" ] && [ "$call" = begin ]; then
        say 'nothing is measured: "end" would not find what "begin" noted; set INFRAMIND_STATE to a folder, or INFRAMIND_KEY to the name of the job'
        return
    fi
    date +%s >"$state/began"
    oom_kills >"$state/oom-before"
    if has_program; then
        program_state
        if program step begin ${stage:+"--stage=$stage"} --pipeline="$INFRAMIND_PIPELINE" -- "$step" >"$state/words" 2>&1; then
            : >"$state/measured"
            return
        fi
        say "inframind could not begin the step: $(head -n 1 "$state/words")"
    fi
    span=$(od -An -N8 -tx1 /dev/urandom | tr -dc '0-9a-f')
    start_run && post /builds/step "{\"run_id\":$(quoted "$INFRAMIND_RUN_ID"),\"stage\":$(quoted "$stage"),\"step\":$(quoted "$step"),\"span_id\":\"$span\",\"event\":\"start\",\"timestamp\":\"$(now)\"}" \
        && printf '%s' "$span" >"$state/span"
}

# A folder of its own for the step that began; what waits for a server that is away stays where the next job finds it.
program_state() {
    INFRAMIND_SPOOL=${INFRAMIND_SPOOL:-${XDG_STATE_HOME:-${HOME:-$state}/.local/state}/inframind/spool/$(printf %s "${INFRAMIND_URL:-}" | tr -c 'A-Za-z0-9.-' _ | head -c 150)}
    XDG_STATE_HOME=$state
    recommendation=${INFRAMIND_RECOMMENDATION_ID:-$(setting INFRAMIND_RECOMMENDATION_ID)}
    [ -z "$recommendation" ] || { INFRAMIND_RECOMMENDATION_ID=$recommendation; export INFRAMIND_RECOMMENDATION_ID; }
    mkdir -p "$INFRAMIND_SPOOL" 2>/dev/null
    export INFRAMIND_SPOOL XDG_STATE_HOME
}

killed_since() { # how many OOM kills since `begin`; nothing when that is not known
    before=$(cat "$state/oom-before" 2>/dev/null)
    after=$(oom_kills)
    case $before$after in ''|*[!0-9]*) return ;; esac
    [ -n "$before" ] && [ -n "$after" ] && echo $((after - before))
}

end() {
    [ -f "$state/began" ] || return
    step=${step:-build}
    exit_code=${1:-0}
    case $exit_code in ''|*[!0-9]*) exit_code=1 ;; esac
    kills=$(killed_since)
    [ "${kills:-0}" = 0 ] || { : >"$state/oom"; say "the kernel killed $kills of its processes for want of memory; the next run is given more"; }
    if [ -f "$state/measured" ]; then
        program_state
        program step end --exit-code="$exit_code" -- "$step" >"$state/words" 2>&1 || say "inframind could not end the step: $(head -n 1 "$state/words")"
        rm -f "$state/measured"
    elif [ -f "$state/span" ]; then
        span=$(cat "$state/span")
        rm -f "$state/span"
        post /builds/step "{\"run_id\":$(quoted "$INFRAMIND_RUN_ID"),\"stage\":$(quoted "$stage"),\"step\":$(quoted "$step"),\"span_id\":\"$span\",\"event\":\"stop\",\"timestamp\":\"$(now)\",\"counters\":{\"exit_code\":$exit_code${kills:+,\"oom_kills\":$kills}}}"
    fi
}

finish() {
    [ -f "$state/began" ] || return
    status=${1:-success}
    case $status in success|failure|error|timeout|aborted|oom_killed) ;; *) status=failure ;; esac
    if [ "$status" = failure ] && [ -f "$state/oom" ]; then status=oom_killed; fi
    seconds=$(($(date +%s) - $(cat "$state/began")))
    rm -f "$state/began"
    if has_program; then
        program_state
        program complete --status="$status" --duration="$seconds" >"$state/words" 2>&1 && return
        say "$(head -n 1 "$state/words")"
    else
        post /builds/complete "{\"run_id\":$(quoted "$INFRAMIND_RUN_ID"),\"status\":\"$status\",\"duration_s\":$seconds}"
    fi
}

# The command gets what was recommended, the locale and the permissions of the job, and not our token.
release() {
    umask "$its_umask"
    if [ "$its_locale" = unset ]; then unset LC_ALL; else LC_ALL=$its_locale; fi
    unset INFRAMIND_STATE INFRAMIND_CLASSES
}

run() {
    if has_program; then
        rm -f "$state/report.json"
        (
            release
            exec inframind run --pipeline="$INFRAMIND_PIPELINE" ${stage:+"--stage=$stage"} --step="${step:-run}" \
                --optimize-timeout-ms 3000 --report-timeout-ms 3000 --report "$state/report.json" -- sh -c 'unset INFRAMIND_TOKEN; exec "$@"' sh "$@"
        )
        code=$?
        [ -f "$state/report.json" ] || return "$code"
        case $(json value "$state/report.json" counters.oom_kills 2>/dev/null) in ''|0) ;; *) : >"$state/oom" ;; esac
        if [ "$(json kind "$state/report.json" recommendation 2>/dev/null)" = o ]; then
            adopt "$state/report.json" && tell
        else
            say "no recommendation came; see inframind doctor. $(json value "$state/report.json" delivery_reason 2>/dev/null)"
        fi
        return "$code"
    fi
    ask
    begin
    (
        release
        unset INFRAMIND_TOKEN
        [ ! -f "$state/settings" ] || while IFS= read -r line; do export "${line?}"; done <"$state/settings"
        exec "$@"
    )
    code=$?
    end "$code"
    if [ "$code" = 0 ]; then finish success; else finish failure; fi
    return "$code"
}

# The first row that holds the recommendation. What a class costs, and which there are, is the user's knowledge; nothing is computed.
class() {
    printf '%s\n' "${INFRAMIND_CLASSES:-}" | CPU=$(setting IM_CPU_REQUEST) MEMORY=$(setting IM_MEM_LIMIT_GB) awk '
        { sub(/\r$/, "") }
        NF == 0 || $1 ~ /^#/ { next }
        NF < 3 || $1 !~ /^[A-Za-z0-9._+-]+$/ || $2 !~ /^[0-9]+([.][0-9]+)?$/ || $3 !~ /^[0-9]+([.][0-9]+)?$/ { odd = 1; next }
        { last = $1 }
        $4 == "default" { fallback = $1 }
        chosen == "" && ENVIRON["CPU"] != "" && $2 + 0 >= ENVIRON["CPU"] + 0 && $3 + 0 >= ENVIRON["MEMORY"] + 0 { chosen = $1 }
        END {
            if (odd) print "a line of INFRAMIND_CLASSES is not NAME CPU MEMORY_GIB; it is left out" > "/dev/stderr"
            # Too small would break a build: more than all that can be had gets the largest.
            print chosen != "" ? chosen : ENVIRON["CPU"] != "" ? last : fallback != "" ? fallback : last
        }' 2>"$state/words"
    [ ! -s "$state/words" ] || say "$(head -n 1 "$state/words")"
}

kubernetes() {
    [ -f "$state/settings" ] || return
    cpu=$(setting IM_CPU_REQUEST)
    memory=$(setting IM_MEM_LIMIT_GB)
    printf 'KUBERNETES_CPU_REQUEST=%s\nKUBERNETES_CPU_LIMIT=%s\nKUBERNETES_MEMORY_REQUEST=%sGi\nKUBERNETES_MEMORY_LIMIT=%sGi\n' "$cpu" "$cpu" "$memory" "$memory"
}

step_specs() {
    [ -f "$state/settings" ] || { printf '{}\n'; return; }
    size="{\"cpu\":\"$(setting IM_CPU_REQUEST)\",\"memory\":\"$(setting IM_MEM_LIMIT_GB)Gi\"}"
    printf '{"spec":{"stepSpecs":[{"name":%s,"computeResources":{"requests":%s,"limits":%s}}]}}\n' "$(quoted "${1:-build}")" "$size" "$size"
}

call=${1:-}
[ $# -eq 0 ] || shift
if [ "${INFRAMIND_DISABLE:-}" = 1 ] || ! { identify && enter_state; }; then
    [ "$call" = run ] || exit 0
    release
    unset INFRAMIND_TOKEN
    exec "$@"
fi
case $call in
    ask)
        ask
        printf 'INFRAMIND_RUN_ID=%s\n' "$(printf %s "$INFRAMIND_RUN_ID" | tr -c 'A-Za-z0-9._:-' '-')"
        [ ! -f "$state/settings" ] || cat "$state/settings" ;;
    begin) begin ;;
    end) end "$@" ;;
    complete)
        finish "$@"
        # The job is over; a folder of the user's own choice is theirs.
        [ -n "${INFRAMIND_STATE:-}" ] || rm -rf "$state" ;;
    run) run "$@"; exit $? ;;
    class) class ;;
    kubernetes) kubernetes ;;
    step-specs) step_specs "$@" ;;
    rationale) [ ! -f "$state/answer.json" ] || json summary "$state/answer.json" ;;
    card) [ ! -f "$state/answer.json" ] || json card "$state/answer.json" ;;
    changed) [ -f "$state/answer.json" ] && json changed "$state/answer.json"; exit $? ;;
    *) say "door.sh does not know the call '$call'; see the head of it" ;;
esac
exit 0
