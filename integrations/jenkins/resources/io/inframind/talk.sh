#!/bin/sh
# Talks to InfraMind for the Jenkins library, from whatever agent the build is on: POSIX sh and curl, and `inframind` where
# it is. All that comes from outside arrives in the environment, so nothing of it is ever read as a command.
#
#   INFRAMIND_CALL           what to do: ask, begin, end, complete
#   INFRAMIND_CALL_POSTS     requests, separated by tabs: path, body, path, body …
#   INFRAMIND_CALL_STEP, _STAGE, _SPAN, _EXIT, _MEASURED, _STATUS, _DURATION, _TOOL     what `inframind` is told
#   INFRAMIND_URL, INFRAMIND_TOKEN, INFRAMIND_RUN_ID, INFRAMIND_PIPELINE
#
# Always exits 0. The last line of the output is the outcome:
#   done WORD                `inframind` did it; anything it said stands above
#   http STATUS CURL         the status of the last answer (000: none) and the exit status of curl; its body stands above
#   none REASON              nothing could be tried
set +x
set +e
umask 077
LC_ALL=C
export LC_ALL
readonly most_bytes=262144
tab=$(printf '\t')

has() { command -v "$1" >/dev/null 2>&1; }

# inframind keeps to short limits of its own; this is for one that hangs.
program() {
    if has timeout; then timeout 20 inframind "$@" </dev/null 2>&1; else inframind "$@" </dev/null 2>&1; fi
}

# Parallel branches may measure steps of one name on one machine. Each gets a folder of its own for the step that began; what
# waits for a server that is away stays where the next build finds it.
enter_state() {
    for base in "${XDG_STATE_HOME:-}" "${HOME:+$HOME/.local/state}"; do
        case $base in /*) ;; *) continue ;; esac
        state=$base/inframind/jenkins/$INFRAMIND_CALL_SPAN
        mkdir -p "$state" 2>/dev/null && [ -w "$state" ] || continue
        if [ -z "${INFRAMIND_SPOOL:-}" ]; then
            # A folder for each server: what was meant for one must not go to another.
            INFRAMIND_SPOOL=$base/inframind/spool/jenkins-$(printf %s "${INFRAMIND_URL:-}" | tr -c 'A-Za-z0-9.-' _ | head -c 150)
            mkdir -p "$INFRAMIND_SPOOL" 2>/dev/null
            export INFRAMIND_SPOOL
        fi
        XDG_STATE_HOME=$state
        export XDG_STATE_HOME
        return
    done
    state=
}

leave_state() { [ -n "$state" ] && rm -rf "$state"; }

# The address and the token go through curl's configuration on its standard input: a command line can be read by everybody on
# the machine. Both are checked, so that neither can say more to curl than it should.
prepare() {
    has curl || { outcome='none this agent has no curl'; return 1; }
    url=${INFRAMIND_URL:-http://127.0.0.1:8080}
    token=${INFRAMIND_TOKEN:-}
    case $url in
        *[!!-~]*|*\"*|*\\*|*\?*|*\#*) outcome='none INFRAMIND_URL has characters that no address of a server has'; return 1 ;;
        http://*|https://*) ;;
        *) outcome='none INFRAMIND_URL does not begin with http:// or https://'; return 1 ;;
    esac
    authority=${url#*://}
    authority=${authority%%/*}
    case $authority in *@*) outcome='none INFRAMIND_URL carries a user name; use a token instead'; return 1 ;; esac
    while :; do case $url in */) url=${url%/} ;; *) break ;; esac; done
    case $token in *[!!-~]*|*\"*|*\\*) outcome='none INFRAMIND_TOKEN has characters that no token has'; return 1 ;; esac
    if [ -z "$token" ]; then
        case $authority in
            localhost|localhost:*|127.*|'[::1]'*) token=dev-key-change-in-production ;;
            *) outcome='none there is no token; set credentialsId, or INFRAMIND_CREDENTIALS_ID in Jenkins'; return 1 ;;
        esac
    fi
}

file_option() { # file_option OPTION PATH
    case $2 in ''|*\"*|*\\*) ;; *) printf '%s = "%s"\n' "$1" "$2" ;; esac
}

