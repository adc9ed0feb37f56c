import Glibc
import Testing

@testable import Telemetry

@Suite struct ExitRecordTests {
    static let family: UInt16 = 27

    /// A message as the kernel lays it out.
    struct Message {
        var bytes: [UInt8] = []

        /// `struct taskstats` of version 13, all zero but for these.
        static func stats(
            version: UInt16 = 13, process: Int32, group: Int32, parent: Int32, run: UInt64, user: UInt64,
            system: UInt64, peakKibibytes: UInt64
        ) -> [UInt8] {
            var stats = [UInt8](repeating: 0, count: 416)
            func put(_ number: some FixedWidthInteger, at offset: Int) {
                Swift.withUnsafeBytes(of: number) { stats.replaceSubrange(offset..<(offset + $0.count), with: $0) }
            }
            put(version, at: 0)
            put(run, at: 72)
            put(process, at: 128)
            put(parent, at: 132)
            put(user, at: 152)
            put(system, at: 160)
            put(peakKibibytes, at: 200)
            put(group, at: 368)
            return stats
        }

        static func attribute(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.append(number: UInt16(4 + payload.count))
            bytes.append(number: type)
            return bytes + payload + [UInt8](repeating: 0, count: -payload.count & 3)
        }

        static func aggregate(_ type: UInt16, id: Int32, _ stats: [UInt8]) -> [UInt8] {
            var number: [UInt8] = []
            number.append(number: id)
            // The kernel pads so that the numbers behind lie on eight bytes.
            return attribute(
                type, attribute(type == 4 ? 1 : 2, number) + attribute(6, []) + attribute(3, stats))
        }

        init(_ attributes: [UInt8], family: UInt16 = ExitRecordTests.family) {
            bytes.append(number: UInt32(20 + attributes.count))
            bytes.append(number: family)
            bytes += [UInt8](repeating: 0, count: 10) + [2, 1, 0, 0] + attributes
        }
    }

    @Test("A message holds the task, and with the last thread its whole process")
    func records() throws {
        let thread = Message.stats(
            process: 71, group: 70, parent: 1, run: 250_000_000, user: 200_000, system: 100_000, peakKibibytes: 2048)
        let whole = Message.stats(
            version: 0, process: 0, group: 0, parent: 0, run: 4_000_000_000, user: 0, system: 0, peakKibibytes: 0)
        let message = Message(Message.aggregate(4, id: 71, thread) + Message.aggregate(5, id: 70, whole))
        let records = ExitRecord.records(in: message.bytes[...], family: Self.family)
        #expect(records.map(\.processID) == [70, 70])
        #expect(records.map(\.isWholeProcess) == [false, true])
        #expect(records.map(\.isLeader) == [false, false])
        #expect(records.map(\.cpuSeconds) == [0.25, 4])
        #expect(records[0].userSeconds == 0.2)
        #expect(records[0].systemSeconds == 0.1)
        #expect(records[0].peakRSSBytes == 2 << 20)
        #expect(records[0].parentID == 1)
    }

    @Test("Without delay accounting the ticks stand in for the scheduler's count")
    func ticks() {
        let stats = Message.stats(
            process: 9, group: 9, parent: 1, run: 0, user: 200_000, system: 100_000, peakKibibytes: 1)
        let records = ExitRecord.records(
            in: Message(Message.aggregate(4, id: 9, stats)).bytes[...], family: Self.family)
        #expect(records.map(\.isLeader) == [true])
        #expect(abs((records.first?.cpuSeconds ?? 0) - 0.3) < 1e-9)
    }

    @Test("Older kernels, other families and every cut message give nothing, and no crash")
    func hostile() {
        let stats = Message.stats(
            process: 9, group: 9, parent: 1, run: 1, user: 1, system: 1, peakKibibytes: .max)
        let whole = Message(Message.aggregate(4, id: 9, stats))
        #expect(ExitRecord.records(in: whole.bytes[...], family: Self.family).count == 1)
        #expect(ExitRecord.records(in: whole.bytes[...], family: 3).isEmpty)
        for length in whole.bytes.indices {
            #expect(ExitRecord.records(in: whole.bytes[..<length], family: Self.family).isEmpty)
        }
        var old = stats
        old.replaceSubrange(0..<2, with: [10, 0])
        #expect(
            ExitRecord.records(in: Message(Message.aggregate(4, id: 9, old)).bytes[...], family: Self.family).isEmpty)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var bytes = whole.bytes
            for _ in 0..<8 { bytes[Int.random(in: 0..<64, using: &generator)] = UInt8.random(in: 0...255) }
            _ = ExitRecord.records(in: bytes[...], family: Self.family)
        }
    }

    static let reason: String? = {
        do throws(ExitRecordListener.Unavailable) {
            _ = try ExitRecordListener(KernelRoots())
            return nil
        } catch {
            return error.description
        }
    }()

    @Test(
        "The kernel tells of a child that ends, and whose it was", .enabled(if: reason == nil, "no exit records here"))
    func real() throws {
        let listener = try ExitRecordListener(KernelRoots())
        var process: pid_t = 0
        var argv: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
        defer { for pointer in argv { free(pointer) } }
        try #require(posix_spawnp(&process, "true", nil, nil, &argv, environ) == 0)
        var status: Int32 = 0
        try #require(waitpid(process, &status, 0) == process)
        var found: [ExitRecord] = []
        #expect(listener.drain { if $0.processID == process { found.append($0) } })
        #expect(found.map(\.parentID) == [getpid()])
        #expect(found.map(\.isLeader) == [true])
        // The shortest commands take no CPU time that the kernel would count.
        #expect(found.allSatisfy { $0.cpuSeconds >= 0 && $0.peakRSSBytes > 0 })
    }
}
