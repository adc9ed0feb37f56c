import Foundation
import Testing

@testable import Telemetry

@Suite struct ProcessEnvironmentTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var bytes: [UInt8]
        var expected: [ProcessEnvironment.Value]
        var isCut = false

        init(_ name: String, _ text: String, _ expected: [ProcessEnvironment.Value], isCut: Bool = false) {
            self.init(name, Array(text.utf8), expected, isCut: isCut)
        }

        init(_ name: String, _ bytes: [UInt8], _ expected: [ProcessEnvironment.Value], isCut: Bool = false) {
            testDescription = name
            self.bytes = bytes
            self.expected = expected
            self.isCut = isCut
        }
    }

    static let cases = [
        Case("both are there", "PATH=/bin\0A=1\0B=2\0", [.text("1"), .text("2")]),
        Case("no NUL at the end", "A=1\0B=2", [.text("1"), .text("2")]),
        Case(
            "an entry that may go on beyond what was read is not believed", "A=1\0B=2", [.text("1"), .missing],
            isCut: true),
        Case("an empty file", "", [.missing, .missing]),
        Case("NULs alone", "\0\0\0", [.missing, .missing]),
        Case("entries without an equals sign", "A\0=1\0B=\0", [.missing, .unusable]),
        Case("a longer name that begins the same", "AA=1\0XA=2\0A_=3\0", [.missing, .missing]),
        Case("the first of two counts", "A=1\0A=2\0", [.text("1"), .missing]),
        Case("a value with equals signs", "A=x=y=\0", [.text("x=y="), .missing]),
        Case("a name inside another value", "X=A=1\0B=A=2\0", [.missing, .text("A=2")]),
        Case("a line feed would break a log", "A=1\n2\0B=\u{7F}\0", [.unusable, .unusable]),
        Case("text beyond ASCII", "A=Grüße\0", [.text("Grüße"), .missing]),
        Case("bytes that are no text", [0x41, 0x3D, 0xFF, 0xFE, 0], [.unusable, .missing]),
        Case(
            "the longest value", "A=" + String(repeating: "x", count: 1024) + "\0",
            [
                .text(String(repeating: "x", count: 1024)), .missing,
            ]),
        Case("a longer one", "A=" + String(repeating: "x", count: 1025) + "\0", [.unusable, .missing]),
        Case("a mebibyte before it", String(repeating: "J=unk\0", count: 180_000) + "A=1\0", [.text("1"), .missing]),
        Case(
            "a mebibyte of one entry", "J=" + String(repeating: "u", count: 1 << 20) + "\0A=1\0",
            [.text("1"), .missing]),
    ]

    @Test("An environment is read whatever bytes are in it", arguments: cases)
    func reads(_ row: Case) {
        let values = row.bytes.withUnsafeBytes {
            ProcessEnvironment.values(of: ["A", "B"], in: $0[...], isCut: row.isCut)
        }
        #expect(values == row.expected)
    }

    static let stat =
        "7 (a) b) S 1 7 7 0 -1 4194304 99 0 0 0 12 3 400 50 20 0 1 0 4104372 3133440 390 18446744073709551615\n"

    @Test("A proc directory reads files of processes, and lists numbers alone")
    func directory() throws {
        let tree = try TemporaryTree([
            "proc/7/environ": "A=1\0", "proc/7/cmdline": "inframind\0run\0--\0make\0", "proc/120/environ": "",
            "proc/12x/environ": "A=2\0", "proc/loadavg": "0.20 0.18 0.12 1/80 11206\n",
            "proc/7/stat": Self.stat,
        ])
        let proc = try ProcDirectory(tree.roots)
        var found: Set<Int32> = []
        for _ in 0..<2 { proc.forEachProcess { found.insert($0) } }
        #expect(found == [7, 120])
        #expect(proc.openCount == 0)
        #expect(proc.environment(7, ["A", "B"]) == [.text("1"), .missing])
        #expect(proc.environment(120, ["A"]) == [.missing])
        #expect(proc.environment(8, ["A"]) == nil)
        #expect(proc.commandLine(7) == ["inframind", "run"])
        #expect(proc.latestProcessID() == 11_206)
        #expect(proc.stat(7) == ProcessStat(KernelText(Self.stat)))
        #expect(proc.stat(Int32.max) == nil)
        #expect(proc.openCount == 7)
        #expect(!proc.isOwnNamespace())
        #expect(try ProcDirectory(KernelRoots()).isOwnNamespace())
    }

    @Test("A proc directory that is not there is an error that names it")
    func missing() {
        let error = #expect(throws: KernelFileError.self) { try ProcDirectory(KernelRoots(procfs: "/nowhere")) }
        #expect(error?.description == "/nowhere: No such file or directory")
    }
}
