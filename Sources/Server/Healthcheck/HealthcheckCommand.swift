import Foundation
import NIOCore

/// `healthcheck`: asks the server that this configuration starts whether it is ready. For orchestrators that run a
/// program to find out, in images without a shell or curl.
struct HealthcheckCommand {
    let configuration: ServerConfiguration

    /// Shorter than the 30 s that Docker and the 10 s that our manifests give it, longer than the database may take.
    private static let patience = Duration.seconds(5)

    /// Returns when the server is ready.
    ///
    /// - Throws: ``UpkeepError`` with one line on why it is not; ``ConfigurationError``.
    func run() async throws {
        guard configuration.address.port != 0 else {
            throw ConfigurationError(key: "port", "must be set to ask the server; 0 is a port nobody knows")
        }
        let probe = HealthProbe(
            host: Self.reachable(configuration.address.host), port: configuration.address.port,
            tls: try configuration.tls?.probeContext())
        let asked = Task { try await probe.get("/readyz") }
        let answer: HealthProbe.Answer?
        do {
            answer = try await asked.value(within: Self.patience)
        } catch let error as UpkeepError {
            throw error
        } catch {
            throw UpkeepError("\(probe.name) does not answer: \(error)")
        }
        guard let answer else { throw UpkeepError("\(probe.name) does not answer within \(Self.patience)") }
        guard answer.status == 200 else { throw UpkeepError("not ready: \(answer.status) \(answer.body)") }
        print(answer.body)
    }

    /// An address to connect to for one to listen on: all interfaces include the loopback one.
    static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0", "": "127.0.0.1"
        case "::": "::1"
        default: host
        }
    }
}
