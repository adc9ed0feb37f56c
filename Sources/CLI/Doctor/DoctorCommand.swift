import ArgumentParser
import Client
import Telemetry

/// `inframind doctor`
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check what can be measured here, and whether the server can be used.",
        discussion: """
            EXIT STATUS
              0  `inframind run` can measure, ask and report; single measurements may be missing or coarser
              1  something needs mending: the address is wrong, the server is away or not ready, the token is refused,
                 or reports cannot be kept. Builds still run; they are not sized and not learned from.
            """)

    @OptionGroup var server: ServerOptions

    @Flag(help: "Print the findings as JSON.")
    var json = false

    func run() throws {
        let environment = InheritedProcess.environmentVariables()
        var findings = Measurability.report(environment: environment).items.map(Finding.init)
        findings += ServerCheck.findings(server, environment)
        findings.append(SpoolCheck.finding(environment, server: try? server.endpoint(environment)))
        write(json ? try prettyJSON(findings) + "\n" : Finding.table(findings), to: .output)
        if findings.contains(where: { $0.state == .broken }) { throw ExitCode(1) }
    }
}
