import Glibc

/// The two generations of the kernel's control group interface.
public enum CgroupVersion: String, Hashable, Sendable {
    case v1, v2
}

/// One directory of a cgroup hierarchy: a control group and the files in it.
public struct CgroupDirectory: Hashable, Sendable {
    public var version: CgroupVersion
    public var path: String
    /// The topmost directory of the hierarchy that can be seen from here: the mount point.
    public var top: String
    /// Controllers of the v1 hierarchy; empty for v2, where each cgroup has its own.
    public var controllers: [String] = []
    /// False when the process's own cgroup is not below the mount point and the mount point stands in for it, as in
    /// containers that see their own cgroup mounted but read the host's path in `/proc/self/cgroup`. Good for reading
    /// limits, not for making children.
    public var isExact = true
    public var isReadOnly = false

    public init(
        version: CgroupVersion, path: String, top: String, controllers: [String] = [], isExact: Bool = true,
        isReadOnly: Bool = false
    ) {
        self.version = version
        self.path = path
        self.top = top
        self.controllers = controllers
        self.isExact = isExact
        self.isReadOnly = isReadOnly
    }

    /// This directory and those above it, up to ``top``: limits of each apply.
    public var selfAndAncestors: [CgroupDirectory] {
        var result = [self]
        while let parent = result[result.count - 1].parent { result.append(parent) }
        return result
    }

    /// The directory above; `nil` at ``top``.
    var parent: CgroupDirectory? {
        guard path != top, path.hasPrefix(top + "/"), let slash = path.lastIndex(of: "/") else { return nil }
        var parent = self
        parent.path = String(path[..<slash])
        return parent
    }

    public func child(_ name: String) -> CgroupDirectory {
        var child = self
        child.path = path + "/" + name
        return child
    }

    /// The whole machine's cgroup. It has no limits and, mostly, no accounts.
    ///
    /// Both marks are files the kernel makes only there (v1) or everywhere else (v2).
    public var isHierarchyRoot: Bool {
        switch version {
        case .v1: has("cgroup.sane_behavior")
        case .v2: !has("cgroup.type")
        }
    }

    /// Names of the cgroups right below this one.
    public func childNames() -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    public func has(_ file: String) -> Bool { access(path + "/" + file, F_OK) == 0 }

    func text(_ file: String) -> KernelText? { try? KernelText(path: path + "/" + file) }

    func number(_ file: String) -> Int64? { text(file)?.number }

    /// The space-separated words of a file such as `cgroup.controllers`.
    func words(_ file: String) -> [String] { text(file)?.bytes[...].fields.map(\.string) ?? [] }

    /// The processes in this cgroup, not those in its children; 0 stands for one of another PID namespace.
    public func processes() throws(KernelFileError) -> [Int32] {
        // 4 MiB hold more process IDs than Linux allows by default.
        try KernelText(path: path + "/cgroup.procs", limitBytes: 4 << 20).lines.compactMap {
            $0.number.flatMap(Int32.init(exactly:))
        }
    }

    /// Writes a value to a control file.
    func write(_ value: String, to file: String) throws(KernelFileError) {
        let path = path + "/" + file
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw KernelFileError(path: path, code: errno) }
        defer { close(descriptor) }
        let bytes = Array(value.utf8)
        while true {
            let written = Glibc.write(descriptor, bytes, bytes.count)
            if written == bytes.count { return }
            if written < 0 && errno == EINTR { continue }
            throw KernelFileError(path: path, code: written < 0 ? errno : EIO)
        }
    }

    func make() throws(KernelFileError) {
        guard mkdir(path, 0o755) == 0 else { throw KernelFileError(path: path, code: errno) }
    }

    func remove() throws(KernelFileError) {
        guard rmdir(path) == 0 else { throw KernelFileError(path: path, code: errno) }
    }
}
