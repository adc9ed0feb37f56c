import Builds
import Testing

@testable import CLI

@Suite struct WrappedCommandLineTests {
    @Test("Bytes that are no UTF-8 reach the command as they came")
    func bytes() throws {
        let odd: [UInt8] = [0x66, 0xFF, 0xFE]
        let asking = [0xFF] + Array("{jobs}$".utf8) + [0xC3] + Array("${jobs}".utf8)
        let words = ["inframind", "run", "--", "cat", "x{jobs}"].map { Array($0.utf8) } + [odd, asking]
        let command = try #require(WrappedCommandLine(processArguments: words))
        let filled = command.filled(with: Settings(jobs: 3))
        let answered = [0xFF] + Array("3$".utf8) + [0xC3] + Array("${jobs}".utf8)
        #expect(filled.arguments == [Array("cat".utf8), Array("x3".utf8), odd, answered])
    }

    @Test("Only the first -- is ours")
    func terminator() {
        let words = ["inframind", "run", "--", "git", "log", "--", "file"].map { Array($0.utf8) }
        #expect(WrappedCommandLine(processArguments: words)?.text == ["git", "log", "--", "file"])
        #expect(WrappedCommandLine(processArguments: [Array("inframind".utf8)]) == nil)
        #expect(WrappedCommandLine(processArguments: ["run", "--"].map { Array($0.utf8) }) == nil)
    }

    @Test(
        "The parser sees no more of a wrapped command than its name",
        arguments: [
            ("run -v -- make all -- x", "run -v -- make"), ("run --", "run --"), ("run make all", "run make all"),
            ("optimize -- a b", "optimize -- a b"), ("", ""),
        ])
    func parsed(words: String, seen: String) {
        #expect(Program.arguments(words.split(separator: " ").map(String.init)).joined(separator: " ") == seen)
    }

    @Test("A variable replaces the first of its name and keeps the rest in order")
    func environment() {
        var environment = ChildEnvironment(["A=1", "B=2", "A=3"].map { Array($0.utf8) })
        environment.set("A", "x")
        environment.set("C", "y=z")
        environment.set("BAD=NAME", "no")
        environment.set("D", "no\0")
        #expect(environment.entries.map { String(decoding: $0, as: UTF8.self) } == ["A=x", "B=2", "A=3", "C=y=z"])
    }
}
