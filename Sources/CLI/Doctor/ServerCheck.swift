import ArgumentParser
import Client

/// Whether the server answers, is ready, and accepts the token.
enum ServerCheck {
    static func findings(_ options: ServerOptions, _ environment: [String: String]) -> [Finding] {
        let endpoint: ServerEndpoint
        do {
            endpoint = try options.endpoint(environment)
        } catch {
            return [
                Finding(
                    name: "server", state: .broken, detail: "\(error)",
                    remedy: "set INFRAMIND_URL to the server's address, such as \(ServerOptions.defaultURL)")
            ]
        }
        let findings = try? options.withClient(environment) { client in
            let server = await server(client)
            return server.state == .broken ? [server] : [server, await token(client)]
        }
        return findings ?? [Finding(name: "server", state: .broken, detail: "\(endpoint.url) could not be asked")]
    }

    private static func server(_ client: InframindClient) async -> Finding {
        let url = client.endpoint.url
        do {
            _ = try await client.ready()
            return Finding(name: "server", state: .good, detail: "\(url) is ready")
        } catch {
            let remedy =
                error.status == 503
                ? "look at \(url)/readyz: it names the part that is down"
                : "start the server there, or set INFRAMIND_URL; builds run without it, and reports wait in the spool"
            return Finding(name: "server", state: .broken, detail: "\(url): \(error)", remedy: remedy)
        }
    }

    private static func token(_ client: InframindClient) async -> Finding {
        let remedy = "set INFRAMIND_TOKEN to a token of this server"
        do {
            if try await client.isTokenAccepted() {
                return Finding(name: "token", state: .good, detail: "accepted")
            }
            let detail = client.endpoint.token == nil ? "none is set" : "the server refuses it"
            return Finding(name: "token", state: .broken, detail: detail, remedy: remedy)
        } catch {
            return Finding(name: "token", state: .broken, detail: "\(error)", remedy: remedy)
        }
    }
}
