import Builds
import Contract
import Foundation
import Synchronization
import Scaffolding
import Testing

@testable import Client

@Suite struct SpoolTests {
    private func at(_ second: Int) -> Timestamp { Timestamp(microseconds: Int64(second) * 1_000_000) }

    private func fill(_ spool: Spool, _ names: [String]) throws {
        for (second, name) in names.enumerated() { try spool.add(.sample(name), at: at(second), random: 1) }
    }

    /// Flushes, and says which runs were sent.
    private func flush(
        _ spool: Spool, within budget: Duration = .seconds(5),
        _ answer: @escaping (String) -> ClientError? = { _ in nil }
    ) async -> (Spool.Flush, [String]) {
        var sent: [String] = []
        let result = await spool.flush(within: budget) { (report, _) throws(ClientError) in
            if let error = answer(report.run.id.rawValue) { throw error }
            sent.append(report.run.id.rawValue)
        }
        return (result, sent)
    }

    @Test("Reports come back whole, oldest first, and only once")
    func order() async throws {
        let folder = try TemporaryFolder()
        let spool = Spool(path: folder.path)
        try spool.add(.sample("late"), at: at(20), random: 1)
        try spool.add(.sample("early"), at: at(3), random: 2)
        try spool.add(.sample("middle"), at: at(10), random: 3)
        let received = Mutex<[RunReport]>([])
        let result = await spool.flush(within: .seconds(5)) { (report, _) throws(ClientError) in
            received.withLock { $0.append(report) }
        }
        #expect(received.withLock { $0 } == [.sample("early"), .sample("middle"), .sample("late")])
        #expect(result.sent == 3 && result.remaining == 0)
        #expect(await flush(spool).1.isEmpty)
    }

    @Test("A full spool keeps the oldest, refuses new ones and counts them")
    func full() async throws {
        let folder = try TemporaryFolder()
        let spool = Spool(path: folder.path, bounds: .init(reports: 2))
        try fill(spool, ["a", "b"])
        for _ in 0..<3 { #expect(throws: SpoolError.full) { try spool.add(.sample("c"), at: at(9), random: 1) } }
        #expect(spool.state().reports == 2)
        #expect(spool.state().refused == 3)
        #expect(await flush(spool).1 == ["a", "b"])
        try spool.add(.sample("d"), at: at(9), random: 1)
    }

    @Test("The bound on bytes holds as well")
    func bytes() throws {
        let folder = try TemporaryFolder()
        let spool = Spool(path: folder.path, bounds: .init(totalBytes: 1500))
        #expect(throws: SpoolError.full) { try fill(spool, (0..<100).map(String.init)) }
        #expect(spool.state().totalBytes <= 1500)
        #expect(spool.state().reports >= 1)
    }

    @Test("A lock that another holds is waited for, and not for long")
    func heldLock() throws {
        let folder = try TemporaryFolder()
        let other = try #require(FileLock(path: folder.path + "/write.lock"))
        try Spool(path: folder.path).add(.sample("a"), at: at(1), random: 1)
        #expect(Spool(path: folder.path).state().reports == 1)
        other.unlock()
        #expect(FileLock(path: folder.path + "/write.lock", patience: .seconds(5)) != nil)
    }

    @Test("No address names a folder of dots", arguments: ["http://.", "http://..", "http://..."])
    func dots(url: String) {
        #expect(StateDirectory.folderName(of: url).contains { $0 != "." })
    }

    @Test(
        "Reports wait in a folder of their server's own",
        arguments: [
            ("http://127.0.0.1:8080", "127.0.0.1_8080"), ("http://ci.example.org", "ci.example.org"),
            ("https://ci.example.org", "ci.example.org-5c29396ab42adda"),
            ("http://ci.example.org/a", "ci.example.org_a-73c28c7bae549403"),
        ])
    func folders(url: String, name: String) throws {
        #expect(StateDirectory.folderName(of: url) == name)
        let folder = try TemporaryFolder()
        let path = StateDirectory.spoolPath(
            environment: ["XDG_STATE_HOME": folder.path], server: try ServerEndpoint(url: url, token: "t"))
        #expect(path == "\(folder.path)/inframind/spool/\(name)")
    }

    @Test("Addresses however long and odd give one short file name")
    func oddAddresses() {
        let names = ["http://a/../..", "http://" + String(repeating: "x", count: 2000), "", "://"].map(
            StateDirectory.folderName)
        #expect(names.allSatisfy { !$0.contains("/") && !$0.isEmpty && $0.utf8.count < 120 && $0 != ".." })
        #expect(Set(names).count == names.count)
    }

    @Test("Files are the owner's alone")
    func modes() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a/b/spool"
        #expect(StateDirectory.spoolPath(environment: ["INFRAMIND_SPOOL": path], server: nil) == path)
        try fill(Spool(path: path), ["a"])
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(path) == 0o700)
        for name in folder.names("a/b/spool") { #expect(try mode(path + "/" + name) == 0o600) }
    }

