import Client
import FoundationEssentials
import Glibc

/// Runs the builds of a sweep: each by `inframind run`, as a user would, with its output in a file.
struct SweepBuilder {
    let command: [String]
    let clean: String?
    /// Options of `inframind run` that are the same for each build.
    let options: [String]
    let token: String?
    private let folder: String
    private let program: String

    /// - Throws: ``FileError`` when there is no place for the reports.
    init(command: [String], clean: String?, options: [String], token: String?) throws {
        self.command = command
        self.clean = clean
        self.options = options
        self.token = token
        // The program itself, wherever it was started from.
        program =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        let base = InheritedProcess.environmentVariables()["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
        folder = "\(base)/inframind-sweep-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        guard mkdir(folder, 0o700) == 0 else { throw FileError(call: "mkdir", path: folder, code: errno) }
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// Cleans, and builds with `jobs` jobs.
    ///
    /// - Throws: ``SweepFailure`` with the last lines of output.
    func build(jobs: Int) throws -> RunReportFile {
        let log = folder + "/output.log"
        if let clean {
            let status = run(["/bin/sh", "-c", clean], output: log)
            guard status == 0 else { throw SweepFailure(what: "The command of --clean", status: status, log: log) }
        }
        let report = folder + "/report.json"
        let status = run(
            [program, "run", "--report", report, "--jobs", "\(jobs)", "--no-optimize"] + options + ["--"] + command,
            output: log)
        guard status == 0 else { throw SweepFailure(what: "The build with \(jobs) jobs", status: status, log: log) }
        guard let bytes = Folder.read(report, atMost: 4 << 20) else {
            throw SweepFailure(what: "Measuring the build with \(jobs) jobs", status: 1, log: log)
        }
        return try JSONDecoder().decode(RunReportFile.self, from: Data(bytes))
    }

    /// - Returns: the exit status, 128 + N after signal N; 127 when it could not be started.
    private func run(_ arguments: [String], output: String) -> Int32 {
        // The shell redirects: everything after its script is positional, so nothing needs quoting.
        let shell = ["/bin/sh", "-c", "out=$1; shift; exec \"$@\" >\"$out\" 2>&1", "sh", output] + arguments
        // Not on a command line, where other users could read it.
        if let token { setenv("INFRAMIND_TOKEN", token, 1) }
        var process: pid_t = 0
        let code = withCStrings(shell.map { Array($0.utf8) }) { argv in
            posix_spawn(&process, "/bin/sh", nil, nil, argv, environ)
        }
        guard code == 0 else { return 127 }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            if errno != EINTR { return 127 }
        }
        let low = status & 0x7F
        return low == 0 ? status >> 8 & 0xFF : 128 + low
    }
}

/// A build of a sweep that did not succeed.
struct SweepFailure: Error, CustomStringConvertible {
    let description: String

    /// Last lines of output shown.
    private static let lines = 15

    init(what: String, status: Int32, log: String) {
        let text = Folder.read(log, atMost: 64 << 20).map { String(decoding: $0.suffix(16_384), as: UTF8.self) } ?? ""
        let tail = text.split(separator: "\n", omittingEmptySubsequences: false).suffix(Self.lines)
            .joined(separator: "\n")
        description = "\(what) ended with status \(status).\(tail.isEmpty ? "" : " Its last words:\n\(tail)")"
    }
}
