import io.inframind.BuildFacts
import io.inframind.Consultation
import io.inframind.ExitStatus
import io.inframind.PlainText
import io.inframind.PodYaml
import io.inframind.Recommendation
import io.inframind.Server

/** Starts a pod of the recommended size and runs a block in it; see inframindPod.txt. */
def call(Map args = [:], Closure body) {
    Map pod = sized(args)
    Map template = [:]
    if (args.template instanceof Map) template.putAll(args.template)
    template.yaml = pod.yaml
    return podTemplate(template) {
        node(env.POD_LABEL) {
            withEnv(pod.variables) {
                if (!pod.container) return body()
                return container(pod.container) {
                    body()
                }
            }
        }
    }
}

/** The YAML with the recommended size, for `agent { kubernetes { yaml … } }`. */
String yaml(Map args) {
    return sized(args).yaml
}

def sized(Map args) {
    String written = args.yaml == null ? '' : args.yaml.toString()
    // With an answer or without one, the block runs in the same container.
    Map pod = [yaml: written, container: PodYaml.containerOf(written, args.container), variables: []]
    try {
        Map answer = recommendation(args, written)
        if (answer == null) return pod
        Map suggestions = answer.suggestions
        Map limits = [cpu: PodYaml.cpu(answer.limits.cpu), memory: PodYaml.memory(answer.limits.mem_gb)]
        // The whole limit is requested: memory that a node has promised twice ends in a kill.
        def cpu = suggestions.cpu_req <= answer.limits.cpu ? suggestions.cpu_req : answer.limits.cpu
        Map requests = [cpu: PodYaml.cpu(cpu), memory: limits.memory]
        Map sized = PodYaml.sized(written, args.container, requests, limits)
        if (sized.problem) {
            echo 'InfraMind: the pod starts as it is written: ' + sized.problem
            return pod
        }
        pod.yaml = sized.yaml
        pod.variables = Recommendation.variables(answer)
        echo 'InfraMind: container ' + PlainText.line(sized.container, 100) + ' gets ' + limits.cpu + ' CPU and ' + limits.memory
    } catch (Throwable failure) {
        if (ExitStatus.isInterruption(failure)) throw failure
        echo 'InfraMind: the pod starts as it is written: ' + PlainText.line(failure, 300)
    }
    return pod
}

/** What was asked before, else a new question; null when there is no answer. */
def recommendation(Map args, String written) {
    if (args.answer instanceof Map) {
        // Answers come from inframindOptimize; one that stands in for an answer has no numbers, and sizes nothing.
        return Recommendation.isComplete(args.answer) ? args.answer : null
    }
    if (args.params == null) {
        Map earlier = Recommendation.again(env.IM_CONCURRENCY, env.IM_CPU_REQUEST, env.IM_MEM_REQUEST_GB, env.INFRAMIND_RECOMMENDATION_ID)
        if (earlier != null) return earlier
    }
    Map asked = [:]
    asked.putAll(args)
    Map params = [:]
    if (args.params instanceof Map) params.putAll(args.params)
    Map baseline = PodYaml.baseline(written, args.container)
    if (!baseline.isEmpty() && params.baseline == null) params.baseline = baseline
    asked.params = params
    String pipeline = BuildFacts.pipeline(this, args.pipeline)
    Map target = [stage: PlainText.name(args.stage), step: PlainText.name(args.step)]
    return new Consultation(this, new Server(this, args), asked, pipeline).ask(target, BuildFacts.runID(this))
}
