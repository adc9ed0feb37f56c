import io.inframind.BuildFacts
import io.inframind.ExitStatus
import io.inframind.Outcome
import io.inframind.PlainText
import io.inframind.Server

/** Ends the run of this build; see inframindNotify.txt. */
def call(Map args = [:]) {
    if (!env.INFRAMIND_RUN_ID) {
        echo 'InfraMind: nothing was asked or measured in this build, so there is no run to end.'
        return
    }
    try {
        complete(args)
    } catch (Throwable failure) {
        if (ExitStatus.isInterruption(failure)) throw failure
        echo 'InfraMind: the end of the run was not reported: ' + PlainText.line(failure, 300)
    }
}

def complete(Map args) {
    Server server = new Server(this, args)
    String pipeline = BuildFacts.pipeline(this, args.pipeline)
    String runID = BuildFacts.runID(this)
    String status = args.status ? PlainText.identifier(args.status) : ExitStatus.wordForResult(currentBuild.currentResult)
    double seconds = currentBuild.duration > 0 ? currentBuild.duration / 1000.0 : 0
    List posts = [
        '/builds/start', BuildFacts.start(this, pipeline, runID, env.INFRAMIND_RECOMMENDATION_ID),
        '/builds/complete', [run_id: runID, status: status, duration_s: seconds],
    ]
    List variables = [
        'INFRAMIND_RUN_ID=' + runID, 'INFRAMIND_PIPELINE=' + PlainText.literal(pipeline),
        'INFRAMIND_CALL_STATUS=' + status, 'INFRAMIND_CALL_DURATION=' + seconds,
    ]
    Outcome outcome = server.call('complete', posts, variables)
    if (outcome.isTaken()) {
        server.say('run ' + runID + ' ended: ' + status)
    } else {
        server.say('the end of run ' + runID + ' was not reported: ' + outcome.problem())
    }
}
