package io.inframind

import com.cloudbees.groovy.cps.NonCPS

/** What came of a call: the output of `talk.sh`, or an answer of the `httpRequest` step, taken apart. */
class Outcome implements Serializable {
    private static final long serialVersionUID = 1

    /** `done`: inframind did it. `http`: a server answered, or did not. `none`: nothing could be tried. */
    final String kind
    /** What stood above the outcome: a body, or words of `inframind`. Never shown as it is. */
    final String text
    /** The status of an HTTP answer; 0 without one. */
    final int status
    /** Why not, for `none`; the exit status of curl, for `http`. */
    final String detail

    private Outcome(String kind, String text, int status, String detail) {
        this.kind = kind
        this.text = text
        this.status = status
        this.detail = detail
    }

    /** Nothing could be tried, and why. */
    @NonCPS
    static Outcome none(Object reason) {
        return new Outcome('none', '', 0, PlainText.line(reason, 300))
    }

    /** An answer over HTTP. */
    @NonCPS
    static Outcome http(int status, Object body) {
        return new Outcome('http', body == null ? '' : body.toString(), status, '0')
    }

    /** Nobody answered, told as curl tells it. */
    @NonCPS
    static Outcome unheard() {
        return new Outcome('http', '', 0, '7')
    }

    /** The output of `talk.sh`. */
    @NonCPS
    static Outcome ofOutput(Object output) {
        String whole = output == null ? '' : output.toString().trim()
        int end = whole.lastIndexOf('\n')
        String last = whole.substring(end + 1).trim()
        String text = end > 0 ? whole.substring(0, end) : ''
        if (last.startsWith('done ')) return new Outcome('done', text, 0, last.substring(5))
        if (last.startsWith('none ')) return none(last.substring(5))
        def found = (last =~ '^http (\\d{3}) (\\d{1,3})$')
        if (found.find()) return new Outcome('http', text, Integer.parseInt(found.group(1)), found.group(2))
        return none('this agent has no POSIX shell that works')
    }

    /** Whether the server took all it was sent. 409: it knew already. */
    @NonCPS
    boolean isTaken() {
        return kind == 'done' || (kind == 'http' && ((status >= 200 && status < 300) || status == 409))
    }

    /** Whether the next call would most likely wait in vain, too. */
    @NonCPS
    boolean isWaitInVain() {
        return kind == 'http' && status == 0
    }

    /** Why it did not work, as one sentence that names the next step. */
    @NonCPS
    String problem() {
        if (kind == 'none') return detail
        if (status == 403) {
            return 'the server refuses the token (403): it is missing, has expired, or lacks the scope "ingest"; renew the credential'
        }
        if (status == 0) return 'the server ' + silence() + '; is INFRAMIND_URL right, and the server up?'
        if (status >= 300 && status < 400) return 'the server answered ' + status + ', a redirection; set INFRAMIND_URL to where it leads'
        String said = words()
        return 'the server answered ' + status + (said.isEmpty() ? '' : ': ' + said)
    }

    /** What `inframind`, or the server's problem document, says; empty for anything else. */
    @NonCPS
    String words() {
        if (kind == 'done') return PlainText.line(text, 300)
        Map problem = Json.read(text)
        return problem == null ? '' : PlainText.line(problem.get('detail'), 300)
    }

    // The exit statuses of curl that a person can act on.
    @NonCPS
    private String silence() {
        if (detail == '6') return 'has a name that cannot be resolved'
        if (detail == '7') return 'cannot be reached'
        if (detail == '28') return 'did not answer in time'
        if (detail == '35' || detail == '51' || detail == '58' || detail == '60' || detail == '77') return 'could not be trusted (TLS)'
        if (detail == '63') return 'answered without end'
        return 'gave no answer (curl: ' + detail + ')'
    }
}
