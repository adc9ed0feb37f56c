import Testing

@testable import Sharing

@Suite("A shared cache")
struct CacheConformance {
    private static let key = CacheKey(tenant: "acme", version: 7, question: "step/compile")

    @Test("Returns what was kept last", arguments: SharingBackend.all)
    func keeping(_ backend: SharingBackend) async throws {
        try await backend.withPorts { ports in
            #expect(try await ports.cache.value(for: Self.key) == nil)
            try await ports.cache.keep([1], for: Self.key, seconds: 60)
            try await ports.cache.keep([2, 3], for: Self.key, seconds: 60)
            #expect(try await ports.cache.value(for: Self.key) == [2, 3])
        }
    }

    @Test("Takes any bytes", arguments: SharingBackend.all)
    func bytes(_ backend: SharingBackend) async throws {
        try await backend.withPorts { ports in
            for value in [[], [0], Array("\r\n$-1\r\n".utf8), Array(0...255), [UInt8](repeating: 0, count: 300_000)] {
                try await ports.cache.keep(value, for: Self.key, seconds: 60)
                #expect(try await ports.cache.value(for: Self.key) == value)
            }
        }
    }

    @Test("Keys differ in tenant, version and question, whatever these contain", arguments: SharingBackend.all)
    func keys(_ backend: SharingBackend) async throws {
        let keys = [
            CacheKey(tenant: "a", version: 1, question: "q"), CacheKey(tenant: "a", version: 2, question: "q"),
            CacheKey(tenant: "b", version: 1, question: "q"), CacheKey(tenant: "a", version: 1, question: "r"),
            CacheKey(tenant: "a:1", version: 1, question: "q"), CacheKey(tenant: "a", version: 1, question: "1:q"),
            CacheKey(tenant: "", version: -1, question: ""), CacheKey(tenant: "é\0", version: 1, question: "q"),
        ]
        try await backend.withPorts { ports in
            for (number, key) in keys.enumerated() {
                try await ports.cache.keep([UInt8(number)], for: key, seconds: 60)
            }
            for (number, key) in keys.enumerated() {
                #expect(try await ports.cache.value(for: key) == [UInt8(number)])
            }
        }
    }

    @Test("Forgets what expired, and what was removed", arguments: SharingBackend.all)
    func forgetting(_ backend: SharingBackend) async throws {
        try await backend.withPorts { ports in
            try await ports.cache.keep([1], for: Self.key, seconds: 0.02)
            try await eventually("the value expires") { try await ports.cache.value(for: Self.key) == nil }
            try await ports.cache.keep([1], for: Self.key, seconds: .infinity)
            try await ports.cache.remove(Self.key)
            try await ports.cache.remove(Self.key)
            #expect(try await ports.cache.value(for: Self.key) == nil)
        }
    }

    @Test("A value that is too large is not kept, and what it replaces is gone", arguments: SharingBackend.all)
    func tooLarge(_ backend: SharingBackend) async throws {
        try await backend.withPorts { ports in
            try await ports.cache.keep([1], for: Self.key, seconds: 60)
            let value = [UInt8](repeating: 1, count: CacheKey.largestValueBytes + 1)
            try await ports.cache.keep(value, for: Self.key, seconds: 60)
            #expect(try await ports.cache.value(for: Self.key) == nil)
            try await ports.cache.keep(value.dropLast(), for: Self.key, seconds: 60)
            #expect(try await ports.cache.value(for: Self.key) == value.dropLast())
        }
    }
}