    @Test("A server that fails ends the flush, and nothing is lost")
    func failing() async throws {
        let folder = try TemporaryFolder()
        let spool = Spool(path: folder.path)
        try fill(spool, ["a", "b", "c"])
        let (result, sent) = await flush(spool) { $0 == "b" ? .timeout : nil }
        #expect(sent == ["a"])
        #expect(result.remaining == 2 && result.stoppedBy == .timeout)
        #expect(await flush(spool).1 == ["b", "c"])
    }

    @Test("What the server will never take moves aside and holds up nobody")
    func rejected() async throws {
        let folder = try TemporaryFolder()
        let spool = Spool(path: folder.path)
        try fill(spool, ["a", "b", "c"])
        let refusal = ClientError.refused(Problem(status: 422, title: "", detail: ""))
        let (result, sent) = await flush(spool) { $0 == "b" ? refusal : nil }
        #expect(sent == ["a", "c"])
        #expect(result.rejected == 1 && result.remaining == 0)
        #expect(spool.state().rejected == 1)
    }

    @Test(
        "A refused token is nobody's fault but the configuration's: reports wait", arguments: [401, 403, 408, 429, 503])
    func waiting(status: Int) async throws {
        let folder = try TemporaryFolder()
        let spool = Spool(path: folder.path)
        try fill(spool, ["a"])
        let (result, _) = await flush(spool) { _ in .refused(Problem(status: status, title: "", detail: "")) }
        #expect(result.remaining == 1 && spool.state().rejected == 0)
    }

    @Test("Of the rejected only the newest are kept")
    func rejectedBound() async throws {
        let folder = try TemporaryFolder()
        let spool = Spool(path: folder.path, bounds: .init(rejected: 2))
        try fill(spool, ["a", "b", "c"])
        _ = await flush(spool) { _ in .refused(Problem(status: 400, title: "", detail: "")) }
        #expect(folder.names("rejected").map { $0.prefix(16) } == ["0000000001000000", "0000000002000000"])
    }

    @Test(
        "A file that is no report moves aside",
        arguments: ["", "{", "[]", "{\"format\":99}", "\u{0}\u{1}", String(repeating: "[", count: 100_000)])
    func corrupted(text: String) async throws {
        let folder = try TemporaryFolder()
        let spool = Spool(path: folder.path)
        try folder.write(text, to: "0000000000000000-00000000.json")
        try spool.add(.sample("good"), at: at(5), random: 1)
        let (result, sent) = await flush(spool)
        #expect(sent == ["good"])
        #expect(result.rejected == 1)
    }

    @Test("A report of a later format is left to later programs")
    func laterFormat() async throws {
        let folder = try TemporaryFolder()
        var report = RunReport.sample()
        report.format = 2
        try folder.write(String(decoding: try JSONEncoder().encode(report), as: UTF8.self), to: "1.json")
        let (result, sent) = await flush(Spool(path: folder.path))
        #expect(sent.isEmpty && result.rejected == 1)
    }

    @Test("A link in the spool is not followed")
    func link() async throws {
        let folder = try TemporaryFolder()
        try folder.write("{}", to: "elsewhere/file")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/1.json", withDestinationPath: folder.path + "/elsewhere/file")
        #expect(await flush(Spool(path: folder.path)).1.isEmpty)
        #expect(folder.names("elsewhere") == ["file"])
    }

    @Test("While one process sends, another does not")
    func locked() async throws {
        let folder = try TemporaryFolder()
        let spool = Spool(path: folder.path)
        try fill(spool, ["a"])
        let other = try #require(FileLock(path: folder.path + "/send.lock"))
        let (busy, sent) = await flush(spool)
        #expect(busy.isBusy && busy.remaining == 1 && sent.isEmpty)
        other.unlock()
        #expect(await flush(spool).1 == ["a"])
    }

    @Test("No time, nothing sent")
    func noTime() async throws {
        let folder = try TemporaryFolder()
        let spool = Spool(path: folder.path)
        try fill(spool, ["a"])
        let (result, sent) = await flush(spool, within: .zero)
        #expect(sent.isEmpty && result.remaining == 1)
    }

    @Test("Many at once keep to the bound")
    func concurrently() async throws {
        let folder = try TemporaryFolder()
        // Who loses patience goes on without the lock, and the bound is no longer exact: not what is asked here.
        let spool = Spool(path: folder.path, bounds: .init(reports: 10), lockPatience: .seconds(60))
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<40 {
                group.addTask {
                    try? spool.add(
                        .sample("r\(index)"), at: Timestamp(microseconds: Int64(index)), random: UInt32(index))
                }
            }
        }
        #expect(spool.state().reports == 10)
        #expect(spool.state().refused == 30)
    }

    @Test("A folder that is gone is an error that says so")
    func unwritable() {
        let spool = Spool(path: "/nonexistent/spool")
        #expect(throws: SpoolError.self) { try spool.add(.sample(), at: at(0), random: 0) }
        #expect(spool.state() == Spool.State(reports: 0, totalBytes: 0, rejected: 0, refused: 0))
    }
}
