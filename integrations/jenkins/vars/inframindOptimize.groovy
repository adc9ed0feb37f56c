import io.inframind.BuildFacts
import io.inframind.Consultation
import io.inframind.ExitStatus
import io.inframind.PlainText
import io.inframind.Recommendation
import io.inframind.Server

/** Asks what this build should be given; see inframindOptimize.txt. */
def call(Map args = [:]) {
    Map answer = null
    try {
        Server server = new Server(this, args)
        String pipeline = BuildFacts.pipeline(this, args.pipeline)
        Map target = [stage: PlainText.name(args.stage), step: PlainText.name(args.step)]
        answer = new Consultation(this, server, args, pipeline).ask(target, BuildFacts.runID(this))
    } catch (Throwable failure) {
        if (ExitStatus.isInterruption(failure)) throw failure
        echo 'InfraMind: no recommendation, the build goes on with its own settings: ' + PlainText.line(failure, 300)
    }
    if (answer == null) answer = Recommendation.standIn(args.defaults)
    List variables = Recommendation.variables(answer)
    for (int i = 0; i < variables.size(); i++) {
        String variable = variables[i]
        int equals = variable.indexOf('=')
        env."${variable.substring(0, equals)}" = variable.substring(equals + 1)
    }
    return answer
}
