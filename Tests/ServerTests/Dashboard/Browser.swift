import Builds
import Foundation
import Hummingbird
import Storage
import Synchronization
import Testing

@testable import Server

/// Somebody who looks at the pages of a server that runs in memory.
struct Browser: Sendable {
    let api: API
    /// `name=value`, as the browser sends it back.
    private(set) var cookie: String?
    private(set) var formToken = ""

    init(_ api: API, cookie: String? = nil) {
        self.api = api
        self.cookie = cookie
    }

    /// - Parameter token: what they sign in with; expects that it is let in.
    init(_ api: API, token: String) async throws {
        self.api = api
        let answer = try await post("/ui/sign-in", ["token": token])
        #expect(answer.status == 303, "\(answer.text)")
        try keepCookie(of: answer)
    }

    mutating func keepCookie(of answer: API.Answer) throws {
        let told = try #require(answer.headers[values: .setCookie].first { $0.hasPrefix("inframind_session=") })
        cookie = String(told.prefix { $0 != ";" })
    }

    /// Reads the word that forms carry from a page.
    mutating func readFormToken() async throws {
        let page = try await get("/ui/settings")
        let mark = "name=\"form_token\" value=\""
        let start = try #require(page.text.range(of: mark)).upperBound
        formToken = String(page.text[start...].prefix { $0 != "\"" })
    }

    func get(_ path: String, headers: HTTPFields = [:]) async throws -> API.Answer {
        try await api.send(.get, path, token: nil, headers: self.headers.merging(headers))
    }

    func post(
        _ path: String, _ form: KeyValuePairs<String, String>, headers: HTTPFields = [.secFetchSite: "same-origin"]
    ) async throws -> API.Answer {
        let body = form.map { "\(Link.encoded($0.key))=\(Link.encoded($0.value))" }.joined(separator: "&")
        return try await api.send(
            .post, path, body: body, token: nil,
            headers: self.headers.merging(headers).merging([.contentType: "application/x-www-form-urlencoded"]))
    }

    private var headers: HTTPFields {
        var headers: HTTPFields = [.accept: "text/html"]
        headers[.cookie] = cookie
        return headers
    }
}

extension HTTPFields {
    fileprivate func merging(_ other: HTTPFields) -> HTTPFields {
        var merged = self
        for field in other { merged[field.name] = field.value }
        return merged
    }
}

/// A store for what needs one and never writes.
enum SQLStoreForTests {
    static func empty() async throws -> SQLStore {
        let folder = NSTemporaryDirectory() + "inframind-server-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return try await SQLStore.sqlite(path: folder + "/test.db")
    }
}

/// A clock that a test moves.
final class MovingClock: Sendable {
    private let seconds = Mutex(1_780_000_000.0)

    var clock: WallClock { WallClock { Timestamp(seconds: self.seconds.withLock { $0 }) } }

    func advance(seconds: Double) { self.seconds.withLock { $0 += seconds } }
}
