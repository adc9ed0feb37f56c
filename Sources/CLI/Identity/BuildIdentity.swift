import Builds
import Contract
import Glibc

/// Which pipeline, run and revision a command belongs to: what the user said, else what the CI system says, else what
/// the working copy says.
struct BuildIdentity: Hashable, Sendable {
    var pipeline: String
    var stage: String
    var branch: String
    var commit: String
    var image: String
    var repository: String?
    var node: String?
    var ci: CISystem?
    var runID: RunID
    /// True when the run id was made here, and not given by ``Variable/runID``.
    var isRunIDGenerated: Bool
    /// True inside a command that is wrapped itself: the run is then the outer one's.
    var isNested: Bool

    /// Variables by which one `inframind` talks to another.
    enum Variable {
        static let runID = "INFRAMIND_RUN_ID"
        static let stepID = "INFRAMIND_STEP_ID"
        static let recommendationID = "INFRAMIND_RECOMMENDATION_ID"
        static let attempt = "INFRAMIND_ATTEMPT"
        static let pipeline = "INFRAMIND_PIPELINE"
        static let image = "INFRAMIND_IMAGE"
    }

    /// - Parameters:
    ///   - directory: the working directory.
    ///   - random: makes run ids unique; 32 bits suffice beside a CI system's own ids.
    init(
        pipeline: String?, stage: String?, environment: [String: String], directory: String, hostName: String?,
        random: UInt32
    ) {
        let dialect = CIDialect.detect(environment)
        let git = GitCheckout(directory: directory)
        func stated(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        func fromCI(_ names: KeyPath<CIDialect, [String]>) -> String? {
            dialect.flatMap { $0.first($0[keyPath: names], in: environment) }
        }

        let name =
            pipeline ?? stated(Variable.pipeline) ?? dialect?.pipelineName(in: environment)
            ?? git?.remote.flatMap(GitCheckout.projectPath(remote:)) ?? baseName(directory)
        self.pipeline = Self.clean(name.isEmpty || name == "/" ? "unnamed" : name)
        self.stage = Self.clean(stage ?? fromCI(\.stage) ?? "")
        branch = Self.clean(fromCI(\.branch) ?? git?.branch ?? "")
        commit = Self.clean(fromCI(\.commit) ?? git?.commit ?? "")
        image = Self.clean(stated(Variable.image) ?? fromCI(\.image) ?? "")
        repository = (git?.remote ?? fromCI(\.repository).map(GitCheckout.withoutCredentials)).map(Self.clean)
        node = (stated("NODE_NAME") ?? stated("K8S_NODE_NAME") ?? hostName).map(Self.clean)
        ci = dialect?.ciSystem(in: environment)
        if let attempt = stated(Variable.attempt).flatMap(Int.init), (1...10_000).contains(attempt) {
            ci = CISystem(system: ci?.system, url: ci?.url, attempt: attempt)
        }
        if let link = ci?.url { ci?.url = Self.clean(link) }
        if let given = stated(Variable.runID).map(Self.clean), !given.isEmpty {
            runID = RunID(given)
            isRunIDGenerated = false
        } else {
            let key = dialect?.key(in: environment) ?? "local"
            runID = RunID(Self.clean(key, leaving: 9) + "-" + hexadecimal(UInt64(random), digits: 8))
            isRunIDGenerated = true
        }
        isNested = !isRunIDGenerated && stated(Variable.stepID) != nil
    }

    /// The identity of the command that is being run, here and now.
    init(pipeline: String?, stage: String?, environment: [String: String]) {
        self.init(
            pipeline: pipeline, stage: stage, environment: environment, directory: currentDirectory() ?? "/",
            hostName: currentHostName(), random: .random(in: 0 ... .max))
    }

    /// What the server's checks on names let through: no control characters, at most ``Bounds/nameBytes`` bytes.
    ///
    /// - Parameter leaving: bytes to leave free for what will be added.
    static func clean(_ text: String, leaving free: Int) -> String {
        var result = ""
        for scalar in text.unicodeScalars where scalar.value >= 0x20 && scalar.value != 0x7F {
            if result.utf8.count + UTF8.width(scalar) > Bounds.nameBytes - free { break }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    static func clean(_ text: String) -> String { clean(text, leaving: 0) }
}

/// `value` in hexadecimal, padded with zeros.
func hexadecimal(_ value: UInt64, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}

/// The working directory, as the kernel knows it.
func currentDirectory() -> String? {
    guard let path = getcwd(nil, 0) else { return nil }
    defer { free(path) }
    return String(cString: path)
}

/// The name of this machine or container.
func currentHostName() -> String? {
    // POSIX allows 255 bytes and does not promise the terminating zero.
    var name = [CChar](repeating: 0, count: 257)
    guard gethostname(&name, 256) == 0 else { return nil }
    let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    return text.isEmpty ? nil : text
}
