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

    /// The spool: `$INFRAMIND_SPOOL`, else a folder for this server in `spool` of the state directory. What was meant for
    /// one server must not go to another that happens to be asked next.
    ///
    /// - Parameter server: `nil` when nobody knows where reports go; they wait in a folder of their own.
    /// - Returns: `nil` when no place can be written to; reports that cannot be sent are then lost.
    public static func spoolPath(environment: [String: String], server: ServerEndpoint?) -> String? {
        if let path = environment["INFRAMIND_SPOOL"], !path.isEmpty {
            return Folder.makePrivate(at: path) ? path : nil
        }
        guard let state = StateDirectory(environment: environment) else { return nil }
        let path = state.path + "/spool/" + (server.map { folderName(of: $0.url) } ?? "unaddressed")
        return Folder.makePrivate(at: path) ? path : nil
    }

    /// `http://ci.example.org:8080/a` as `ci.example.org_8080_a`, with a checksum where that is not the whole address.
    static func folderName(of url: String) -> String {
        let readable = (url.split(separator: "://", maxSplits: 1).last ?? "").utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E: byte
            default: UInt8(ascii: "_")
            }
        }
        // FNV-1a: addresses that read alike, such as http and https of one host, are told apart.
        let checksum = url.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let plain = "http://" + String(decoding: readable, as: UTF8.self)
        let hasName = readable.contains { $0 != 0x2E }  // "." and ".." are no names of ours
        // 100 bytes: a file name may have 255.
        if hasName, plain.utf8.count <= 100, plain.replacing("_", with: ":") == url {
            return String(plain.dropFirst(7))
        }
        return String(decoding: readable.prefix(80), as: UTF8.self) + "-" + String(checksum, radix: 16)
    }
}
