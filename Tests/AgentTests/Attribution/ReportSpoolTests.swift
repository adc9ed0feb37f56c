import Builds
import Foundation
import Testing

@testable import Agent

@Suite struct ReportSpoolTests {
    let folder = NSTemporaryDirectory() + "inframind-spool-" + UUID().uuidString

    private func add(_ spool: inout ReportSpool, _ index: Int, body: String? = nil, isKept: Bool = true) {
        spool.add(
            Array((body ?? "{\"n\":\(index)}").utf8), of: UInt64(index),
            at: Timestamp(microseconds: 1_800_000_000_000_000 + Int64(index)), isKept: isKept)
        spool.persist()
    }

    private func bodies(_ spool: inout ReportSpool) -> [String] {
        spool.entries.compactMap { spool.body(of: $0) }.map { String(decoding: $0, as: UTF8.self) }
    }

    private func files(_ below: String = "") -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder + below)) ?? []).sorted()
    }

    @Test("Reports outlive the agent, in their order")
    func restart() {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            var spool = ReportSpool(path: folder)
            for index in 1...3 { add(&spool, index) }
            spool.remove(spool.entries[1])
        }
        var spool = ReportSpool(path: folder)
        #expect(bodies(&spool) == ["{\"n\":1}", "{\"n\":3}"])
        #expect(spool.totalBytes == 14)
        for entry in spool.entries { spool.remove(entry) }
        #expect(files().isEmpty)
        #expect(spool.drops.isEmpty)
    }

    @Test("Files of the format before kinds are read as last reports, and kinds survive a restart")
    func formats() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var spool = ReportSpool(path: folder)
        add(&spool, 1, isKept: false)
        add(&spool, 2)
        let body = Array("{\"n\":3}".utf8)
        let sum = String(ReportSpool.checksum(body), radix: 16)
        let header = "inframind-usage-1 7 " + String(repeating: "0", count: 16 - sum.count) + sum + "\n"
        try Data(Array(header.utf8) + body).write(
            to: URL(fileURLWithPath: folder + "/1800000000000003-0000000000000003.json"))
        var again = ReportSpool(path: folder)
        #expect(bodies(&again) == ["{\"n\":1}", "{\"n\":2}", "{\"n\":3}"])
        #expect(again.entries.map(\.isKept) == [false, true, true])
    }

    @Test("Of two files of one step, which a killed agent left, the newer is read")
    func twoOfOne() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var spool = ReportSpool(path: folder)
        add(&spool, 1)
        let old = folder + "/" + files()[0]
        let bytes = try Data(contentsOf: URL(fileURLWithPath: old))
        // The clock stands still meanwhile; the name tells them apart all the same.
        add(&spool, 1, body: "{\"n\":9}")
        try bytes.write(to: URL(fileURLWithPath: old))
        #expect(files().count == 2)
        var again = ReportSpool(path: folder)
        #expect(bodies(&again) == ["{\"n\":9}"])
        #expect(files().count == 1)
    }

    @Test("A full spool gives up early reports before last ones")
    func fullOfEarly() {
        var spool = ReportSpool(path: nil, bounds: .init(reports: 2))
        add(&spool, 1)
        add(&spool, 2, isKept: false)
        add(&spool, 3)
        #expect(bodies(&spool) == ["{\"n\":1}", "{\"n\":3}"])
        #expect(spool.drops == [.full: 1])
    }

    @Test("When there is no room the oldest goes, and is counted", arguments: [(3, 1 << 20), (1000, 21)])
    func full(reports: Int, bytes: Int) {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bounds = ReportSpool.Bounds(reports: reports, totalBytes: bytes)
        var spool = ReportSpool(path: folder, bounds: bounds)
        for index in 1...5 { add(&spool, index) }
        #expect(bodies(&spool) == ["{\"n\":3}", "{\"n\":4}", "{\"n\":5}"])
        #expect(spool.drops == [.full: 2])
        #expect(files().count == 3)
        // A spool that was filled under wider bounds is cut to the narrower ones.
        #expect(ReportSpool(path: folder, bounds: .init(reports: 1)).drops == [.full: 2])
    }

    @Test("Damaged files are put aside, and what a killed agent left half-written is removed")
    func damaged() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var spool = ReportSpool(path: folder)
        for index in 1...4 { add(&spool, index) }
        let names = files()
        try Data("inframind-usage-1 7".utf8).write(to: URL(fileURLWithPath: folder + "/" + names[0]))
        var bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + names[1]))
        bytes[bytes.count - 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: folder + "/" + names[1]))
        try Data("{}".utf8).write(to: URL(fileURLWithPath: folder + "/notes.txt"))
        try Data("half".utf8).write(to: URL(fileURLWithPath: folder + "/.\(names[0])"))
        symlink("/etc/passwd", folder + "/0000000000000009-0000000000000009.json")
        var again = ReportSpool(path: folder)
        #expect(bodies(&again) == ["{\"n\":3}", "{\"n\":4}"])
        #expect(again.drops == [.corrupt: 4])
        #expect(files("/damaged").count == 4)
        #expect(files() == [names[2], names[3], "damaged"])
        // One that is damaged while the agent runs is noticed when it is read.
        try Data().write(to: URL(fileURLWithPath: folder + "/" + names[2]))
        #expect(bodies(&again) == ["{\"n\":4}"])
        #expect(again.drops == [.corrupt: 5])
    }

    @Test("The shelf of damaged files is bounded")
    func shelf() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = ReportSpool(path: folder)
        for index in 0..<50 { try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/x\(index).json")) }
        #expect(ReportSpool(path: folder).drops == [.corrupt: 50])
        #expect(files("/damaged").count == 20)
    }

    @Test("Without a folder to write to, reports wait in memory under the same bounds, and the reason is told")
    func memory() {
        for path in [nil, "/proc/nowhere"] {
            var spool = ReportSpool(path: path, bounds: .init(reports: 2))
            for index in 1...3 { add(&spool, index) }
            #expect(bodies(&spool) == ["{\"n\":2}", "{\"n\":3}"])
            #expect(spool.drops == [.full: 1])
            #expect((spool.reasonForMemory == nil) == (path == nil))
        }
    }

    @Test("A report beyond any honest size is refused")
    func oversize() {
        var spool = ReportSpool(path: nil)
        add(&spool, 1, body: String(repeating: "x", count: 70_000))
        #expect(spool.entries.isEmpty)
        #expect(spool.drops == [.refused: 1])
    }
}
