/// What a wrapped command's user hears of us: nothing, unless asked for. Never on standard output.
struct Diagnostics: Sendable {
    var isVerbose: Bool

    init(isVerbose: Bool) { self.isVerbose = isVerbose }

    /// - Parameter flag: `--verbose`.
    init(flag: Bool, environment: [String: String]) {
        isVerbose = flag || !["", "0", "false", "no"].contains(environment["INFRAMIND_VERBOSE"] ?? "")
    }

    func say(_ sentence: @autoclosure () -> String) {
        if isVerbose { write("inframind: \(sentence())\n", to: .diagnostics) }
    }
}
