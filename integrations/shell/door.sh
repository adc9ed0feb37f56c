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
#
# Variables are called im_… because a job may have exported one of any other name, and would find our value in it. Nothing here uses `:`
# with a redirection: a POSIX shell ends where that fails, as on a full disk.
set +x
set +e
# A command that is run gets back what it would have had.
im_umask=$(umask)
im_locale=${LC_ALL-unset}
umask 077
LC_ALL=C
export LC_ALL
im_works=
im_passing=
im_door=$(dirname "$0")

# Whether `inframind` is there and can run: an image may hold one for another machine, or one that hangs.
has_program() {
    if [ -z "$im_works" ]; then
        im_works=1
        if has inframind && [ ! -e "$im_state/no-program" ]; then
            if has timeout; then timeout 5 inframind --version; else inframind --version; fi </dev/null >/dev/null 2>&1
            im_works=$?
            [ "$im_works" = 0 ] || true >"$im_state/no-program"
        fi
    fi
    return "$im_works"
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
        im_system=github im_name=${GITHUB_REPOSITORY:-}${GITHUB_WORKFLOW:+/$GITHUB_WORKFLOW} im_stage=${GITHUB_JOB:-}
        im_branch=${GITHUB_HEAD_REF:-${GITHUB_REF_NAME:-}} im_commit=${GITHUB_SHA:-}
        im_link=${GITHUB_SERVER_URL:-https://github.com}/${GITHUB_REPOSITORY:-}/actions/runs/${GITHUB_RUN_ID:-}
        im_key=${GITHUB_RUN_ID:-}-${GITHUB_RUN_ATTEMPT:-1}-${GITHUB_JOB:-}
    elif [ -n "${GITLAB_CI:-}" ]; then
        im_system=gitlab im_name=${CI_PROJECT_PATH:-} im_stage=${CI_JOB_NAME:-}
        im_branch=${CI_MERGE_REQUEST_SOURCE_BRANCH_NAME:-${CI_COMMIT_BRANCH:-${CI_COMMIT_REF_NAME:-}}} im_commit=${CI_COMMIT_SHA:-}
        im_link=${CI_JOB_URL:-} im_key=${CI_PIPELINE_ID:-}-${CI_JOB_ID:-}
    elif [ -n "${CIRCLECI:-}" ]; then
        im_system=circleci im_name=${CIRCLE_PROJECT_USERNAME:+$CIRCLE_PROJECT_USERNAME/}${CIRCLE_PROJECT_REPONAME:-} im_stage=${CIRCLE_JOB:-}
        im_branch=${CIRCLE_BRANCH:-${CIRCLE_TAG:-}} im_commit=${CIRCLE_SHA1:-}
        im_link=${CIRCLE_BUILD_URL:-} im_key=${CIRCLE_PROJECT_REPONAME:-}-${CIRCLE_BUILD_NUM:-}
    else
        im_system=${INFRAMIND_CI:-} im_name='' im_stage='' im_branch=${INFRAMIND_BRANCH:-} im_commit=${INFRAMIND_COMMIT:-} im_link='' im_key=${INFRAMIND_KEY:-}
    fi
    INFRAMIND_PIPELINE=${INFRAMIND_PIPELINE:-${im_name:-unnamed}}
    im_stage=${INFRAMIND_STAGE:-$im_stage}
    im_step=${INFRAMIND_STEP:-}
    im_named=$im_key
    im_key=$(printf '%s-%s' "${im_system:-ci}" "$im_key" | tr -c 'A-Za-z0-9._-' '-' | head -c 180)
    export INFRAMIND_PIPELINE
}

# What is kept from call to call. The fallback has a guessable name in a folder all may write to, so it must be ours.
enter_state() {
    if [ -n "${INFRAMIND_STATE:-}" ]; then
        im_state=$INFRAMIND_STATE
    elif [ "$im_call" = run ] || [ -z "$im_named" ]; then
        # A command is a run of its own, whatever job is around it; and what belongs to no job cannot be found again.
        im_state=$(mktemp -d)
        im_passing=$im_state
        trap 'rm -rf "$im_passing"' EXIT
    else
        im_state=${TMPDIR:-/tmp}/inframind-$(id -u)-$im_key
    fi
    mkdir -p "$im_state" 2>/dev/null
    if [ -L "$im_state" ] || [ ! -w "$im_state" ] || [ -z "$(find "$im_state" -prune -user "$(id -u)" 2>/dev/null)" ]; then
        say "the folder $im_state cannot be used; set INFRAMIND_STATE to one that can"
        return 1
    fi
    # Jobs of a matrix share every name they have, so chance tells their runs apart.
    [ -n "${INFRAMIND_RUN_ID:-}" ] || INFRAMIND_RUN_ID=$(head -c 300 "$im_state/run-id" 2>/dev/null)
    [ -n "$INFRAMIND_RUN_ID" ] || INFRAMIND_RUN_ID=$im_key-$(od -An -N4 -tx1 /dev/urandom | tr -dc '0-9a-f')
    printf '%s' "$INFRAMIND_RUN_ID" 2>/dev/null >"$im_state/run-id"
    if [ ! -s "$im_state/run-id" ]; then
        say "nothing can be written to $im_state; is the disk full? The build goes on without InfraMind"
        return 1
    fi
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
    HOW=$1 FROM=${3:-} awk -f "$im_door/json.awk" "$2"
}

# The server begins: the same in every door, and written by integrations/pack into those that cannot read this file.
im_most_bytes=262144

has() { command -v "$1" >/dev/null 2>&1; }

# Whether the server may be called: `im_url` and `im_token` are set then, else `im_why`. Both are checked, so that neither can say more to
# curl than it should. What to do about a token that is missing is the caller's to say.
has_address() { # has_address WHAT_TO_DO
    im_url=${INFRAMIND_URL:-http://127.0.0.1:8080}
    im_token=${INFRAMIND_TOKEN:-}
    case $im_url in
        *[!!-~]*|*\"*|*\\*|*\?*|*\#*) im_why='INFRAMIND_URL has characters that no address of a server has; correct it'; return 1 ;;
        http://*|https://*) ;;
        *) im_why='INFRAMIND_URL does not begin with http:// or https://; correct it'; return 1 ;;
    esac
    im_authority=${im_url#*://}
    im_authority=${im_authority%%/*}
    case $im_authority in *@*) im_why='INFRAMIND_URL carries a user name; use a token instead'; return 1 ;; esac
    while :; do case $im_url in */) im_url=${im_url%/} ;; *) break ;; esac; done
    case $im_token in *[!!-~]*|*\"*|*\\*) im_why='INFRAMIND_TOKEN has characters that no token has; copy it again'; return 1 ;; esac
    [ -z "$im_token" ] || return 0
    case $im_authority in
        localhost|localhost:*|127.*|'[::1]'*) im_token=dev-key-change-in-production ;;
        *) im_why="there is no token; $1"; return 1 ;;
    esac
}

