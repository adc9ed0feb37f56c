/// Why somebody could not sign in with the issuer. The words are for the log; people are told what they can do.
enum SignOnFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The issuer does not answer, or not as OpenID Connect has it.
    case away(String)
    /// It does not stand by this sign-in: the code was used, is too old or was meant for another; or it does not know us.
    case refused(String)
    /// What it says about a person is not its word, or is meant for others.
    case unbelievable(String)

    var description: String {
        switch self {
        case .away(let reason): "the issuer cannot be asked: \(reason)"
        case .refused(let reason): "the issuer refused: \(reason)"
        case .unbelievable(let reason): "the ID token is not accepted: \(reason)"
        }
    }
}
