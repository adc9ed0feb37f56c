import Foundation
import Scaffolding
import Testing

@testable import Client

@Suite struct StateDirectoryTests {
    @Test(
        "The places are tried in this order",
        arguments: [
            (
                ["XDG_STATE_HOME": "/x", "HOME": "/h"],
                ["/x/inframind", "/h/.local/state/inframind", "/tmp/inframind-7"]
            ),
            (["HOME": "/h", "TMPDIR": "/t"], ["/h/.local/state/inframind", "/t/inframind-7", "/tmp/inframind-7"]),
            (["XDG_STATE_HOME": "relative", "HOME": ""], ["/tmp/inframind-7"]),
        ])
    func candidates(environment: [String: String], paths: [String]) {
        #expect(StateDirectory.candidates(environment: environment, userID: 7) == paths)
    }

    @Test("A home that cannot be written to is passed over")
    func unwritableHome() throws {
        let folder = try TemporaryFolder()
        let state = StateDirectory(environment: ["HOME": "/proc/nowhere", "TMPDIR": folder.path], userID: 7)
        #expect(state?.path == folder.path + "/inframind-7")
    }

    @Test("A folder that others can write to, or a link to one, is not ours")
    func traps() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/open", withIntermediateDirectories: false)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path + "/open")
        #expect(!Folder.makePrivate(at: folder.path + "/open"))
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: folder.path)
        #expect(!Folder.makePrivate(at: folder.path + "/link"))
        try folder.write("", to: "file")
        #expect(!Folder.makePrivate(at: folder.path + "/file"))
        #expect(Folder.makePrivate(at: folder.path + "/new/below"))
    }

    @Test("A file is replaced as a whole, and a failed write leaves nothing behind")
    func atomicWrite() throws {
        let folder = try TemporaryFolder()
        try Folder.write(Array("one".utf8), to: folder.path + "/f")
        try Folder.write(Array("two".utf8), to: folder.path + "/f")
        #expect(Folder.read(folder.path + "/f", atMost: 10) == Array("two".utf8))
        try FileManager.default.createDirectory(atPath: folder.path + "/d/x", withIntermediateDirectories: true)
        #expect(throws: FileError.self) { try Folder.write([1], to: folder.path + "/d") }
        #expect(folder.names() == ["d", "f"])
    }

    @Test("A file larger than its bound is not read")
    func bounded() throws {
        let folder = try TemporaryFolder()
        try folder.write("12345", to: "f")
        #expect(Folder.read(folder.path + "/f", atMost: 5)?.count == 5)
        #expect(Folder.read(folder.path + "/f", atMost: 4) == nil)
        #expect(Folder.read(folder.path, atMost: 1000) == nil)
    }
}
