/// The option that carries a number of jobs on a tool's command line: `-j8`, `-j 8`, `--jobs=8`, `--jobs 8`.
struct JobsOption: Hashable, Sendable {
    /// One-dash forms whose value may be glued on (`-j8`) or follow (`-j 8`).
    var short: [String] = []
    /// Forms whose value follows after `=` or as the next argument.
    var long: [String] = []

    /// One-letter options without a value that may stand before `-j` in one word, as `-kj8` says `-k -j8`.
    var bundled = ""

    /// What a command line says about jobs.
    enum Stated: Hashable, Sendable {
        case count(Int)
        /// The option is there without a number we can read: as many as it likes (`make -j`), or `-T 1C`.
        case unbounded
    }

    /// What `arguments` say; the last one counts. `nil`: nothing.
    func stated(in arguments: [String]) -> Stated? {
        var result: Stated?
        for (index, word) in arguments.enumerated() {
            if word == "--" { break }
            let argument = unbundled(word)
            let next = index + 1 < arguments.count ? arguments[index + 1] : nil
            if short.contains(argument) || long.contains(argument) {
                result = Self.value(next)
            } else if let name = long.first(where: { argument.hasPrefix($0 + "=") }) {
                result = Self.value(String(argument.dropFirst(name.count + 1)))
            } else if let name = short.first(where: argument.hasPrefix), !argument.hasPrefix("--") {
                var rest = argument.dropFirst(name.count)
                if rest.hasPrefix("=") { rest = rest.dropFirst() }
                // `-j8` says eight; `-jobserver-style` is some other option.
                if rest.first?.isNumber == true { result = Self.value(String(rest)) }
            }
        }
        return result
    }

    /// `-kj8` without what stands before the `j`.
    private func unbundled(_ argument: String) -> String {
        guard !bundled.isEmpty, argument.hasPrefix("-"), !argument.hasPrefix("--") else { return argument }
        let rest = "-" + argument.dropFirst().drop { bundled.contains($0) }
        return short.contains { rest.hasPrefix($0) } ? rest : argument
    }

    /// `{jobs}` is a question to us, and states nothing.
    private static func value(_ text: String?) -> Stated? {
        if text == WrappedCommandLine.Placeholder.jobs { return nil }
        guard let text, let count = Int(text), count > 0 else { return .unbounded }
        return .count(count)
    }
}
