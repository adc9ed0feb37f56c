import Builds
import Testing

@testable import CLI

@Suite struct WrappedCommandLineTests {
    @Test("Bytes that are no UTF-8 reach the command as they came")
    func bytes() throws {
        let odd: [UInt8] = [0x66, 0xFF, 0xFE]
        let words = ["inframind", "run", "--", "cat", "x{jobs}"].map { Array($0.utf8) } + [odd]
        let command = try #require(WrappedCommandLine(processArguments: words))
        let filled = command.filled(with: Settings(jobs: 3))
        #expect(filled.arguments == [Array("cat".utf8), Array("x3".utf8), odd])
    }

    @Test("Only the first -- is ours")
    func terminator() {
        let words = ["inframind", "run", "--", "git", "log", "--", "file"].map { Array($0.utf8) }
        #expect(WrappedCommandLine(processArguments: words)?.text == ["git", "log", "--", "file"])
        #expect(WrappedCommandLine(processArguments: [Array("inframind".utf8)]) == nil)
        #expect(WrappedCommandLine(processArguments: ["run", "--"].map { Array($0.utf8) }) == nil)
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
