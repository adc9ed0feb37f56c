import io.inframind.BuildFacts
import io.inframind.Consultation
import io.inframind.ExitStatus
import io.inframind.MeasuredStep
import io.inframind.PlainText
import io.inframind.Recommendation
import io.inframind.Server

/** Runs a block and reports what it used; see inframindStage.txt. */
def call(Map args = [:], Closure body) {
    String enclosing = PlainText.name(env.STAGE_NAME)
    String name = PlainText.name(args.name) ?: enclosing ?: 'step'
    if (name == enclosing) return measured(args, name, enclosing, body)
    def result = null
    stage(name) {
        result = measured(args, name, enclosing, body)
    }
    return result
}

def call(String name, Closure body) {
    return call([name: name], body)
}

def measured(Map args, String name, String enclosing, Closure body) {
    // The environment of a build is one for all its branches: what is for this block alone goes through withEnv.
    List variables = []
    MeasuredStep step = null
    try {
        Server server = new Server(this, args)
        Map facts = [
            pipeline: BuildFacts.pipeline(this, args.pipeline), runID: BuildFacts.runID(this), name: name, span: PlainText.unique(),
            stage: PlainText.name(args.stage) ?: enclosing, recommendationID: env.INFRAMIND_RECOMMENDATION_ID,
        ]
        if (args.params != null) {
            facts.isRun = true
            facts.runID = facts.runID + '-' + facts.span.substring(0, 8)
            Map answer = new Consultation(this, server, args, facts.pipeline).ask([stage: facts.stage, step: name], facts.runID)
            facts.recommendationID = answer == null ? null : answer.recommendation_id
            variables = Recommendation.variables(answer ?: Recommendation.standIn(args.defaults))
            variables.add('INFRAMIND_RUN_ID=' + facts.runID)
            if (!facts.recommendationID) variables.add('INFRAMIND_RECOMMENDATION_ID=')
        }
        step = new MeasuredStep(this, server, facts)
        step.begin()
    } catch (Throwable failure) {
        if (ExitStatus.isInterruption(failure)) throw failure
        echo 'InfraMind: step ' + name + ' is not measured: ' + PlainText.line(failure, 300)
        step = null
    }
    int exitCode = 0
    try {
        if (variables.isEmpty()) return body()
        return withEnv(variables) {
            body()
        }
    } catch (Throwable failure) {
        exitCode = ExitStatus.of(failure)
        throw failure
    } finally {
        if (step != null) step.end(exitCode)
    }
}
