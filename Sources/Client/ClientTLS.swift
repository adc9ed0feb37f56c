import NIOSSL

/// PEM files for talking to a server over TLS, where the system's own trust is not enough.
public struct ClientTLS: Hashable, Sendable {
    /// Who signed the server's certificate; `nil` for whom the system trusts.
    public let authorityFile: String?
    /// The client's own certificate chain and key, for servers that want one.
    public let certificateFile: String?
    public let keyFile: String?

    /// - Throws: ``InvalidServerAddress`` naming the file that cannot be read, or that is missing beside another.
    public init(authorityFile: String?, certificateFile: String?, keyFile: String?) throws(InvalidServerAddress) {
        self.authorityFile = authorityFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        guard (certificateFile == nil) == (keyFile == nil) else {
            throw InvalidServerAddress(
                text: "", reason: "a client certificate and its key are needed together, and one of them is not set")
        }
        _ = try makeConfiguration()
    }

    /// `nil` when the files, which were fine, no longer are.
    var configuration: TLSConfiguration? { try? makeConfiguration() }

    private func makeConfiguration() throws(InvalidServerAddress) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let authorityFile {
            let roots = try Self.read(authorityFile) { try NIOSSLCertificate.fromPEMFile($0) }
            configuration.trustRoots = .certificates(roots)
        }
        if let certificateFile, let keyFile {
            configuration.certificateChain = try Self.read(certificateFile) { try NIOSSLCertificate.fromPEMFile($0) }
                .map { .certificate($0) }
            configuration.privateKey = .privateKey(
                try Self.read(keyFile) { try NIOSSLPrivateKey(file: $0, format: .pem) })
        }
        return configuration
    }

    private static func read<T>(_ path: String, _ body: (String) throws -> T) throws(InvalidServerAddress) -> T {
        do {
            return try body(path)
        } catch {
            throw InvalidServerAddress(text: "", reason: "the file '\(path)' cannot be read as PEM")
        }
    }
}