file_option() { # file_option OPTION PATH
    case $2 in ''|*\"*|*\\*) ;; *) printf '%s = "%s"\n' "$1" "$2" ;; esac
}

# exchange PATH BODY: prints the answer and, in the last line, its status (000: none) and the exit status of curl. Address and token go to
# curl on its standard input: a command line can be read by everybody on the machine. -q: a .curlrc could ask for headers. Answers are cut
# at a bound, for whoever sends without end.
exchange() {
    {
        {
            printf 'url = "%s%s"\n' "$im_url" "$1"
            printf 'header = "Content-Type: application/json"\n'
            printf 'header = "X-IM-Token: %s"\n' "$im_token"
            file_option cacert "${INFRAMIND_CA_FILE:-}"
            file_option cert "${INFRAMIND_CLIENT_CERTIFICATE:-}"
            file_option key "${INFRAMIND_CLIENT_KEY:-}"
        } | curl -q --config - --silent --globoff --request POST --data-raw "$2" --connect-timeout 2 --max-time 5 \
            --write-out '\n%{http_code}' 2>/dev/null
        printf ' %s' "$?"
    } 2>/dev/null | head -c "$im_most_bytes" | tr -d '\000'
}
# The server ends

# post PATH BODY: the answer is in $im_state/body then.
post() {
    [ -d "$im_state" ] && [ ! -e "$im_state/waited-in-vain" ] || return 1
    has curl || { say 'there is neither inframind nor curl here; install one of them'; return 1; }
    has_address 'set INFRAMIND_TOKEN as a secret of the CI system' || { say "$im_why"; return 1; }
    exchange "$1" "$2" >"$im_state/reply"
    im_outcome=$(tail -n 1 "$im_state/reply")
    case $im_outcome in [0-9][0-9][0-9]' '*) ;; *) im_outcome='000 63' ;; esac
    sed '$d' "$im_state/reply" >"$im_state/body"
    case $im_outcome in
        2??' '*|'409 '*) return 0 ;; # 409: the server knows it already, as after a retry; the first word stands.
        '403 '*) say 'the server refuses the token (403): it is missing, has expired, or lacks the scope "ingest"; renew the secret INFRAMIND_TOKEN' ;;
        '000 '*)
            true >"$im_state/waited-in-vain"
            case ${im_outcome#* } in
                6) im_why='has a name that cannot be resolved' ;;
                7) im_why='cannot be reached' ;;
                28) im_why='did not answer in time' ;;
                35|51|58|60|77) im_why='could not be trusted (TLS)' ;;
                63|23) im_why='answered without end' ;;
                *) im_why="gave no answer (curl: ${im_outcome#* })" ;;
            esac
            say "the server $im_why; is INFRAMIND_URL right, and the server up? The build goes on with its own settings" ;;
        3??' '*) say "the server answered ${im_outcome% *}, a redirection; set INFRAMIND_URL to where it leads" ;;
        *) say "the server answered ${im_outcome% *}: $(json detail "$im_state/body" 2>/dev/null)" ;;
    esac
    return 1
}

