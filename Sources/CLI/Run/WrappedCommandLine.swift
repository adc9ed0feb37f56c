import Builds
import Glibc

/// The command and its arguments, byte for byte as they were given, except where a placeholder asks for a number.
struct WrappedCommandLine: Hashable, Sendable {
    var arguments: [[UInt8]]

    /// What follows the first `--` of our own arguments.
    init?(processArguments: [[UInt8]]) {
        guard let terminator = processArguments.firstIndex(of: Array("--".utf8)),
            terminator + 1 < processArguments.count
        else { return nil }
        arguments = Array(processArguments[(terminator + 1)...])
    }

    init(_ arguments: [String]) {
        self.arguments = arguments.map { Array($0.utf8) }
    }

    /// As text, to recognise tools and options in it.
    var text: [String] { arguments.map { String(decoding: $0, as: UTF8.self) } }

    /// True when an argument asks for `{jobs}`.
    var asksForJobs: Bool {
        arguments.contains { Self.replacing(Array(Placeholder.jobs.utf8), with: [], in: $0) != $0 }
    }

    /// False when certainly nothing would be replaced.
    var mayHavePlaceholders: Bool { arguments.contains { $0.contains(UInt8(ascii: "{")) } }

    enum Placeholder {
        static let jobs = "{jobs}"
        static let cpu = "{cpu}"
        static let memory = "{memory_mb}"
    }

    /// With every placeholder replaced.
    ///
    /// - Parameter settings: all of jobs, CPU and memory; what is missing leaves its placeholder as it is.
    func filled(with settings: Settings) -> WrappedCommandLine {
        var values: [(placeholder: String, value: String)] = []
        if let jobs = settings.jobs { values.append((Placeholder.jobs, String(jobs))) }
        if let cpu = settings.cpuMillicores {
            values.append((Placeholder.cpu, Quantity.decimal(Units.cores(millicores: cpu), places: 3)))
        }
        if let memory = settings.memoryBytes { values.append((Placeholder.memory, String(memory / 1_048_576))) }
        var result = self
        for (index, argument) in arguments.enumerated() where argument.contains(UInt8(ascii: "{")) {
            result.arguments[index] = values.reduce(argument) {
                Self.replacing(Array($1.placeholder.utf8), with: Array($1.value.utf8), in: $0)
            }
        }
        return result
    }

    /// `${jobs}` belongs to a shell that will see the argument, and stays. Bytes, because an argument need not be text.
    private static func replacing(_ placeholder: [UInt8], with value: [UInt8], in argument: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = argument[...]
        while let range = rest.firstRange(of: placeholder) {
            result += rest[..<range.lowerBound]
            result += result.last == UInt8(ascii: "$") ? placeholder : value
            rest = rest[range.upperBound...]
        }
        return result + rest
    }
}

/// Calls `body` with a NULL-terminated array of C strings.
func withCStrings<Result>(
    _ strings: [[UInt8]], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() {
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: string.count + 1)
        for (offset, byte) in string.enumerated() { copy[offset] = CChar(truncatingIfNeeded: byte) }
        copy[string.count] = 0
        pointers[index] = copy
    }
    pointers[strings.count] = nil
    defer {
        for index in strings.indices { pointers[index]?.deallocate() }
        pointers.deallocate()
    }
    return body(pointers)
}
