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
tab=$(printf '\t')

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
        mkdir -p "$state" 2>/dev/null
        [ -w "$state" ] || continue
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

# post PATH BODY: sets `answer` and `outcome`.
post() {
    answer=$(exchange "$1" "$2")
    outcome=$(printf '%s\n' "$answer" | tail -n 1)
    # An answer that was cut has no status behind it.
    case $outcome in [0-9][0-9][0-9]' '*) ;; *) outcome='000 63' ;; esac
    answer=${answer%"$outcome"}
    outcome="http $outcome"
}

post_all() {
    has curl || { outcome='none this agent has no curl'; return; }
    has_address 'set credentialsId, or INFRAMIND_CREDENTIALS_ID in Jenkins' || { outcome="none $im_why"; return; }
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
printf '%s\n%s\n' "$answer" "$outcome"
exit 0
