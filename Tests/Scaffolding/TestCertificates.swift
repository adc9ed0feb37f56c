import Foundation

/// An authority and what it signed, made with openssl, in a folder that goes away with its test.
public final class TestCertificates: Sendable {
    private let folder: TemporaryFolder

    public struct Failed: Error {
        public var arguments: [String]
    }

    public init() throws {
        folder = try TemporaryFolder()
        try openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj",
            "/CN=authority", "-keyout", "ca.key", "-out", "ca.crt")
    }

    /// The authority's own certificate.
    public var authority: String { path("ca.crt") }

    public func certificate(_ name: String) -> String { path(name + ".crt") }

    public func key(_ name: String) -> String { path(name + ".key") }

    public func path(_ name: String) -> String { folder.path + "/" + name }

    /// Makes a pair called `name`.
    ///
    /// - Parameter subjects: as in `IP:127.0.0.1,DNS:localhost`.
    public func issue(_ name: String, for subjects: String = "IP:127.0.0.1,DNS:localhost") throws {
        try openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=\(name)",
            "-addext",
            "subjectAltName=\(subjects)", "-keyout", "\(name).key", "-out", "\(name).csr")
        try openssl(
            "x509", "-req", "-in", "\(name).csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-copy_extensions", "copy", "-out", "\(name).crt")
    }

    /// Puts the pair `name` in the place of the pair `other`.
    public func replace(_ other: String, with name: String) throws {
        for kind in [".crt", ".key"] {
            let content = try Data(contentsOf: URL(filePath: path(name + kind)))
            try content.write(to: URL(filePath: path(other + kind)))
        }
    }

    /// Runs openssl in the folder.
    public func openssl(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(arguments: arguments) }
    }
}