# An answer is used only when all of it is sound: a build must not be started with a million jobs.
adopt() { # adopt FILE
    if ! json settings "$1" >"$im_state/settings.new" 2>/dev/null; then
        say 'what answered is no InfraMind, or a newer one than this understands; is INFRAMIND_URL right?'
        return 1
    fi
    cp "$1" "$im_state/answer.json"
    mv "$im_state/settings.new" "$im_state/settings"
}

ask() {
    rm -f "$im_state/settings" "$im_state/answer.json"
    if has_program; then
        program optimize --json --pipeline="$INFRAMIND_PIPELINE" ${im_stage:+"--stage=$im_stage"} ${im_step:+"--step=$im_step"} \
            ${INFRAMIND_TOOL:+"--tool=$INFRAMIND_TOOL"} 2>"$im_state/words" | head -c "$im_most_bytes" >"$im_state/body"
        if [ -s "$im_state/body" ]; then adopt "$im_state/body" && tell; return; fi
        if [ -s "$im_state/words" ]; then say "$(head -n 1 "$im_state/words"); the build goes on with its own settings"; return; fi
    fi
    post /optimize "{\"pipeline\":$(quoted "$INFRAMIND_PIPELINE"),\"run_id\":$(quoted "$INFRAMIND_RUN_ID")${im_stage:+,\"stage\":$(quoted "$im_stage")}${im_step:+,\"step\":$(quoted "$im_step")},\"context\":{\"branch\":$(quoted "$im_branch")${INFRAMIND_TOOL:+,\"tool\":$(quoted "$INFRAMIND_TOOL")}}}" \
        && adopt "$im_state/body" && tell
}

tell() { say "$(json summary "$im_state/answer.json")"; }

setting() { [ -f "$im_state/settings" ] && sed -n "s/^$1=//p" "$im_state/settings"; }

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

# How many processes the kernel has killed in this container for want of memory; nothing where that cannot be read.
oom_kills() {
    im_root=${INFRAMIND_CGROUP:-/sys/fs/cgroup}
    for im_file in "$im_root/memory.events" "$im_root/memory/memory.oom_control"; do
        [ -r "$im_file" ] && { sed -n 's/^oom_kill //p' "$im_file"; return; }
    done
}

start_run() {
    im_recommendation=${INFRAMIND_RECOMMENDATION_ID:-$(setting INFRAMIND_RECOMMENDATION_ID)}
    post /builds/start "{\"pipeline\":$(quoted "$INFRAMIND_PIPELINE"),\"run_id\":$(quoted "$INFRAMIND_RUN_ID"),\"branch\":$(quoted "$im_branch"),\"commit\":$(quoted "$im_commit"),\"image\":$(quoted "${INFRAMIND_IMAGE:-${CI_JOB_IMAGE:-}}")${im_recommendation:+,\"recommendation_id\":$(quoted "$im_recommendation")}${im_system:+,\"ci\":{\"system\":$(quoted "$im_system"),\"url\":$(quoted "$im_link")\}}}"
}

begin() {
    im_step=${im_step:-build}
    if [ -n "$im_passing" ] && [ "$im_call" = begin ]; then
        say 'nothing is measured: "end" would not find what "begin" noted; set INFRAMIND_STATE to a folder, or INFRAMIND_KEY to the name of the job'
        return
    fi
    date +%s >"$im_state/began"
    oom_kills >"$im_state/oom-before"
    if has_program; then
        program_state
        if program step begin ${im_stage:+"--stage=$im_stage"} --pipeline="$INFRAMIND_PIPELINE" -- "$im_step" >"$im_state/words" 2>&1; then
            true >"$im_state/measured"
            return
        fi
        say "inframind could not begin the step: $(head -n 1 "$im_state/words")"
    fi
    im_span=$(od -An -N8 -tx1 /dev/urandom | tr -dc '0-9a-f')
    start_run && post /builds/step "{\"run_id\":$(quoted "$INFRAMIND_RUN_ID"),\"stage\":$(quoted "$im_stage"),\"step\":$(quoted "$im_step"),\"span_id\":\"$im_span\",\"event\":\"start\",\"timestamp\":\"$(now)\"}" \
        && printf '%s' "$im_span" >"$im_state/span"
}

