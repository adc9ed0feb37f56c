import Foundation

/// A program that runs to its end.
public struct Command {
    public var program: String
    public var arguments: [String]

    public struct Failed: Error, CustomStringConvertible {
        public var description: String

        public init(description: String) { self.description = description }
    }

    public init(_ program: String, _ arguments: [String]) {
        self.program = program
        self.arguments = arguments
    }

    /// Where a program lies; `nil` when it is not installed.
    public static func path(of program: String) -> String? {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":").map(String.init) ?? []
        return (folders + ["/usr/sbin", "/sbin"]).map { "\($0)/\(program)" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    /// Runs it and hands over what it prints, line by line as it comes: a table may be larger than memory should be.
    ///
    /// - Throws: ``Failed`` when it is not there or does not end with 0; what `body` throws.
    public func lines(_ body: (Substring) throws -> Void) throws {
        guard let path = Self.path(of: program) else { throw Failed(description: "\(program) is not installed") }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var rest: [UInt8] = []
        while true {
            let piece = output.fileHandleForReading.availableData
            if piece.isEmpty { break }
            rest += piece
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            for line in String(decoding: rest[..<end], as: UTF8.self).split(separator: "\n") { try body(line) }
            rest.removeSubrange(...end)
        }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(description: "\(program) ended with \(process.terminationStatus)")
        }
    }

    /// Runs it; what it prints is not wanted.
    public func run() throws { try lines { _ in } }
}
