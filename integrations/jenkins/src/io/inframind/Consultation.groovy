package io.inframind

/** Asks `POST /optimize`, and makes the best of no answer. */
class Consultation implements Serializable {
    private static final long serialVersionUID = 1

    private final Object script
    private final Server server
    private final Map args
    private final String pipeline

    Consultation(Object script, Server server, Map args, String pipeline) {
        this.script = script
        this.server = server
        this.args = args
        this.pipeline = pipeline
    }

    /**
     * The answer, or null; one line in the log says what came of it.
     *
     * @param target `stage` and `step` to size; empty: the pipeline as a whole.
     * @param runID the run that will use the answer.
     */
    Map ask(Map target, String runID) {
        Map question = [pipeline: pipeline, run_id: runID, context: BuildFacts.context(script, args.params)]
        if (target.stage) question.stage = target.stage
        if (target.step) question.step = target.step
        if (args.constraints instanceof Map) question.constraints = args.constraints
        if (args.objective instanceof Map) question.objective = args.objective
        Outcome outcome = server.call('ask', ['/optimize', question], variables(target, runID))
        Map answer = outcome.isTaken() ? Recommendation.read(outcome.text) : null
        if (answer == null) {
            String why = outcome.isTaken() ? 'what answered is no InfraMind server; is INFRAMIND_URL right?' : outcome.problem()
            server.say('no recommendation, the build goes on with its own settings: ' + why)
            return null
        }
        server.say((target.step ? target.step + ': ' : '') + Recommendation.summary(answer))
        return answer
    }

    List variables(Map target, String runID) {
        List found = ['INFRAMIND_RUN_ID=' + runID, 'INFRAMIND_PIPELINE=' + PlainText.literal(pipeline)]
        if (target.stage) found.add('INFRAMIND_CALL_STAGE=' + PlainText.literal(target.stage))
        if (target.step) found.add('INFRAMIND_CALL_STEP=' + PlainText.literal(target.step))
        if (args.params instanceof Map && args.params.tool) {
            found.add('INFRAMIND_CALL_TOOL=' + PlainText.literal(PlainText.name(args.params.tool)))
        }
        return found
    }
}
