import CHiredis
import Glibc

/// One connection to Redis. Not thread-safe: whoever holds it is alone with it, and waits in it.
///
/// hiredis connects, writes commands and reads replies; the bytes in between are moved here. Its own blocking calls do
/// not fit a server: writing to a closed connection raises SIGPIPE, which ends the process; a timeout holds for each
/// read, so that an answer may take many; and an answer may be of any size.
final class RedisSocket {
    private let context: UnsafeMutablePointer<redisContext>
    private let largestReplyBytes: Int
    private var buffer = [UInt8](repeating: 0, count: 16 << 10)

    /// For ``hangUp(_:)``; a number, valid as long as this lives.
    var descriptor: Int32 { context.pointee.fd }

    /// Connects and introduces us.
    ///
    /// - Throws: ``RedisFailure``.
    init(_ address: RedisAddress, limits: RedisLimits) throws(RedisFailure) {
        let seconds = timeval(
            tv_sec: Int(limits.connectSeconds),
            tv_usec: Int(limits.connectSeconds.truncatingRemainder(dividingBy: 1) * 1_000_000))
        guard let context = redisConnectWithTimeout(address.host, Int32(address.port), seconds) else {
            throw .connectionLost("out of memory")
        }
        self.context = context
        largestReplyBytes = limits.largestReplyBytes
        guard context.pointee.err == 0 else { throw .connectionLost(Self.reason(context)) }
        // Programs the server starts must not inherit the connection.
        _ = fcntl(context.pointee.fd, F_SETFD, FD_CLOEXEC)
        try introduce(address, until: .now + .seconds(limits.commandSeconds))
    }

    deinit { redisFree(context) }

    /// Sends commands in one go and tells each its reply as it comes.
    ///
    /// - Parameter answer: an index of `commands`, and its reply or the error that Redis answered.
    /// - Throws: ``RedisFailure``; then the rest is not answered, and the connection is of no more use.
    func exchange(
        _ commands: [RedisCommand], until deadline: ContinuousClock.Instant,
        answer: (Int, Result<RedisReply, RedisFailure>) -> Void
    ) throws(RedisFailure) {
        try send(commands.flatMap(\.bytes), until: deadline)
        for index in commands.indices {
            guard let reply = try reply(until: deadline) else { throw .timedOut }
            answer(index, reply)
        }
    }

    /// Sends one command and returns its reply.
    ///
    /// - Throws: ``RedisFailure``.
    func exchange(_ command: RedisCommand, until deadline: ContinuousClock.Instant) throws(RedisFailure) -> RedisReply {
        try send(command.bytes, until: deadline)
        guard let reply = try reply(until: deadline) else { throw .timedOut }
        return try reply.get()
    }

    /// - Throws: ``RedisFailure``.
    func send(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) throws(RedisFailure) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                Glibc.send(
                    descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent,
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                guard try wait(for: POLLOUT, until: deadline) else { throw .timedOut }
            } else if errno != EINTR {
                throw .connectionLost(String(cString: strerror(errno)))
            }
        }
    }

    /// The next reply, or the error that Redis answered; `nil` when there is none in time.
    ///
    /// - Throws: ``RedisFailure``.
    func reply(until deadline: ContinuousClock.Instant) throws(RedisFailure) -> Result<RedisReply, RedisFailure>? {
        var received = 0
        while true {
            if let reply = try parsed() { return reply }
            guard received <= largestReplyBytes else { throw .tooLarge }
            guard try wait(for: POLLIN, until: deadline) else { return nil }
            received += try receive()
        }
    }

    private func parsed() throws(RedisFailure) -> Result<RedisReply, RedisFailure>? {
        var pointer: UnsafeMutableRawPointer?
        guard redisReaderGetReply(context.pointee.reader, &pointer) == REDIS_OK else {
            throw .connectionLost("what came is not Redis' protocol")
        }
        guard let pointer else { return nil }
        defer { freeReplyObject(pointer) }
        let reply = pointer.assumingMemoryBound(to: redisReply.self).pointee
        return Result { () throws(RedisFailure) in try RedisReply(reply) }
    }

    /// Returns how many bytes came.
    private func receive() throws(RedisFailure) -> Int {
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        if count > 0 {
            let isFed = buffer.withUnsafeBytes { buffer in
                redisReaderFeed(context.pointee.reader, buffer.bindMemory(to: CChar.self).baseAddress, count)
            }
            guard isFed == REDIS_OK else { throw .connectionLost("out of memory") }
            return count
        }
        if count == 0 { throw .connectionLost("Redis closed it") }
        if errno == EAGAIN || errno == EINTR { return 0 }
        throw .connectionLost(String(cString: strerror(errno)))
    }

    /// Returns false when the time is up.
    private func wait(for events: Int32, until deadline: ContinuousClock.Instant) throws(RedisFailure) -> Bool {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return false }
            var poll = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            // Rounded up, so that the last millisecond is not spent asking again and again.
            let ready = Glibc.poll(&poll, 1, Int32(clamping: left.milliseconds + 1))
            if ready > 0 { return true }
            if ready < 0, errno != EINTR { throw .connectionLost(String(cString: strerror(errno))) }
        }
    }

    private static func reason(_ context: UnsafeMutablePointer<redisContext>) -> String {
        withUnsafeBytes(of: &context.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

extension RedisSocket {
    /// Ends what another thread waits for in the connection. The caller makes sure that it still exists.
    static func hangUp(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

    private func introduce(_ address: RedisAddress, until deadline: ContinuousClock.Instant) throws(RedisFailure) {
        if let password = address.password {
            let who = [address.user, password].compactMap { $0 }.map(RedisCommand.Argument.text)
            do {
                _ = try exchange(RedisCommand(["AUTH"] + who), until: deadline)
            } catch .refused(let line) {
                // "unknown command AUTH, with args beginning with": the whole line may hold the password.
                throw .refused("AUTH, \(line.prefix { $0 != " " })")
            }
        }
        if address.database != 0 {
            _ = try exchange(RedisCommand("SELECT", .integer(address.database)), until: deadline)
        }
        // What an operator sees in CLIENT LIST; not every hosted Redis allows it, and nothing depends on it.
        do {
            _ = try exchange(RedisCommand("CLIENT", "SETNAME", "inframind"), until: deadline)
        } catch .refused {}
    }
}
