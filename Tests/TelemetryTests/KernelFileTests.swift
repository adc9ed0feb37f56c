import Foundation
import Testing

@testable import Telemetry

@Suite struct KernelFileTests {
    private func cursor(_ text: String, _ body: (inout KernelCursor) -> Void) {
        Array(text.utf8).withUnsafeBytes {
            var cursor = KernelCursor($0)
            body(&cursor)
        }
    }

    private func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("A cursor walks over words, numbers and lines")
    func walk() {
        cursor("cpu0 12\t-3 x\n\nlast 9") { cursor in
            let line = (text(cursor.word()), cursor.number(), cursor.number(), cursor.number(), text(cursor.word()))
            #expect(line == ("cpu0", 12, -3, nil, "x"))
            #expect(cursor.isAtLineEnd)
            let beyond = (cursor.word().isEmpty, cursor.number())
            #expect(beyond == (true, nil))
            let emptyLine = (cursor.nextLine(), cursor.isAtLineEnd, cursor.nextLine())
            #expect(emptyLine == (true, true, true))
            let last = (cursor.skip("lasting"), cursor.skip("last "), cursor.number(), cursor.nextLine())
            #expect(last == (false, true, 9, false))
            #expect(cursor.isAtEnd)
        }
    }

    @Test(
        "Numbers saturate, and what is none is none",
        arguments: [
            ("0", 0), ("18446744073709551615", .max), ("9223372036854775807", .max), ("-", nil), ("", nil), ("x1", nil),
            ("-12x", -12), ("+1", nil), (" \t7", 7), ("\n7", nil),
        ] as [(String, Int64?)])
    func numbers(text: String, expected: Int64?) {
        cursor(text) { cursor in
            let number = cursor.number()
            #expect(number == expected)
        }
    }

    @Test(
        "Decimals are read as hundredths",
        arguments: [
            ("0.08", 8), ("2.50", 250), ("7", 700), ("1.", 100), ("0.999", 99), ("0.5", 50), (".5", nil), ("-1.0", nil),
            ("92233720368547758070.99", .max),
        ] as [(String, Int64?)])
    func hundredths(text: String, expected: Int64?) {
        cursor(text) { cursor in
            let hundredths = cursor.hundredths()
            #expect(hundredths == expected)
        }
    }

    @Test("A search for a byte does not leave the line")
    func skipPast() {
        cursor("a: b\nc: d") { cursor in
            let found = (cursor.skip(past: UInt8(ascii: ":")), text(cursor.word()))
            #expect(found == (true, "b"))
            let another = cursor.skip(past: UInt8(ascii: ":"))
            #expect(!another)
            #expect(cursor.isAtLineEnd)
        }
    }

    private func folder() throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test("A file is read again from its start, and sees what has been written since")
    func rereads() throws {
        let path = try folder() + "/file"
        defer { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
        try "1 first\n".write(toFile: path, atomically: false, encoding: .utf8)
        let file = KernelFile(path)
        let buffer = KernelBuffer()
        #expect(try file.read(into: buffer).rest.count == 8)
        try "2 second\n".write(toFile: path, atomically: false, encoding: .utf8)
        #expect(text(try file.read(into: buffer).rest) == "2 second\n")
    }

    @Test("A file that is not there says so, and is found once it is")
    func appears() throws {
        let path = try folder() + "/file"
        defer { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
        let file = KernelFile(path)
        let buffer = KernelBuffer()
        #expect(throws: KernelFileError(path: path, code: ENOENT)) { _ = try file.read(into: buffer).rest.count }
        try "here\n".write(toFile: path, atomically: false, encoding: .utf8)
        #expect(text(try file.read(into: buffer).rest) == "here\n")
        try FileManager.default.removeItem(atPath: path)
        #expect(text(try file.read(into: buffer).rest) == "here\n", "the kernel keeps an open file")
    }

    @Test("A file that was emptied and replaced is opened anew")
    func replaced() throws {
        let path = try folder() + "/file"
        defer { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
        try "old\n".write(toFile: path, atomically: false, encoding: .utf8)
        let file = KernelFile(path)
        let buffer = KernelBuffer()
        #expect(text(try file.read(into: buffer).rest) == "old\n")
        truncate(path, 0)
        try FileManager.default.removeItem(atPath: path)
        try "new\n".write(toFile: path, atomically: false, encoding: .utf8)
        #expect(text(try file.read(into: buffer).rest) == "new\n")
    }

    @Test("Of a file beyond the limit only whole lines are kept")
    func limit() throws {
        let path = try folder() + "/file"
        defer { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
        try String(repeating: "123456789\n", count: 100).write(toFile: path, atomically: false, encoding: .utf8)
        let buffer = KernelBuffer(limitBytes: 105)
        #expect(try #require(buffer.read(path: path)).rest.count == 100)
        try String(repeating: "1", count: 1000).write(toFile: path, atomically: false, encoding: .utf8)
        #expect(try #require(buffer.read(path: path)).isAtEnd)
    }

    @Test("A large file of the kernel is read to its end")
    func whole() throws {
        // More than one read hands out, and every mapping ends with its flags.
        let buffer = KernelBuffer()
        defer { withExtendedLifetime(buffer) {} }
        let content = try #require(buffer.read(path: "/proc/self/smaps")).rest
        let lines = content.split(separator: UInt8(ascii: "\n"))
        #expect(content.count > 64 << 10)
        #expect(try #require(lines.last).starts(with: "VmFlags:".utf8))
    }
}
