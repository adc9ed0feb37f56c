import ArgumentParser
import Client

/// `--server` and `--token`, which every subcommand takes.
struct ServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Address of the server (environment: INFRAMIND_URL).", valueName: "url"))
    var server: String?

    @Option(
        help: ArgumentHelp(
            "Token of the caller (environment: INFRAMIND_TOKEN). On loopback the development token is the default.",
            valueName: "token"))
    var token: String?

    static let defaultURL = "http://127.0.0.1:8080"

    /// Flags, then environment, then defaults.
    ///
    /// - Throws: ``InvalidServerAddress``.
    func endpoint(_ environment: [String: String]) throws(InvalidServerAddress) -> ServerEndpoint {
        let url = server ?? environment["INFRAMIND_URL"].flatMap { $0.isEmpty ? nil : $0 } ?? Self.defaultURL
        func file(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let tls = try ClientTLS(
            authorityFile: file("INFRAMIND_CA_FILE"), certificateFile: file("INFRAMIND_CLIENT_CERTIFICATE"),
            keyFile: file("INFRAMIND_CLIENT_KEY"))
        return try ServerEndpoint(url: url, token: token ?? environment["INFRAMIND_TOKEN"], tls: tls)
    }

    /// Does `work` with a client, and shuts it down. For commands whose whole purpose is to talk to the server.
    ///
    /// - Throws: what `work` throws; a usage error when the address is none.
    func withClient<Value: Sendable>(
        _ environment: [String: String], _ work: @escaping @Sendable (InframindClient) async throws -> Value
    ) throws -> Value {
        let endpoint: ServerEndpoint
        do {
            endpoint = try self.endpoint(environment)
        } catch {
            throw ValidationError("\(error)")
        }
        return try BackgroundWork {
            let client = InframindClient(endpoint: endpoint)
            do {
                let value = try await work(client)
                await client.shutdown()
                return value
            } catch {
                await client.shutdown()
                throw error
            }
        }.wait()
    }
}
