import Testing

@testable import Sharing

@Suite("Change notices", .timeLimit(.minutes(1)))
struct NoticesConformance {
    private static func notice(_ position: Int64) -> ChangeNotice {
        ChangeNotice(tenant: "a\"é", subject: .model, position: position, publisher: "s1")
    }

    @Test("Every stream hears every notice in order, after a word that some are missing", arguments: SharingBackend.all)
    func hearing(_ backend: SharingBackend) async throws {
        try await backend.withPorts { ports in
            let streams = [ports.notices.notices(), ports.notices.notices()]
            for position in 1...20 { try await ports.notices.publish(Self.notice(Int64(position))) }
            for stream in streams {
                var heard: [HeardNotice] = []
                for await notice in stream {
                    heard.append(notice)
                    if heard.count == 21 { break }
                }
                #expect(heard == [.mayHaveMissedSome] + (1...20).map { .changed(Self.notice($0)) })
            }
        }
    }

    @Test("A stream that lags behind loses the oldest and is told", arguments: SharingBackend.all)
    func lagging(_ backend: SharingBackend) async throws {
        try await backend.withPorts { ports in
            let lagging = ports.notices.notices()
            let prompt = ports.notices.notices()
            let hearing = Task {
                for await heard in prompt where heard == .changed(Self.notice(1500)) { return }
            }
            for position in 1...1500 { try await ports.notices.publish(Self.notice(Int64(position))) }
            await hearing.value
            await ports.close()
            var heard: [HeardNotice] = []
            for await notice in lagging { heard.append(notice) }
            #expect(heard.count == 1000)
            #expect(heard.contains(.changed(Self.notice(1500))))
            #expect(heard.last == .mayHaveMissedSome)
        }
    }

    @Test("Streams end when the server stops", arguments: SharingBackend.all)
    func ending(_ backend: SharingBackend) async throws {
        try await backend.withPorts { ports in
            let before = ports.notices.notices()
            await ports.close()
            for await heard in before { #expect(heard == .mayHaveMissedSome) }
            for await _ in ports.notices.notices() { Issue.record("a notice after the end") }
        }
    }
}
