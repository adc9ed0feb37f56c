import Testing

@testable import Sharing

@Suite("A Redis URL")
struct RedisAddressTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var url: String
        var host: String
        var port = 6379
        var database = 0
        var user: String?
        var password: String?
        var testDescription: String { url }
    }

    private static let rows = [
        Row(url: "redis://cache", host: "cache"),
        Row(url: "redis://cache/", host: "cache"),
        Row(url: "REDIS://10.0.0.1:6380/15", host: "10.0.0.1", port: 6380, database: 15),
        Row(url: "redis://[::1]:7000", host: "::1", port: 7000),
        Row(url: "redis://:p%40ss%2F@cache", host: "cache", password: "p@ss/"),
        Row(url: "redis://ci:s3cret@cache:1/2", host: "cache", port: 1, database: 2, user: "ci", password: "s3cret"),
    ]

    @Test("Says where and who", arguments: rows)
    func readable(_ row: Row) throws {
        let address = try RedisAddress(row.url)
        #expect(address.host == row.host)
        #expect(address.port == row.port)
        #expect(address.database == row.database)
        #expect(address.user == row.user)
        #expect(address.password == row.password)
        var dumped = ""
        dump(address, to: &dumped)
        for secret in [row.password, row.user].compactMap({ $0 }) {
            #expect(![dumped, "\(address)", "\([address])"].contains { $0.contains(secret) })
        }
    }

    @Test(
        "That cannot be read is refused without a word of it",
        arguments: [
            "", "cache", "cache:6379", "http://cache", "redis://", "redis:cache", "redis://cache:0",
            "redis://cache:65536",
            "redis://cache/x", "redis://cache/-1", "redis://cache/1/2", "redis://cache//1", "redis://cache?db=1",
            "redis://cache#1", "redis://:s3cret@", "redis://:s3cret@cache:port",
        ])
    func unreadable(_ url: String) {
        let error = #expect(throws: RedisAddressError.unreadable) { try RedisAddress(url) }
        #expect(error?.description.contains("s3") == false)
    }

    @Test("With TLS, or a user alone, is refused with the reason")
    func refused() {
        #expect(throws: RedisAddressError.needsTLS) { try RedisAddress("rediss://:s3cret@cache") }
        #expect(throws: RedisAddressError.userWithoutPassword) { try RedisAddress("redis://s3cret@cache") }
        #expect(RedisAddressError.needsTLS.description.contains("hiredis 0.14"))
    }
}
