import Foundation
import Scaffolding
import Testing

/// The real server, a provider of others' making, and curl in the browser's place.
@Suite("Signing in with a provider", .serialized)
struct OpenIDSignInTests {
    /// What curl got: where it was sent, and the page.
    private struct Answer {
        var status: Int
        var location: String
        var page: String
    }

    /// One request with the cookies of `jar`; redirects are not followed, so that each step can be looked at.
    private func curl(_ url: String, jar: URL, _ arguments: [String] = []) throws -> Answer {
        let told = try Binaries.run(
            URL(filePath: "/usr/bin/curl"),
            [
                "--silent", "--max-time", "20", "--cookie", jar.path, "--cookie-jar", jar.path, "--header",
                "Accept: text/html", "--write-out", "\n%{http_code} %{redirect_url}",
            ] + arguments + [url]
        ).output
        let lines = told.split(separator: "\n", omittingEmptySubsequences: false)
        let words = try #require(lines.last).split(separator: " ", omittingEmptySubsequences: false)
        return Answer(
            status: Int(words[0]) ?? 0, location: words.count > 1 ? String(words[1]) : "",
            page: lines.dropLast().joined(separator: "\n"))
    }

    @Test(
        "Somebody whom a real provider knows signs in, sees their tenant and signs out; who is in no group does not",
        .enabled(if: OpenIDProvider.isAvailable, "oidc-provider-mock cannot be installed here."),
        arguments: [(#"["ci-payments"]"#, true), (#"["strangers"]"#, false)])
    func signIn(_ groups: String, _ hasRole: Bool) async throws {
        let provider = try await OpenIDProvider(
            user: #"{"sub":"jane","email":"jane@example.org","groups":\#(groups)}"#)
        try await withTemporaryFolder { folder in
            let port = try LoopbackSocket.freePort()
            let secret = folder.appending(path: "secret")
            try "a-secret\n".write(to: secret, atomically: true, encoding: .utf8)
            let server = try RunningServer(
                data: folder.appending(path: "data"), port: port,
                arguments: [
                    "--public-url", "http://127.0.0.1:\(port)", "--oidc-issuer", provider.url, "--oidc-client-id",
                    "inframind", "--oidc-client-secret-file", secret.path, "--oidc-roles", "ci-*=operate@*",
                    "--oidc-name", "Example",
                ])
            let jar = folder.appending(path: "cookies")
            let own = server.endpoint.url
            let offered = try curl(own + "/ui/sign-in?next=/ui/cost", jar: jar)
            #expect(offered.status == 200 && offered.page.contains("Sign in with Example"))
            let there = try curl(own + "/ui/sign-in/oidc?next=/ui/cost", jar: jar)
            #expect(there.status == 303 && there.location.hasPrefix(provider.url))
            // Its form, sent as a browser would after a click on the name.
            let back = try curl(there.location, jar: jar, ["--data", "sub=jane"])
            #expect(back.location.hasPrefix(own + "/ui/sign-in/oidc/callback?code="), "\(back)")
            let entered = try curl(back.location, jar: jar)
            #expect(entered.status == (hasRole ? 200 : 403), "\(entered.page)")
            #expect(entered.page.contains(hasRole ? "0; url=/ui/cost" : "ci-*: operate"))
            let settings = try curl(own + "/ui/settings", jar: jar)
            #expect(settings.status == (hasRole ? 200 : 303))
            guard hasRole else { return }
            #expect(settings.page.contains("jane@example.org") && settings.page.contains("<dd>payments</dd>"))
            // Used once, and never again.
            #expect(try curl(back.location, jar: jar).status == 403)
            let mark = "name=\"form_token\" value=\""
            let word = try #require(settings.page.components(separatedBy: mark).dropFirst().first).prefix { $0 != "\"" }
            let left = try curl(own + "/ui/sign-out", jar: jar, ["--data", "form_token=\(word)"])
            #expect(left.status == 303)
            #expect(try curl(own + "/ui/settings", jar: jar).status == 303)
            #expect(server.stop() == 0)
        }
    }
}