# A folder of its own for the step that began; what waits for a server that is away stays where the next job finds it.
program_state() {
    INFRAMIND_SPOOL=${INFRAMIND_SPOOL:-${XDG_STATE_HOME:-${HOME:-$im_state}/.local/state}/inframind/spool/$(printf %s "${INFRAMIND_URL:-}" | tr -c 'A-Za-z0-9.-' _ | head -c 150)}
    XDG_STATE_HOME=$im_state
    im_recommendation=${INFRAMIND_RECOMMENDATION_ID:-$(setting INFRAMIND_RECOMMENDATION_ID)}
    [ -z "$im_recommendation" ] || { INFRAMIND_RECOMMENDATION_ID=$im_recommendation; export INFRAMIND_RECOMMENDATION_ID; }
    mkdir -p "$INFRAMIND_SPOOL" 2>/dev/null
    export INFRAMIND_SPOOL XDG_STATE_HOME
}

killed_since() { # how many OOM kills since `begin`; nothing when that is not known
    im_before=$(cat "$im_state/oom-before" 2>/dev/null)
    im_after=$(oom_kills)
    case $im_before$im_after in ''|*[!0-9]*) return ;; esac
    [ -n "$im_before" ] && [ -n "$im_after" ] && echo $((im_after - im_before))
}

end() {
    [ -f "$im_state/began" ] || return
    im_step=${im_step:-build}
    im_exit_code=${1:-0}
    case $im_exit_code in ''|*[!0-9]*) im_exit_code=1 ;; esac
    im_kills=$(killed_since)
    [ "${im_kills:-0}" = 0 ] || { true >"$im_state/oom"; say "the kernel killed $im_kills of its processes for want of memory; the next run is given more"; }
    if [ -f "$im_state/measured" ]; then
        program_state
        program step end --exit-code="$im_exit_code" -- "$im_step" >"$im_state/words" 2>&1 || say "inframind could not end the step: $(head -n 1 "$im_state/words")"
        rm -f "$im_state/measured"
    elif [ -f "$im_state/span" ]; then
        im_span=$(cat "$im_state/span")
        rm -f "$im_state/span"
        post /builds/step "{\"run_id\":$(quoted "$INFRAMIND_RUN_ID"),\"stage\":$(quoted "$im_stage"),\"step\":$(quoted "$im_step"),\"span_id\":\"$im_span\",\"event\":\"stop\",\"timestamp\":\"$(now)\",\"counters\":{\"exit_code\":$im_exit_code${im_kills:+,\"oom_kills\":$im_kills}}}"
    fi
}

finish() {
    [ -f "$im_state/began" ] || return
    im_status=${1:-success}
    case $im_status in success|failure|error|timeout|aborted|oom_killed) ;; *) im_status=failure ;; esac
    if [ "$im_status" = failure ] && [ -f "$im_state/oom" ]; then im_status=oom_killed; fi
    im_began=$(cat "$im_state/began" 2>/dev/null)
    # What a command does to its temporary files is its own affair.
    case $im_began in ''|0*|*[!0-9]*) im_seconds=0 ;; *) im_seconds=$(($(date +%s) - im_began)) ;; esac
    rm -f "$im_state/began"
    if has_program; then
        program_state
        program complete --status="$im_status" --duration="$im_seconds" >"$im_state/words" 2>&1 && return
        say "$(head -n 1 "$im_state/words")"
    else
        post /builds/complete "{\"run_id\":$(quoted "$INFRAMIND_RUN_ID"),\"status\":\"$im_status\",\"duration_s\":$im_seconds}"
    fi
}

# The command gets what was recommended, the locale and the permissions of the job, and not our token.
release() {
    umask "$im_umask"
    if [ "$im_locale" = unset ]; then unset LC_ALL; else LC_ALL=$im_locale; fi
    unset INFRAMIND_STATE INFRAMIND_CLASSES
}

