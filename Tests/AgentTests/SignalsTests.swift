import Glibc
import Testing

@testable import Agent

/// Real signals, raised on the thread that handles them; what the process did with them before comes back.
@Suite(.serialized) struct SignalsTests {
    private func withDispositionsRestored(_ body: () throws -> Void) rethrows {
        let numbers = [SIGTERM, SIGINT, SIGHUP, SIGPIPE]
        var before = numbers.map { _ in sigaction() }
        for (index, number) in numbers.enumerated() { sigaction(number, nil, &before[index]) }
        defer { for (index, number) in numbers.enumerated() { sigaction(number, &before[index], nil) } }
        try body()
    }

    @Test("Being told to end is heard at once, whatever was to be read again before")
    func order() throws {
        try withDispositionsRestored {
            let loop = try EventLoop()
            var heard: [Int32] = []
            let signals = try #require(Signals(loop) { heard.append($0) })
            // More than a pipe for them would hold.
            for _ in 0..<5000 { raise(SIGHUP) }
            raise(SIGTERM)
            withExtendedLifetime(signals) { loop.runOnce() }
            #expect(heard == [SIGTERM])
        }
    }

    @Test("However often one came, it is handled once, and again when it comes again")
    func once() throws {
        try withDispositionsRestored {
            let loop = try EventLoop()
            var heard: [Int32] = []
            let signals = try #require(Signals(loop) { heard.append($0) })
            for _ in 0..<3 { raise(SIGHUP) }
            loop.runOnce()
            #expect(heard == [SIGHUP])
            raise(SIGHUP)
            withExtendedLifetime(signals) { loop.runOnce() }
            #expect(heard == [SIGHUP, SIGHUP])
        }
    }

    @Test("A signal leaves alone why the call it came into failed")
    func errorNumber() throws {
        try withDispositionsRestored {
            let signals = try #require(Signals(EventLoop()) { _ in })
            for _ in 0..<5000 {
                errno = ENOENT
                raise(SIGHUP)
                if errno != ENOENT { break }
            }
            let code = errno
            withExtendedLifetime(signals) { #expect(code == ENOENT) }
        }
    }
}