# Answers are cut at a bound, for whoever sends without end. -q: a .curlrc could ask curl to print headers.
post() { # post PATH BODY
    answer=$({
        {
            printf 'url = "%s%s"\n' "$url" "$1"
            printf 'header = "Content-Type: application/json"\n'
            printf 'header = "X-IM-Token: %s"\n' "$token"
            file_option cacert "${INFRAMIND_CA_FILE:-}"
            file_option cert "${INFRAMIND_CLIENT_CERTIFICATE:-}"
            file_option key "${INFRAMIND_CLIENT_KEY:-}"
        } | curl -q --config - --silent --globoff --request POST --data-raw "$2" --connect-timeout 2 --max-time 5 \
            --write-out '\nhttp %{http_code}' 2>/dev/null
        printf ' %s' "$?"
    } 2>/dev/null | head -c "$most_bytes" | tr -d '\000')
    outcome=$(printf '%s\n' "$answer" | tail -n 1)
    case $outcome in 'http '*' '*) ;; *) outcome='http 000 63' answer=$outcome ;; esac
}

post_all() {
    prepare || return
    rest=${INFRAMIND_CALL_POSTS:-}
    while [ -n "$rest" ]; do
        path=${rest%%"$tab"*}
        rest=${rest#*"$tab"}
        case $rest in *"$tab"*) body=${rest%%"$tab"*} rest=${rest#*"$tab"} ;; *) body=$rest rest= ;; esac
        post "$path" "$body"
        # 409: the server knows it already, as after a retry. The first word stands, and the rest goes on.
        case $outcome in 'http 2'*|'http 409 '*) ;; *) return ;; esac
    done
}

answer=
outcome=
case ${INFRAMIND_CALL:-} in
    ask)
        post_all
        case $outcome in
            'none this agent has no curl')
                if has inframind && answer=$(program optimize --json --pipeline="$INFRAMIND_PIPELINE" \
                    ${INFRAMIND_CALL_STAGE:+"--stage=$INFRAMIND_CALL_STAGE"} ${INFRAMIND_CALL_STEP:+"--step=$INFRAMIND_CALL_STEP"} \
                    ${INFRAMIND_CALL_TOOL:+"--tool=$INFRAMIND_CALL_TOOL"}); then
                    outcome='http 200 0'
                    answer="$answer
$outcome"
                fi ;;
        esac ;;
    begin)
        if has inframind; then
            enter_state
            # Without a stage of ours, inframind would take the one that Jenkins names after the step itself.
            unset STAGE_NAME
            if answer=$(program step begin ${INFRAMIND_CALL_STAGE:+"--stage=$INFRAMIND_CALL_STAGE"} --pipeline="$INFRAMIND_PIPELINE" \
                -- "$INFRAMIND_CALL_STEP"); then
                outcome='done begun'
            else
                outcome='none inframind could not begin the step'
                leave_state
            fi
        else
            outcome='none inframind is not on the PATH'
        fi ;;
    end)
        if [ "${INFRAMIND_CALL_MEASURED:-}" = 1 ] && has inframind; then
            enter_state
            if answer=$(program step end --exit-code="$INFRAMIND_CALL_EXIT" -- "$INFRAMIND_CALL_STEP"); then
                outcome='done measured'
                if [ -n "${INFRAMIND_CALL_STATUS:-}" ]; then
                    program complete --status="$INFRAMIND_CALL_STATUS" --duration="$INFRAMIND_CALL_DURATION" >/dev/null
                fi
            fi
            leave_state
        fi
        [ -n "$outcome" ] || post_all ;;
    complete)
        post_all
        case $outcome in
            'none this agent has no curl')
                if has inframind && answer=$(program complete --status="$INFRAMIND_CALL_STATUS" --duration="$INFRAMIND_CALL_DURATION"); then
                    outcome='done completed'
                fi ;;
        esac ;;
esac
case $outcome in
    http*) printf '%s\n' "$answer" ;;
    *) printf '%s\n%s\n' "$answer" "$outcome" ;;
esac
exit 0
