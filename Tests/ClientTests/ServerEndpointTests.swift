import Testing

@testable import Client

@Suite struct ServerEndpointTests {
    @Test(
        "An address with a scheme and a host is accepted",
        arguments: [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", true),
            ("http://localhost", "http://localhost", true),
            ("http://[::1]:8080/", "http://[::1]:8080", true),
            ("https://ci.example.com/inframind//", "https://ci.example.com/inframind", false),
            ("HTTP://127.9.9.9", "HTTP://127.9.9.9", true),
            ("http://127.example.com", "http://127.example.com", false),
        ])
    func accepted(text: String, url: String, isLoopback: Bool) throws {
        let endpoint = try ServerEndpoint(url: text, token: nil)
        #expect(endpoint.url == url)
        #expect(endpoint.isLoopback == isLoopback)
        #expect(endpoint.token == (isLoopback ? ServerEndpoint.developmentToken : nil))
    }

    @Test(
        "Anything else is refused",
        arguments: [
            "", "ci.example.com", "ftp://host", "http://", "http://:80", "http://host:0", "http://host:99999",
            "http://host:x", "http://user@host", "http://host/?a=b", "http://host/#a", "http://[::1", "http://a b",
            "http://host\r\nX-Evil: 1", "http://" + String(repeating: "a", count: 3000),
        ])
    func refused(text: String) {
        #expect(throws: InvalidServerAddress.self) { try ServerEndpoint(url: text, token: nil) }
    }

    @Test("A token that would break out of its header is refused")
    func headerInjection() {
        #expect(throws: InvalidServerAddress.self) { try ServerEndpoint(url: "http://h", token: "a\r\nX: y") }
    }

    @Test("A stated token is used on loopback as well, and an empty one is none")
    func tokens() throws {
        #expect(try ServerEndpoint(url: "http://localhost", token: "mine").token == "mine")
        #expect(try ServerEndpoint(url: "http://localhost", token: "").token == ServerEndpoint.developmentToken)
        #expect(try ServerEndpoint(url: "http://host", token: "").token == nil)
    }
}
