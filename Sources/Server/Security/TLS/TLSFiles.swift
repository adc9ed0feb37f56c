import Foundation
import NIOSSL

/// The files that make the server speak TLS.
struct TLSFiles: Hashable, Sendable {
    /// PEM: the server's certificate, then those that lead to a root.
    var certificate: String
    /// PEM, without a passphrase.
    var key: String
    /// PEM: who signs the certificates of clients. With it, a client without one is turned away before it has said
    /// anything; its token is needed all the same.
    var clientAuthority: String?

    /// What new connections use. TLS 1.3 and nothing older: everything that talks to us is younger than that.
    ///
    /// - Throws: ``ConfigurationError`` naming the file that cannot be used.
    func context() throws(ConfigurationError) -> NIOSSLContext {
        let chain = try read("tls-certificate", certificate) { try NIOSSLCertificate.fromPEMFile($0) }
        let key = try read("tls-key", self.key) { try NIOSSLPrivateKey(file: $0, format: .pem) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv13
        configuration.applicationProtocols = ["http/1.1"]
        if let clientAuthority {
            let roots = try read("tls-client-ca", clientAuthority) { try NIOSSLCertificate.fromPEMFile($0) }
            configuration.trustRoots = .certificates(roots)
            // Clients have no host name that could be compared.
            configuration.certificateVerification = .noHostnameVerification
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw ConfigurationError(key: "tls-key", "does not belong to the certificate in '\(certificate)'")
        }
    }

    private func read<T>(_ key: String, _ path: String, _ body: (String) throws -> T) throws(ConfigurationError) -> T {
        do {
            return try body(path)
        } catch {
            throw ConfigurationError(key: key, "'\(path)' cannot be read as PEM")
        }
    }

    /// Contents of all files; `nil` when one is missing, as it may be for a moment while it is replaced.
    var contents: [Data]? {
        var all: [Data] = []
        for path in [certificate, key, clientAuthority].compactMap(\.self) {
            guard let data = FileManager.default.contents(atPath: path) else { return nil }
            all.append(data)
        }
        return all
    }
}
