import Foundation
import Testing

@testable import Telemetry

@Suite struct CacheDirectoryWalkTests {
    @Test("Files are counted with their sizes, links and pipes are not, and a loop of links is no way in")
    func counts() throws {
        let tree = try TemporaryTree(["ac/00/a": "12345", "cas/ff/b": "1234567890", "top": "1"])
        symlink(tree.path, tree.path + "/ac/loop")
        symlink(tree.path + "/cas/ff/b", tree.path + "/ac/link")
        mkfifo(tree.path + "/pipe", 0o600)
        let walk = try CacheDirectoryWalk(tree.path)
        #expect(walk.files == 3)
        #expect(walk.sizeBytes == 16)
        #expect(walk.isComplete)
        let filtered = try CacheDirectoryWalk(tree.path, isCounted: { $0 != "top" })
        #expect(filtered.files == 2)
    }

    @Test("A walk that runs out of entries, depth or time says so and keeps what it saw")
    func budgets() throws {
        let tree = try TemporaryTree()
        for index in 0..<1000 { try tree.put("\(index)", "x") }
        let few = try CacheDirectoryWalk(tree.path, budget: .init(entries: 100))
        #expect(!few.isComplete)
        #expect((1...100).contains(few.files))
        // The clock goes on by a second at each look: at the start, and then every 256 entries.
        nonisolated(unsafe) var time = 0.0
        let late = try CacheDirectoryWalk(
            tree.path, budget: .init(entries: 4096, seconds: 1.5),
            clock: {
                time += 1
                return time
            })
        #expect(!late.isComplete)
        #expect((256..<1000).contains(late.files))
        try tree.put("1/2/3/x".replacingOccurrences(of: "1/", with: "d/"), "x")
        let shallow = try CacheDirectoryWalk(tree.path, budget: .init(depth: 2))
        #expect(!shallow.isComplete)
        #expect(shallow.files == 1000)
    }

    @Test("A directory that cannot be read is an error")
    func absent() throws {
        let tree = try TemporaryTree(["file": "x"])
        #expect(throws: KernelFileError(path: "/nonexistent", code: ENOENT)) { try CacheDirectoryWalk("/nonexistent") }
        #expect(throws: KernelFileError(path: tree.path + "/file", code: ENOTDIR)) {
            try CacheDirectoryWalk(tree.path + "/file")
        }
    }

    @Test("A cache of a hundred thousand files is walked within its budget")
    func large() throws {
        let tree = try TemporaryTree()
        for folder in 0..<100 {
            let path = tree.path + "/\(folder)"
            mkdir(path, 0o755)
            let directory = open(path, O_RDONLY | O_DIRECTORY)
            defer { close(directory) }
            for file in 0..<1000 { close(openat(directory, "\(file)", O_CREAT | O_WRONLY, 0o600)) }
        }
        let walk = try CacheDirectoryWalk(tree.path)
        #expect(walk.files == 100_000)
        #expect(walk.isComplete)
    }
}
