import Faults
import Foundation

/// A file system of a few megabytes that can be filled up and freed.
struct SmallDisk {
    let folder: URL
    private var ballast: URL { folder.appending(path: "ballast") }

    /// - Throws: ``Scenario/Skipped`` where nothing may be mounted.
    init(at folder: URL, megabytes: Int) throws {
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        do {
            let options = "size=\(megabytes)m,mode=1777"
            try Command("mount", ["-t", "tmpfs", "-o", options, "inframind-faults", folder.path]).run()
        } catch {
            throw Scenario.Skipped("a small file system takes root, to mount it")
        }
    }

    func unmount() { try? Command("umount", ["-l", folder.path]).run() }

    /// Keeps the disk full for some seconds: what the server frees is taken at once.
    func fill(forSeconds seconds: Double) throws {
        _ = FileManager.default.createFile(atPath: ballast.path, contents: nil)
        let file = try FileHandle(forWritingTo: ballast)
        defer { try? file.close() }
        // Ever smaller pieces, down to a page: less than that holds no row either.
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            for size in [1 << 20, 1 << 16, 1 << 12] {
                while (try? file.write(contentsOf: Data(count: size))) != nil {}
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
    }

    func free() throws { try FileManager.default.removeItem(at: ballast) }
}
