import COpenSSL
import Glibc

/// TLS over one connected socket that does not wait. The socket stays the caller's.
///
/// Each call does what it can and says what to wait for otherwise; that may be the opposite of what was asked for, as
/// either side may want to agree on new keys at any time.
final class TLSSession {
    private let session: OpaquePointer
    private let context: TLSContext
    private var isUsable = true

    init(_ session: OpaquePointer, _ context: TLSContext) {
        self.session = session
        self.context = context
    }

    deinit { context.library.sessionFree(session) }

    /// Goes on agreeing on keys; ``Transfer/done(_:)`` once that is settled.
    func shakeHands() -> Transfer {
        context.library.errorClear()
        return judge(context.library.doHandshake(session))
    }

    /// Reads what has been decrypted; at least one byte when done.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        guard isUsable else { return .ended }
        context.library.errorClear()
        return judge(context.library.read(session, buffer.baseAddress, Int32(clamping: buffer.count)))
    }

    /// Encrypts and sends some of `bytes`, which must come again when there was nothing done.
    func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        guard isUsable else { return .ended }
        if bytes.isEmpty { return .done(0) }
        context.library.errorClear()
        return judge(context.library.write(session, bytes.baseAddress, Int32(clamping: bytes.count)))
    }

    /// Tells the other side that nothing more follows, once, and without waiting for it to agree.
    func close() {
        guard isUsable else { return }
        isUsable = false
        context.library.errorClear()
        _ = context.library.shutdown(session)
    }

    /// Why the session has ended, for a log: what is wrong with the other side's certificate, or the library's reason.
    private(set) var failure: String?

    private func judge(_ result: Int32) -> Transfer {
        if result > 0 { return .done(Int(result)) }
        switch context.library.getError(session, result) {
        case Int32(COPENSSL_ERROR_WANT_READ): return .wait(.reading)
        case Int32(COPENSSL_ERROR_WANT_WRITE): return .wait(.writing)
        default:
            // A session that failed must not even be shut down.
            isUsable = false
            let verdict = context.library.verifyResult(session)
            if verdict != 0, let text = context.library.verifyErrorText(verdict) {
                failure = "the certificate is not to be trusted: \(String(cString: text))"
            } else {
                failure = context.library.reason()
            }
            return .ended
        }
    }
}
