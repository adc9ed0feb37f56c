import Glibc

/// What this node is called: as Kubernetes says (`NODE_NAME`), else its host name.
enum NodeName {
    /// Names of nodes are at most 253 bytes long.
    private static let limitBytes = 253

    static func current() -> String {
        for variable in ["NODE_NAME", "K8S_NODE_NAME"] {
            if let value = getenv(variable).map({ String(cString: $0) }), isUsable(value) { return value }
        }
        // POSIX allows 255 bytes and does not promise the terminating NUL.
        var name = [CChar](repeating: 0, count: 257)
        guard gethostname(&name, 256) == 0 else { return "unknown" }
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
        return isUsable(text) ? text : "unknown"
    }

    private static func isUsable(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= limitBytes && name.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
