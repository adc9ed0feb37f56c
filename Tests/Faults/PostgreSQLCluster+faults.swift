import Foundation
import Glibc
import Scaffolding

extension PostgreSQLCluster {
    public var port: UInt16 { URL(string: url)?.port.flatMap(UInt16.init) ?? 0 }

    /// Ends the server and all its processes at once, as a crash of the machine would.
    public func killAll() throws {
        let postmaster = try postmasterID()
        // Stopped first: it would notice the death of its children, and start others.
        kill(postmaster, SIGSTOP)
        let children = Self.children(of: postmaster)
        for process in children + [postmaster] { kill(process, SIGKILL) }
        guard poll(upToSeconds: 10, { (children + [postmaster]).allSatisfy { !Self.isAlive($0) } }) else {
            throw Command.Failed(description: "PostgreSQL is still there after kill -9")
        }
        // In a container nobody may bury the dead; PostgreSQL would take its own corpse for another server.
        try? FileManager.default.removeItem(atPath: "\(folder)/data/postmaster.pid")
    }

    /// Starts what was killed or stopped, with recovery where it is due.
    public func start() throws {
        try control("-w", "-t", "60", "-l", "\(folder)/log", "-o", "-p \(port)", "start")
    }

    /// As an administrator would: open transactions are ended, nothing is drained.
    public func restart() throws {
        try control("-w", "-t", "60", "-l", "\(folder)/log", "-m", "fast", "restart")
    }

    public var isRunning: Bool { (try? postmasterID()).map { Self.isAlive($0) } ?? false }

    private func control(_ arguments: String...) throws {
        let versions = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")
        let newest = versions.max { (Int($0) ?? 0) < (Int($1) ?? 0) } ?? ""
        let command = ["/usr/lib/postgresql/\(newest)/bin/pg_ctl", "-D", "\(folder)/data", "-s"] + arguments
        // PostgreSQL refuses to run as root.
        let isRoot = geteuid() == 0
        let user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
        do {
            try Command(
                "bash", ["-c", Self.withoutOurFiles] + [isRoot ? "setpriv" : "env"] + (isRoot ? user : []) + command
            )
            .run()
        } catch {
            let log = (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? ""
            throw Command.Failed(
                description: "\(error): \(log.split(separator: "\n").suffix(3).joined(separator: " "))")
        }
    }

    /// `Process` waits until nobody holds a file it lends to what it starts; PostgreSQL, which stays, would hold it.
    private static let withoutOurFiles = """
        for file in /proc/$$/fd/*; do [ "${file##*/}" -le 2 ] || eval "exec ${file##*/}>&-"; done; exec "$0" "$@"
        """

    private func postmasterID() throws -> pid_t {
        let text = try String(contentsOfFile: "\(folder)/data/postmaster.pid", encoding: .utf8)
        guard let id = text.split(separator: "\n").first.flatMap({ pid_t($0) }) else {
            throw Command.Failed(description: "PostgreSQL does not say which process it is")
        }
        return id
    }

    private static func children(of parent: pid_t) -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { state(of: $0)?.parent == parent }
    }

    /// A process that nobody has buried yet is dead all the same.
    private static func isAlive(_ process: pid_t) -> Bool { state(of: process).map { $0.letter != "Z" } ?? false }

    private static func state(of process: pid_t) -> (letter: Substring, parent: pid_t)? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 2, let parent = pid_t(fields[2]) else { return nil }
        return (fields[1], parent)
    }
}
