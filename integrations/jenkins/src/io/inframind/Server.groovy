package io.inframind

/**
 * The way to InfraMind: `sh` on the agent, else the `httpRequest` step where there is no agent and the plugin is there.
 *
 * `sh` and `curl` come first because a bare agent has them: no plugin has to be installed, the agent's own network and proxy are
 * used, and a folder's untrusted library may do it. Nothing here throws, but for a build that is being stopped.
 */
class Server implements Serializable {
    private static final long serialVersionUID = 1

    /** Seconds for one call. curl and inframind keep to about five; this is for an agent that is stuck. */
    static final int LIMIT_SECONDS = 60

    /** How long a server that did not answer is left alone, so that a slow one costs a build seconds and not minutes. */
    static final long PAUSE_MILLISECONDS = 300000L

    private final Object script
    private final String url
    private final String credentialsID

    Server(Object script, Map args) {
        this.script = script
        this.url = args.url ? args.url.toString() : null
        this.credentialsID = args.credentialsId ? args.credentialsId.toString() : null
    }

    /** Carries out one call of `talk.sh`; `posts` is a list of path, body, path, body. */
    Outcome call(String act, List posts, List variables) {
        String wait = script.env.INFRAMIND_PAUSED_UNTIL
        boolean isPaused = wait && System.currentTimeMillis() < wait.toLong()
        // `begin` asks nobody, and `end` keeps what it measured in the spool.
        if (isPaused && (act == 'ask' || act == 'complete' || !(variables.contains('INFRAMIND_CALL_MEASURED=1') || act == 'begin'))) {
            return Outcome.none('the server did not answer a moment ago and is left alone for a while')
        }
        Outcome outcome = tried(act, posts, variables)
        if (outcome.isWaitInVain()) {
            script.env.INFRAMIND_PAUSED_UNTIL = (System.currentTimeMillis() + PAUSE_MILLISECONDS).toString()
        }
        return outcome
    }

    /** Says one line in the log of the build. */
    void say(String sentence) {
        script.echo('InfraMind: ' + PlainText.line(sentence, 600))
    }

    Outcome tried(String act, List posts, List variables) {
        long began = System.currentTimeMillis()
        try {
            if (!script.env.WORKSPACE) {
                return act == 'begin' ? Outcome.none('there is no agent here') : fromController(posts)
            }
            if (!script.isUnix()) return Outcome.none('agents on Windows are not supported yet')
            return fromAgent(act, posts, variables)
        } catch (Throwable failure) {
            // Our own limit stops us the way a person stops the build; only the time tells them apart.
            if (ExitStatus.isInterruption(failure) && System.currentTimeMillis() - began < LIMIT_SECONDS * 1000L) throw failure
            if (ExitStatus.isInterruption(failure)) return Outcome.none('the agent did not get it done in ' + LIMIT_SECONDS + ' s')
            return Outcome.none(failure.getMessage() ?: failure.getClass().getName())
        }
    }

    Outcome fromAgent(String act, List posts, List variables) {
        List all = ['INFRAMIND_CALL=' + act]
        all.addAll(variables)
        String bodies = ''
        for (int i = 0; i < posts.size(); i += 2) {
            bodies += (i == 0 ? '' : '\t') + posts[i] + '\t' + Json.write(posts[i + 1])
        }
        if (bodies) all.add('INFRAMIND_CALL_POSTS=' + bodies)
        if (url) all.add('INFRAMIND_URL=' + PlainText.literal(url))
        String talk = script.libraryResource('io/inframind/talk.sh')
        Object output = null
        withToken {
            script.timeout(time: LIMIT_SECONDS, unit: 'SECONDS') {
                script.withEnv(all) {
                    output = script.sh(script: talk, returnStdout: true, encoding: 'UTF-8', label: 'InfraMind: ' + act)
                }
            }
        }
        return Outcome.ofOutput(output)
    }

    Outcome fromController(List posts) {
        Outcome last = Outcome.none('there is nothing to say')
        withToken {
            for (int i = 0; i < posts.size(); i += 2) {
                last = requested(posts[i], Json.write(posts[i + 1]))
                if (!last.isTaken()) break
            }
        }
        return last
    }

    Outcome requested(String path, String body) {
        String base = (url ?: script.env.INFRAMIND_URL ?: '').toString()
        if (!(base ==~ 'https?://[!-~&&[^@"\\\\?#]]+')) {
            return Outcome.none('there is no agent here, and INFRAMIND_URL is not the address of a server')
        }
        if (!script.env.INFRAMIND_TOKEN) {
            return Outcome.none('there is no agent here and no token; set credentialsId, or INFRAMIND_CREDENTIALS_ID in Jenkins')
        }
        Object response = null
        try {
            response = script.httpRequest(
                url: base.replaceAll('/+$', '') + path, httpMode: 'POST', contentType: 'APPLICATION_JSON_UTF8', requestBody: body,
                customHeaders: [[name: 'X-IM-Token', value: script.env.INFRAMIND_TOKEN, maskValue: true]], timeout: 5, quiet: true,
                validResponseCodes: '100:599', consoleLogResponseBody: false)
        } catch (NoSuchMethodError missing) {
            return Outcome.none('there is no agent here, and the HTTP Request plugin is not installed')
        } catch (Throwable failure) {
            if (ExitStatus.isInterruption(failure)) throw failure
            return Outcome.unheard()
        }
        return Outcome.http(response.status, PlainText.line(response.content, 262144))
    }

    void withToken(Closure body) {
        String id = credentialsID ?: script.env.INFRAMIND_CREDENTIALS_ID
        if (!id) {
            body()
            return
        }
        script.withCredentials([script.string(credentialsId: id, variable: 'INFRAMIND_TOKEN')]) {
            body()
        }
    }
}
