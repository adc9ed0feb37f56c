import Glibc

/// Where InfraMind keeps its few files between commands: the spool, and steps that have begun.
///
/// The first of these that is, or can be made, a folder of ours that nobody else can write to:
/// `$XDG_STATE_HOME/inframind`, `$HOME/.local/state/inframind`, `$TMPDIR/inframind-UID`, `/tmp/inframind-UID`. Build
/// containers often have no writable home.
public struct StateDirectory: Hashable, Sendable {
    public let path: String

    public init(path: String) { self.path = path }

    /// - Returns: `nil` when no place can be written to.
    public init?(environment: [String: String], userID: UInt32 = getuid()) {
        let found = Self.candidates(environment: environment, userID: userID).first(where: Folder.makePrivate(at:))
        guard let found else { return nil }
        path = found
    }

    /// The places, best first. Relative paths are ignored, as the XDG specification demands.
    static func candidates(environment: [String: String], userID: UInt32) -> [String] {
        var paths: [String] = []
        func add(_ base: String?, _ rest: String) {
            if let base, base.hasPrefix("/") { paths.append(base + rest) }
        }
        add(environment["XDG_STATE_HOME"], "/inframind")
        add(environment["HOME"], "/.local/state/inframind")
        add(environment["TMPDIR"], "/inframind-\(userID)")
        add("/tmp", "/inframind-\(userID)")
        return paths
    }

    /// The spool: `$INFRAMIND_SPOOL`, else `spool` in the state directory.
    ///
    /// - Returns: `nil` when no place can be written to; reports that cannot be sent are then lost.
    public static func spoolPath(environment: [String: String]) -> String? {
        if let path = environment["INFRAMIND_SPOOL"], !path.isEmpty {
            return Folder.makePrivate(at: path) ? path : nil
        }
        guard let state = StateDirectory(environment: environment) else { return nil }
        let path = state.path + "/spool"
        return Folder.makePrivate(at: path) ? path : nil
    }
}
