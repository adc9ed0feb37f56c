package io.inframind

import com.cloudbees.groovy.cps.NonCPS

/** What Jenkins says about the build that runs, in the words of the wire contract. */
class BuildFacts implements Serializable {
    private static final long serialVersionUID = 1

    /**
     * The id of this build's run, made at the first call. No step lies between looking and setting, so parallel branches get
     * the same one. The random part tells two Jenkins with a job of one name apart, and a job that was deleted and made anew.
     */
    static String runID(Object script) {
        if (!script.env.INFRAMIND_RUN_ID) {
            script.env.INFRAMIND_RUN_ID =
                newRunID(script.env.JOB_NAME, script.env.BUILD_NUMBER)
        }
        return script.env.INFRAMIND_RUN_ID
    }

    /**
     * The name of the pipeline. In a multibranch project that is the project: a branch of its own would start from nothing each
     * time. `inframind` in the build's own scripts takes the job's; where the name is another, INFRAMIND_PIPELINE says so to it, and
     * to later calls, as a run has one pipeline.
     */
    static String pipeline(Object script, Object given) {
        String stated = PlainText.name(given)
        if (!script.env.INFRAMIND_PIPELINE) {
            String name = stated ?: pipelineName(script.env.JOB_NAME, script.env.BRANCH_NAME)
            if (name == script.env.JOB_NAME) return name
            script.env.INFRAMIND_PIPELINE = name
        }
        return stated ?: script.env.INFRAMIND_PIPELINE
    }

    /** The branch; empty when Jenkins does not know it. */
    static String branch(Object script) {
        return PlainText.name(script.env.CHANGE_BRANCH ?: script.env.BRANCH_NAME ?: script.env.GIT_BRANCH)
    }

    /** What is known about any build, for `context` of `POST /optimize`. What the caller states himself wins. */
    static Map context(Object script, Object given) {
        return contextOf(
            given, PlainText.withoutCredentials(script.env.GIT_URL), branch(script), PlainText.name(script.env.INFRAMIND_IMAGE))
    }

    /** The body of `POST /builds/start`. */
    static Map start(Object script, String pipeline, String runID, Object recommendationID) {
        return startBody(
            pipeline, runID, branch(script), PlainText.name(script.env.GIT_COMMIT), PlainText.name(script.env.INFRAMIND_IMAGE),
            PlainText.name(PlainText.withoutCredentials(script.env.GIT_URL)), PlainText.name(script.env.NODE_NAME), recommendationID,
            PlainText.name(script.env.BUILD_URL), script.currentBuild.startTimeInMillis)
    }

    /** `milliseconds` since 1970 as RFC 3339 wants it. */
    @NonCPS
    static String timestamp(long milliseconds) {
        return new Date(milliseconds).format("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", TimeZone.getTimeZone('UTC'))
    }

    @NonCPS
    private static String newRunID(Object job, Object number) {
        return 'jenkins-' + PlainText.identifier(job) + '-' + PlainText.identifier(number) + '-' + PlainText.unique().substring(0, 8)
    }

    @NonCPS
    private static String pipelineName(Object job, Object branch) {
        String name = PlainText.name(job)
        int last = name.lastIndexOf('/')
        if (branch && last > 0) name = name.substring(0, last)
        return name.isEmpty() ? 'unnamed' : name
    }

    @NonCPS
    private static Map contextOf(Object given, String repository, String branch, String image) {
        Map context = new HashMap()
        if (!repository.isEmpty()) context.put('repo', repository)
        if (!branch.isEmpty()) context.put('branch', branch)
        if (!image.isEmpty()) context.put('image', image)
        if (given instanceof Map) context.putAll(given)
        return context
    }

    @NonCPS
    private static Map startBody(
        String pipeline, String runID, String branch, String commit, String image, String repository, String node,
        Object recommendationID, String url, Object startedMilliseconds
    ) {
        Map body = [pipeline: pipeline, run_id: runID, branch: branch, commit: commit, image: image]
        if (!repository.isEmpty()) body.put('git', repository)
        if (!node.isEmpty()) body.put('k8s_node', node)
        if (recommendationID) body.put('recommendation_id', recommendationID)
        if (startedMilliseconds instanceof Number) body.put('started_at', timestamp(startedMilliseconds.longValue()))
        Map ci = [system: 'jenkins']
        if (!url.isEmpty()) ci.put('url', url)
        body.put('ci', ci)
        return body
    }
}
