/// Which Kubernetes pod a cgroup belongs to, as its path tells.
///
/// The kubelet names pods' cgroups in one of two ways, by its cgroup driver:
/// - `cgroupfs`: `/kubepods/burstable/pod0b4f…-…/<container>`
/// - `systemd`: `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0b4f…_….slice/cri-containerd-….scope`,
///   where `-` means "below", so that the dashes of the pod's UID are written as underscores.
///
/// Guaranteed pods lie one level higher, without a class in between; some distributions put everything below a slice of
/// their own (`/kubelet.slice/kubelet-kubepods.slice/…`).
public struct PodCgroupPath: Hashable, Sendable {
    /// The pod's UID as the API writes it, with dashes.
    public var podUID: String
    /// The path of the pod's cgroup itself, without what is below it.
    public var podPath: String

    /// `nil` for a path that leads through no pod.
    public init?(_ path: String) {
        var below = ""
        for name in path.split(separator: "/") {
            below += "/" + name
            if let uid = Self.podUID(inName: name) {
                podUID = uid
                podPath = below
                return
            }
        }
        return nil
    }

    /// The UID that one directory's name holds.
    public static func podUID(inName name: some StringProtocol) -> String? {
        let uid: Substring
        if name.hasSuffix(".slice") {
            guard let mark = name.lastIndex(of: "-"), name.contains("kubepods") else { return nil }
            let last = Substring(name[name.index(after: mark)...].dropLast(".slice".count))
            guard last.hasPrefix("pod") else { return nil }
            uid = last.dropFirst("pod".count)
        } else {
            guard name.hasPrefix("pod") else { return nil }
            uid = Substring(name.dropFirst("pod".count))
        }
        // Static pods have the hash of their manifest for a UID: 32 digits and no dashes.
        guard (32...36).contains(uid.utf8.count),
            uid.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || $0 == UInt8(ascii: "-")
                    || $0 == UInt8(ascii: "_")
            })
        else { return nil }
        return String(uid.map { $0 == "_" ? "-" : $0 })
    }
}