# The command, measured by `inframind`. Fails only where the command was not even started: by a release that does not know an option, by
# one that this processor cannot run, by another program of that name.
run_with_program() { # the status of the command is in im_code then
    rm -f "$im_state/report.json"
    # The command empties this file when it starts, which works on a full disk, too; and when it then takes the file away, it has started.
    echo waiting >"$im_state/waiting"
    [ -s "$im_state/waiting" ] || return 1
    (
        release
        # shellcheck disable=SC2016  # The shell inside expands them.
        exec inframind run --pipeline="$INFRAMIND_PIPELINE" ${im_stage:+"--stage=$im_stage"} --step="${im_step:-run}" \
            --optimize-timeout-ms 3000 --report-timeout-ms 3000 --report "$im_state/report.json" \
            -- sh -c 'true >"$0"; unset INFRAMIND_TOKEN; exec "$@"' "$im_state/waiting" "$@"
    )
    im_code=$?
    case $im_code in
        129|130|137|143) ;; # Somebody stopped it.
        *) [ ! -s "$im_state/waiting" ] || { say "inframind ended with $im_code and had not started the command, which now runs without it"; return 1; } ;;
    esac
    [ -f "$im_state/report.json" ] || return 0
    case $(json value "$im_state/report.json" counters.oom_kills 2>/dev/null) in ''|0) ;; *) true >"$im_state/oom" ;; esac
    if [ "$(json kind "$im_state/report.json" recommendation 2>/dev/null)" = o ]; then
        adopt "$im_state/report.json" && tell
    else
        say "no recommendation came; see inframind doctor. $(json value "$im_state/report.json" delivery_reason 2>/dev/null)"
    fi
    return 0
}

run() {
    if has_program; then
        run_with_program "$@" && return "$im_code"
        im_works=1
    fi
    ask
    begin
    (
        release
        unset INFRAMIND_TOKEN
        [ ! -f "$im_state/settings" ] || while IFS= read -r im_line; do export "${im_line?}"; done <"$im_state/settings"
        exec "$@"
    )
    im_code=$?
    [ -f "$im_state/began" ] || say 'nothing is reported: the command took its temporary files away, and ours with them'
    end "$im_code"
    if [ "$im_code" = 0 ]; then finish success; else finish failure; fi
    return "$im_code"
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
        }' 2>"$im_state/words"
    [ ! -s "$im_state/words" ] || say "$(head -n 1 "$im_state/words")"
}

kubernetes() {
    [ -f "$im_state/settings" ] || return
    im_cpu=$(setting IM_CPU_REQUEST)
    im_memory=$(setting IM_MEM_LIMIT_GB)
    printf 'KUBERNETES_CPU_REQUEST=%s\nKUBERNETES_CPU_LIMIT=%s\nKUBERNETES_MEMORY_REQUEST=%sGi\nKUBERNETES_MEMORY_LIMIT=%sGi\n' "$im_cpu" "$im_cpu" "$im_memory" "$im_memory"
}

step_specs() {
    [ -f "$im_state/settings" ] || { printf '{}\n'; return; }
    im_size="{\"cpu\":\"$(setting IM_CPU_REQUEST)\",\"memory\":\"$(setting IM_MEM_LIMIT_GB)Gi\"}"
    printf '{"spec":{"stepSpecs":[{"name":%s,"computeResources":{"requests":%s,"limits":%s}}]}}\n' "$(quoted "${1:-build}")" "$im_size" "$im_size"
}

im_call=${1:-}
[ $# -eq 0 ] || shift
if [ "${INFRAMIND_DISABLE:-}" = 1 ] || ! { identify && enter_state; }; then
    [ -z "$im_passing" ] || rm -rf "$im_passing"
    [ "$im_call" = run ] || exit 0
    release
    unset INFRAMIND_TOKEN
    exec "$@"
fi
case $im_call in
    ask)
        ask
        printf 'INFRAMIND_RUN_ID=%s\n' "$(printf %s "$INFRAMIND_RUN_ID" | tr -c 'A-Za-z0-9._:-' '-')"
        [ ! -f "$im_state/settings" ] || cat "$im_state/settings" ;;
    begin) begin ;;
    end) end "$@" ;;
    complete)
        finish "$@"
        # The job is over; a folder of the user's own choice is theirs.
        [ -n "${INFRAMIND_STATE:-}" ] || rm -rf "$im_state" ;;
    run) run "$@"; exit $? ;;
    class) class ;;
    kubernetes) kubernetes ;;
    step-specs) step_specs "$@" ;;
    rationale) [ ! -f "$im_state/answer.json" ] || json summary "$im_state/answer.json" ;;
    card) [ ! -f "$im_state/answer.json" ] || json card "$im_state/answer.json" ;;
    changed) [ -f "$im_state/answer.json" ] && json changed "$im_state/answer.json"; exit $? ;;
    *) say "door.sh does not know the call '$im_call'; see the head of it" ;;
esac
exit 0
