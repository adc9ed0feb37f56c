import COpenSSL
import Glibc

/// Certificates and rules that sessions are made with: one for our server, one for our client.
///
/// Both ends take TLS 1.2 and 1.3. A context stays alive as long as a session of it does, so one with new certificates
/// can take its place at any time.
final class TLSContext {
    let library: OpenSSL
    private let context: OpaquePointer
    private let isServer: Bool

    private init(_ library: OpenSSL, isServer: Bool) throws(TLSFailure) {
        self.library = library
        self.isServer = isServer
        guard let context = library.contextNew(isServer ? library.serverMethod() : library.clientMethod()) else {
            throw TLSFailure("OpenSSL cannot make a TLS context: \(library.reason())")
        }
        self.context = context
        _ = library.contextControl(
            context, Int32(COPENSSL_CTRL_SET_MIN_PROTO_VERSION), COPENSSL_TLS1_2_VERSION, nil)
        let mode =
            COPENSSL_MODE_ENABLE_PARTIAL_WRITE | COPENSSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
            | COPENSSL_MODE_RELEASE_BUFFERS
        _ = library.contextControl(context, Int32(COPENSSL_CTRL_MODE), mode, nil)
        // A key with a passphrase would have the library ask on the terminal, and wait there for ever.
        library.setPasswordCallback(context) { _, _, _, _ in 0 }
    }

    deinit { library.contextFree(context) }

    /// For a server that shows `certificate` (a PEM chain, its own first) and holds `key`.
    static func server(
        certificate: String, key: String, library: OpenSSL
    ) throws(TLSFailure) -> TLSContext {
        let made = try TLSContext(library, isServer: true)
        try made.show(certificate, key)
        return made
    }

    /// For a client that believes the system's authorities, or those in `roots` (PEM) alone, and shows `identity` to a server
    /// that asks for it.
    static func client(
        roots: String?, identity: AgentConfiguration.TLSFiles? = nil, library: OpenSSL
    ) throws(TLSFailure) -> TLSContext {
        let made = try TLSContext(library, isServer: false)
        if let identity { try made.show(identity.certificate, identity.key) }
        made.library.setVerify(made.context, Int32(COPENSSL_VERIFY_PEER), nil)
        made.library.errorClear()
        if let roots {
            try made.require(readable: roots)
            guard made.library.loadRoots(made.context, roots, nil) == 1 else {
                throw TLSFailure("\(roots) holds no PEM certificates: \(made.library.reason())")
            }
        } else if made.library.defaultRoots(made.context) != 1 {
            throw TLSFailure("the system's certificate authorities cannot be read: \(made.library.reason())")
        }
        return made
    }

    private func show(_ certificate: String, _ key: String) throws(TLSFailure) {
        try require(readable: certificate)
        try require(readable: key)
        library.errorClear()
        // The key first: a certificate of another is taken then, and the check below says it better.
        guard library.usePrivateKey(context, key, Int32(COPENSSL_FILETYPE_PEM)) == 1 else {
            throw TLSFailure("\(key) holds no PEM private key without a passphrase: \(library.reason())")
        }
        guard library.useCertificateChain(context, certificate) == 1 else {
            throw TLSFailure("\(certificate) holds no PEM certificate chain: \(library.reason())")
        }
        guard library.checkPrivateKey(context) == 1 else {
            throw TLSFailure("the key in \(key) does not belong to the certificate in \(certificate)")
        }
    }

    /// A session over a connected socket that does not wait.
    ///
    /// - Parameter host: for a client: the name, or the numeric address, that the other side's certificate must be for.
    func session(over descriptor: Int32, host: String? = nil) throws(TLSFailure) -> TLSSession {
        guard let session = library.sessionNew(context) else {
            throw TLSFailure("OpenSSL cannot make a TLS session: \(library.reason())")
        }
        let made = TLSSession(session, self)
        guard library.setDescriptor(session, descriptor) == 1 else {
            throw TLSFailure("OpenSSL cannot use the socket: \(library.reason())")
        }
        if isServer {
            library.setAcceptState(session)
            return made
        }
        guard let host, !host.isEmpty else { throw TLSFailure("a TLS client needs the name of the server") }
        library.setConnectState(session)
        try expect(host, session)
        return made
    }

    private func expect(_ host: String, _ session: OpaquePointer) throws(TLSFailure) {
        var address = in6_addr()
        let isAddress = inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1
        if isAddress {
            guard library.setAddress(library.verifyParam(session), host) == 1 else {
                throw TLSFailure("OpenSSL does not take the address \(host)")
            }
            return
        }
        var name = Array(host.utf8CString)
        let isNamed = name.withUnsafeMutableBytes {
            library.sessionControl(
                session, Int32(COPENSSL_CTRL_SET_TLSEXT_HOSTNAME),
                COPENSSL_TLSEXT_NAMETYPE_HOST_NAME, $0.baseAddress)
        }
        guard isNamed == 1, library.setHost(session, host) == 1 else {
            throw TLSFailure("OpenSSL does not take the name \(host)")
        }
    }

    private func require(readable path: String) throws(TLSFailure) {
        do throws(OrdinaryFile.Unreadable) {
            try OrdinaryFile.require(path)
        } catch {
            throw TLSFailure("\(path) \(error)")
        }
    }
}
