package io.inframind

/** One step of the build, from its begin to its end, as it is reported. */
class MeasuredStep implements Serializable {
    private static final long serialVersionUID = 1

    private final Object script
    private final Server server
    private final String pipeline
    private final String runID
    /** True when the step was sized by itself: it is then a run of its own, so that its outcome meets its recommendation. */
    private final boolean isRun
    private final String recommendationID
    private final String stage
    private final String name
    private final String span
    private long began
    private boolean isMeasured

    MeasuredStep(Object script, Server server, Map facts) {
        this.script = script
        this.server = server
        pipeline = facts.pipeline
        runID = facts.runID
        isRun = facts.isRun == true
        recommendationID = facts.recommendationID
        stage = facts.stage
        name = facts.name
        span = facts.span
    }

    /** Notes the counters, where `inframind` is there to do it; else the time. */
    void begin() {
        Outcome outcome = server.call('begin', [], variables([]))
        isMeasured = outcome.kind == 'done'
        began = System.currentTimeMillis()
    }

    /** Reports the step. Says a line only when something went wrong; throws only when the build is being stopped. */
    void end(int exitCode) {
        try {
            report(exitCode)
        } catch (Throwable failure) {
            if (ExitStatus.isInterruption(failure)) throw failure
            server.say('step ' + name + ' was not reported: ' + PlainText.line(failure, 300))
        }
    }

    void report(int exitCode) {
        long ended = System.currentTimeMillis()
        double seconds = ended < began ? 0 : (ended - began) / 1000.0
        List more = ['INFRAMIND_CALL_EXIT=' + exitCode]
        if (isMeasured) more.add('INFRAMIND_CALL_MEASURED=1')
        if (isRun) {
            more.add('INFRAMIND_CALL_STATUS=' + ExitStatus.word(exitCode))
            more.add('INFRAMIND_CALL_DURATION=' + seconds)
        }
        Map counters = [exit_code: exitCode, wall_s: seconds]
        List posts = [
            '/builds/start', BuildFacts.start(script, pipeline, runID, recommendationID),
            '/builds/step', event('start', began, null),
            '/builds/step', event('stop', ended < began ? began : ended, counters),
        ]
        if (isRun) {
            posts.add('/builds/complete')
            posts.add([run_id: runID, status: ExitStatus.word(exitCode), duration_s: seconds])
        }
        Outcome outcome = server.call('end', posts, variables(more))
        if (!outcome.isTaken()) {
            server.say('step ' + name + ' was not reported: ' + outcome.problem())
        } else if (outcome.kind == 'done' && outcome.words()) {
            server.say('step ' + name + ': ' + outcome.words())
        }
    }

    Map event(String kind, long milliseconds, Map counters) {
        Map body = [run_id: runID, stage: stage, step: name, span_id: span, event: kind, timestamp: BuildFacts.timestamp(milliseconds)]
        if (counters != null) body.counters = counters
        return body
    }

    List variables(List more) {
        List found = [
            'INFRAMIND_RUN_ID=' + runID, 'INFRAMIND_PIPELINE=' + PlainText.literal(pipeline),
            'INFRAMIND_CALL_STEP=' + PlainText.literal(name), 'INFRAMIND_CALL_SPAN=' + span,
        ]
        if (stage) found.add('INFRAMIND_CALL_STAGE=' + PlainText.literal(stage))
        // Empty takes away the one of the whole build, which a step with a run of its own did not use.
        if (recommendationID || isRun) found.add('INFRAMIND_RECOMMENDATION_ID=' + (recommendationID ?: ''))
        found.addAll(more)
        return found
    }
}
