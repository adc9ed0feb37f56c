package simulated

/** Reads a declarative pipeline into sections, then runs them as Jenkins does: stages in order, `post` whatever happened. */
class Declarative {
    private final PipelineScript script
    private final Section root = new Section()

    Declarative(PipelineScript script, Closure body) {
        this.script = script
        read(body, root)
    }

    void run() { runSection(root, true) }

    static void read(Closure body, Object into) {
        Closure copy = (Closure) body.clone()
        copy.delegate = into
        copy.resolveStrategy = Closure.DELEGATE_FIRST
        copy()
    }

    private void steps(Closure body) {
        Closure copy = (Closure) body.clone()
        copy.delegate = script
        copy.resolveStrategy = Closure.DELEGATE_FIRST
        copy()
    }

    private void runSection(Section section, boolean isRoot) {
        Map variables = section.variables(script)
        around(section.agent, section.pod) {
            Closure work = {
                Throwable end = null
                try {
                    if (section.condition == null || section.condition()) content(section)
                    else script.echo("Stage '$section.name' skipped due to when conditional")
                } catch (Throwable failure) {
                    end = failure
                    Context.current().build.currentBuild.result = failure.class.simpleName == 'FlowInterruptedException' ? 'ABORTED' : 'FAILURE'
                }
                after(section, end)
                if (end != null) throw end
            }
            variables ? Context.within(Context.current().inner(variables: variables, isExpanding: true)) { work() } : work()
        }
    }

    private void content(Section section) {
        if (section.steps) steps(section.steps)
        if (section.branches) script.parallel(section.branches.collectEntries { branch -> [(branch.name): { stage(branch) }] } + [failFast: section.failFast])
        if (section.matrix) script.parallel(section.matrix.cells().collectEntries { cell ->
            [(cell.toString()): {
                Context.within(Context.current().inner(variables: cell)) { section.matrix.stages.each { stage(it) } }
            }]
        })
        section.stages.each { stage(it) }
    }

    private void stage(Section section) { script.stage(section.name) { runSection(section, false) } }

    private void around(String agent, Closure pod, Closure body) {
        if (pod) {
            Map template = [:]
            read(pod, new PodSection(template, script))
            script.podTemplate(template) { script.node(script.env.POD_LABEL, body) }
        } else if (agent == null || agent == 'none') {
            body()
        } else {
            script.node(agent, body)
        }
    }

    private void after(Section section, Throwable end) {
        String result = Context.current().build.currentBuild.currentResult
        ['always', result.toLowerCase(), 'cleanup'].each { condition ->
            Closure body = section.post[condition]
            if (body) steps(body)
        }
    }

    /** A pipeline or a stage. */
    static class Section {
        String name
        String agent
        Closure pod
        Closure steps
        Closure environment
        Closure condition
        Map<String, Closure> post = [:]
        List<Section> stages = []
        List<Section> branches = []
        Matrix matrix
        boolean failFast

        final String any = 'any'
        final String none = 'none'

        void agent(String label) { agent = label }
        void agent(Closure body) { Declarative.read(body, new AgentSection(this)) }
        void environment(Closure body) { environment = body }
        void options(Closure body) {}
        void steps(Closure body) { steps = body }
        void failFast(boolean value) { failFast = value }
        void post(Closure body) { Declarative.read(body, new PostSection(post)) }
        void stages(Closure body) { Declarative.read(body, new StageList(stages)) }
        void parallel(Closure body) { Declarative.read(body, new StageList(branches)) }
        void matrix(Closure body) { Declarative.read(body, matrix = new Matrix()) }
        void when(Closure body) { Declarative.read(body, new WhenSection(this)) }

        Map variables(PipelineScript script) {
            if (environment == null) return [:]
            EnvironmentSection found = new EnvironmentSection(script)
            Declarative.read(environment, found)
            found.found
        }
    }

    static class StageList {
        private final List<Section> found
        StageList(List<Section> found) { this.found = found }
        void stage(String name, Closure body) {
            Section section = new Section(name: name)
            Declarative.read(body, section)
            found << section
        }
    }

    static class AgentSection {
        private final Section section
        AgentSection(Section section) { this.section = section }
        void label(String name) { section.agent = name }
        void kubernetes(Closure body) { section.pod = body }
    }

    static class PodSection {
        private final Map template
        private final PipelineScript script
        PodSection(Map template, PipelineScript script) {
            this.template = template
            this.script = script
        }
        void yaml(Object text) { template.yaml = text.toString() }
        void defaultContainer(String name) { template.defaultContainer = name }
    }

    static class PostSection {
        private final Map<String, Closure> found
        PostSection(Map<String, Closure> found) { this.found = found }
        void always(Closure body) { found.always = body }
        void success(Closure body) { found.success = body }
        void unstable(Closure body) { found.unstable = body }
        void failure(Closure body) { found.failure = body }
        void aborted(Closure body) { found.aborted = body }
        void cleanup(Closure body) { found.cleanup = body }
    }

    static class WhenSection {
        private final Section section
        WhenSection(Section section) { this.section = section }
        void expression(Closure body) { section.condition = body }
    }

    static class EnvironmentSection {
        private final PipelineScript script
        private final Map found = [:]
        EnvironmentSection(PipelineScript script) { this.script = script }
        Map getFound() { this.@found }
        String credentials(String id) {
            Build build = Context.current().build
            build.secrets << build.credentials[id]
            build.credentials[id]
        }
        void setProperty(String name, Object value) { this.@found[name] = value.toString() }
    }

    static class Matrix {
        List<Map> axes = []
        List<Section> stages = []

        void axes(Closure body) { Declarative.read(body, this) }
        void axis(Closure body) {
            axes << [:]
            Declarative.read(body, new Axis(axes.last()))
        }
        void stages(Closure body) { Declarative.read(body, new StageList(stages)) }

        List<Map> cells() {
            List<Map> cells = [[:]]
            axes.each { axis -> cells = cells.collectMany { cell -> axis.values.collect { cell + [(axis.name): it] } } }
            cells
        }
    }

    static class Axis {
        private final Map axis
        Axis(Map axis) { this.axis = axis }
        void name(String name) { axis.name = name }
        void values(String... values) { axis.values = values.toList() }
    }
}
