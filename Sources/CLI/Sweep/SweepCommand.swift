import ArgumentParser
import Builds
import Contract
import Glibc
import Telemetry

/// `inframind sweep -- COMMAND…`
struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Build at several -j, show what each costs, and recommend settings.",
        discussion: """
            A new pipeline has a curve in minutes instead of weeks. Every build is wrapped by `inframind run`, so the server
            learns from it as from any other; without a server the recommendation is made here.

            Each build must start from nothing: --clean undoes the one before. {jobs} in the command is replaced; tools that
            `inframind run` knows need no placeholder.

            EXAMPLES
              inframind sweep --clean 'make clean' -- make -j{jobs}
              inframind sweep --jobs 1,2,4,8,16 --repeat 3 --clean 'rm -rf build' -- cmake --build build
              inframind sweep --pipeline shop/api --stage build --step compile --clean 'cargo clean' -- cargo build
            """)

    @OptionGroup var server: ServerOptions

    @Option(help: "Name of the pipeline, as for `inframind run`.")
    var pipeline: String?

    @Option(help: "Stage the step belongs to, as for `inframind run`.")
    var stage: String?

    @Option(help: "Name of the step, as for `inframind run`.")
    var step: String?

    @Option(
        help: ArgumentHelp(
            "Numbers of jobs to try, separated by commas. Default: 1, 2, 4 … up to twice the cores here.",
            valueName: "list"))
    var jobs: String?

    @Option(help: ArgumentHelp("Builds at each number of jobs; the median is shown.", valueName: "n"))
    var `repeat` = 1

    @Option(help: ArgumentHelp("Shell command that undoes a build; runs before each.", valueName: "command"))
    var clean: String?

    @Option(help: ArgumentHelp("Write what was measured and recommended to this file, as JSON.", valueName: "file"))
    var json: String?

    @Argument(parsing: .postTerminator, help: "The build command, after --.")
    var command: [String] = []

    func validate() throws {
        if command.isEmpty {
            throw ValidationError("There is no command. Write it after --: inframind sweep -- make -j{jobs}")
        }
        if !(1...20).contains(`repeat`) { throw ValidationError("--repeat must be between 1 and 20.") }
        if let jobs, SweepPlan.jobs(listed: jobs) == nil {
            throw ValidationError("--jobs must be up to 20 numbers between 1 and 4096, separated by commas: 1,2,4")
        }
        let hasPlaceholder = command.contains { $0.contains("{jobs}") }
        if !hasPlaceholder && buildTool(in: command) == nil {
            throw ValidationError(
                "Nothing in the command says how many jobs to run: put {jobs} where the number belongs.")
        }
    }

    func run() throws {
        let environment = InheritedProcess.environmentVariables()
        let capacity = Consultation.capacity(NodeCapacity.current(), environment: environment)
        let cores = max(1, Int(Units.cores(millicores: capacity.cpuMillicores ?? 1000).rounded(.up)))
        let plan = SweepPlan(
            jobs: jobs.flatMap(SweepPlan.jobs(listed:)) ?? SweepPlan.jobs(cores: cores), repeats: `repeat`)
        let identity = BuildIdentity(pipeline: pipeline, stage: stage, environment: environment)
        let builder = try SweepBuilder(
            command: command, clean: clean,
            options: named(["--server": server.server, "--pipeline": pipeline, "--stage": stage, "--step": step]),
            token: server.token)
        defer { builder.remove() }
        write("\(plan.builds.count) builds of `\(command.joined(separator: " "))` on \(cores) cores:\n", to: .output)
        var measured = SweepCurve()
        for (number, jobs) in plan.builds.enumerated() {
            write("  \(number + 1)/\(plan.builds.count)  -j\(jobs) … ", to: .output)
            let report = try builder.build(jobs: jobs)
            measured.add(report, jobs: jobs)
            write(SweepCurve.line(report) + "\n", to: .output)
        }
        let advice = SweepAdvice(
            measured,
            step: StepIdentity(
                pipeline: identity.pipeline, stage: identity.stage,
                step: measured.reports.first?.step ?? step ?? ""), tool: buildTool(in: command)?.tool.name,
            capacity: capacity, now: currentTime())
        write("\n" + measured.plot + "\n" + advice.text, to: .output)
        if let note = measured.note { write("\n\(note)\n", to: .output) }
        if let json {
            try SweepFile(measured, advice: advice, command: command, cores: cores).write(to: json)
        }
    }

    private func named(_ options: KeyValuePairs<String, String?>) -> [String] {
        options.flatMap { name, value in value.map { [name, $0] } ?? [] }
    }
}
