import COpenSSL
import Glibc

/// Why there is no TLS, in one line that names the next step.
struct TLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// OpenSSL's functions, looked up in the shared library.
///
/// Only what configures TLS loads it, and it stays: a library cannot be taken out of a process safely.
final class OpenSSL {
    let serverMethod: COpenSSLMethod
    let clientMethod: COpenSSLMethod
    let contextNew: COpenSSLContextNew
    let contextFree: COpenSSLContextFree
    let contextControl: COpenSSLContextControl
    let useCertificateChain: COpenSSLContextUseFile
    let usePrivateKey: COpenSSLContextUseTypedFile
    let checkPrivateKey: COpenSSLContextCheck
    let loadRoots: COpenSSLContextLoadRoots
    let defaultRoots: COpenSSLContextDefaultRoots
    let setVerify: COpenSSLContextSetVerify
    let setPasswordCallback: COpenSSLContextSetPasswordCallback
    let sessionNew: COpenSSLSessionNew
    let sessionFree: COpenSSLSessionVoid
    let setDescriptor: COpenSSLSessionSetDescriptor
    let setAcceptState: COpenSSLSessionVoid
    let setConnectState: COpenSSLSessionVoid
    let sessionControl: COpenSSLSessionControl
    let setHost: COpenSSLSessionSetHost
    let verifyParam: COpenSSLSessionParam
    let setAddress: COpenSSLParamSetAddress
    let doHandshake: COpenSSLSessionInt
    let read: COpenSSLSessionRead
    let write: COpenSSLSessionWrite
    let shutdown: COpenSSLSessionInt
    let getError: COpenSSLSessionGetError
    let verifyResult: COpenSSLSessionVerifyResult
    let verifyErrorText: COpenSSLVerifyErrorText
    let errorGet: COpenSSLErrorGet
    let errorClear: COpenSSLErrorClear
    let errorReason: COpenSSLErrorReason

    static let libraryName = "libssl.so.3"

    /// - Parameter library: a name the dynamic linker searches for, or a path.
    init(library: String = OpenSSL.libraryName) throws(TLSFailure) {
        guard let handle = dlopen(library, RTLD_NOW | RTLD_LOCAL) else {
            throw TLSFailure(
                "TLS needs OpenSSL 3, and \(library) cannot be loaded; install the package libssl3 (Debian, Ubuntu) or "
                    + "openssl-libs (Fedora, RHEL)")
        }
        func symbol<Function>(_ name: String, _: Function.Type) throws(TLSFailure) -> Function {
            guard let address = dlsym(handle, name) else {
                throw TLSFailure("\(library) has no \(name); TLS needs OpenSSL 3.0 or later")
            }
            return unsafeBitCast(address, to: Function.self)
        }
        serverMethod = try symbol("TLS_server_method", COpenSSLMethod.self)
        clientMethod = try symbol("TLS_client_method", COpenSSLMethod.self)
        contextNew = try symbol("SSL_CTX_new", COpenSSLContextNew.self)
        contextFree = try symbol("SSL_CTX_free", COpenSSLContextFree.self)
        contextControl = try symbol("SSL_CTX_ctrl", COpenSSLContextControl.self)
        useCertificateChain = try symbol("SSL_CTX_use_certificate_chain_file", COpenSSLContextUseFile.self)
        usePrivateKey = try symbol("SSL_CTX_use_PrivateKey_file", COpenSSLContextUseTypedFile.self)
        checkPrivateKey = try symbol("SSL_CTX_check_private_key", COpenSSLContextCheck.self)
        loadRoots = try symbol("SSL_CTX_load_verify_locations", COpenSSLContextLoadRoots.self)
        defaultRoots = try symbol("SSL_CTX_set_default_verify_paths", COpenSSLContextDefaultRoots.self)
        setVerify = try symbol("SSL_CTX_set_verify", COpenSSLContextSetVerify.self)
        setPasswordCallback = try symbol(
            "SSL_CTX_set_default_passwd_cb", COpenSSLContextSetPasswordCallback.self)
        sessionNew = try symbol("SSL_new", COpenSSLSessionNew.self)
        sessionFree = try symbol("SSL_free", COpenSSLSessionVoid.self)
        setDescriptor = try symbol("SSL_set_fd", COpenSSLSessionSetDescriptor.self)
        setAcceptState = try symbol("SSL_set_accept_state", COpenSSLSessionVoid.self)
        setConnectState = try symbol("SSL_set_connect_state", COpenSSLSessionVoid.self)
        sessionControl = try symbol("SSL_ctrl", COpenSSLSessionControl.self)
        setHost = try symbol("SSL_set1_host", COpenSSLSessionSetHost.self)
        verifyParam = try symbol("SSL_get0_param", COpenSSLSessionParam.self)
        setAddress = try symbol("X509_VERIFY_PARAM_set1_ip_asc", COpenSSLParamSetAddress.self)
        doHandshake = try symbol("SSL_do_handshake", COpenSSLSessionInt.self)
        read = try symbol("SSL_read", COpenSSLSessionRead.self)
        write = try symbol("SSL_write", COpenSSLSessionWrite.self)
        shutdown = try symbol("SSL_shutdown", COpenSSLSessionInt.self)
        getError = try symbol("SSL_get_error", COpenSSLSessionGetError.self)
        verifyResult = try symbol("SSL_get_verify_result", COpenSSLSessionVerifyResult.self)
        verifyErrorText = try symbol("X509_verify_cert_error_string", COpenSSLVerifyErrorText.self)
        errorGet = try symbol("ERR_get_error", COpenSSLErrorGet.self)
        errorClear = try symbol("ERR_clear_error", COpenSSLErrorClear.self)
        errorReason = try symbol("ERR_reason_error_string", COpenSSLErrorReason.self)
        // The library writes to sockets without MSG_NOSIGNAL: a client that leaves would end the process.
        signal(SIGPIPE, SIG_IGN)
    }

    /// The oldest error the library remembers, in its own words.
    func reason() -> String {
        let code = errorGet()
        defer { errorClear() }
        guard code != 0, let text = errorReason(code) else { return "no reason given" }
        return String(cString: text)
    }
}
