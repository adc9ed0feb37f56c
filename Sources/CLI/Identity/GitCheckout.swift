import Client

/// Branch, revision and remote of a working copy, read from its files. No git is run: it may be missing, slow, or
/// refuse the folder's owner.
struct GitCheckout: Hashable, Sendable {
    var branch: String?
    var commit: String?
    /// `remote.origin.url`, without any user name or password in it.
    var remote: String?

    /// 4 MiB: `packed-refs` of a very large repository; beyond that the commit stays unknown.
    private static let mostBytes = 4 << 20

    /// The working copy that holds `directory`; `nil` outside of one.
    init?(directory: String) {
        var folder = directory
        // Deeper than any real tree, so that odd paths end.
        for _ in 0..<64 {
            if let git = Self.gitFolder(in: folder) {
                self.init(gitFolder: git)
                return
            }
            guard let slash = folder.lastIndex(of: "/"), folder != "/" else { return nil }
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
        }
        return nil
    }

    private init?(gitFolder: String) {
        guard let head = Self.text(gitFolder + "/HEAD")?.split(separator: "\n").first else { return nil }
        // A linked work tree keeps its HEAD apart and shares the rest.
        var common = gitFolder
        if let path = Self.text(gitFolder + "/commondir")?.split(separator: "\n").first {
            common = path.hasPrefix("/") ? String(path) : "\(gitFolder)/\(path)"
        }
        if head.hasPrefix("ref: ") {
            let reference = String(head.dropFirst("ref: ".count))
            if reference.hasPrefix("refs/heads/") { branch = String(reference.dropFirst("refs/heads/".count)) }
            commit = Self.commit(of: reference, in: [gitFolder, common])
        } else {
            commit = String(head)
        }
        if let commit, !Self.isObjectName(commit) { self.commit = nil }
        remote = Self.text(common + "/config").flatMap(Self.originURL(inConfig:)).map(Self.withoutCredentials)
    }

    private static func gitFolder(in folder: String) -> String? {
        let path = folder == "/" ? "/.git" : folder + "/.git"
        if let link = text(path) {
            guard link.hasPrefix("gitdir: "), let target = link.dropFirst("gitdir: ".count).split(separator: "\n").first
            else { return nil }
            return target.hasPrefix("/") ? String(target) : "\(folder)/\(target)"
        }
        return text(path + "/HEAD") == nil ? nil : path
    }

    private static func commit(of reference: String, in folders: [String]) -> String? {
        guard !reference.split(separator: "/").contains("..") else { return nil }
        for folder in folders {
            if let line = text("\(folder)/\(reference)")?.split(separator: "\n").first { return String(line) }
        }
        for folder in folders {
            for line in (text(folder + "/packed-refs") ?? "").split(separator: "\n")
            where line.hasSuffix(" " + reference) {
                return line.split(separator: " ").first.map(String.init)
            }
        }
        return nil
    }

    /// SHA-1 or SHA-256, in hexadecimal.
    private static func isObjectName(_ text: String) -> Bool {
        [40, 64].contains(text.utf8.count) && text.allSatisfy(\.isHexDigit)
    }

    static func originURL(inConfig text: String) -> String? {
        var isOrigin = false
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").joined(separator: " ").filter { $0 != "\t" }
            if words.hasPrefix("[") {
                isOrigin = words == #"[remote "origin"]"#
            } else if isOrigin, words.hasPrefix("url"), let equals = words.firstIndex(of: "=") {
                let value = words[words.index(after: equals)...].drop { $0 == " " }
                return value.isEmpty ? nil : String(value)
            }
        }
        return nil
    }

    /// CI systems put tokens into clone addresses: `https://user:secret@host/…`.
    static func withoutCredentials(_ url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        let rest = url[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return url }
        return url[..<scheme.upperBound] + String(rest[rest.index(after: at)...])
    }

    /// `owner/name` out of a remote address, however it is written; `nil` when nothing is left.
    static func projectPath(remote: String) -> String? {
        var path = remote[...]
        if let scheme = path.firstRange(of: "://") {
            path = path[scheme.upperBound...].drop { $0 != "/" }
        } else if let colon = path.firstIndex(of: ":") {
            path = path[path.index(after: colon)...]
        }
        if path.hasSuffix(".git") { path = path.dropLast(4) }
        let parts = path.split(separator: "/")
        return parts.isEmpty ? nil : parts.suffix(3).joined(separator: "/")
    }

    private static func text(_ path: String) -> String? {
        Folder.read(path, atMost: mostBytes).map { String(decoding: $0, as: UTF8.self) }
    }
}
