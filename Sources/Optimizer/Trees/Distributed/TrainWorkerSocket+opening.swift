import Glibc

extension TrainWorkerSocket {
    /// Listens on all of this machine's addresses.
    ///
    /// - Throws: ``TrainWorkerError/portTaken(_:)``.
    static func listening(on port: UInt16) throws(TrainWorkerError) -> TrainWorkerSocket {
        let socket = try TrainWorkerSocket()
        // Connections of a training just ended do not keep the port.
        socket.set(SO_REUSEADDR, to: 1)
        guard socket.bind(port), listen(socket.descriptor, Int32(TrainWorkerRoster.mostWorkers)) == 0 else {
            throw .portTaken(port)
        }
        return socket
    }

    /// Keeps a port until LightGBM listens on it: while this lives, nobody else gets it.
    ///
    /// LightGBM binds without `SO_REUSEADDR`, so connections of a training just ended keep the port for up to a minute.
    /// That is waited for; a program that listens there is not.
    ///
    /// - Throws: ``TrainWorkerError/portTaken(_:)``.
    static func reserving(_ port: UInt16, until deadline: ContinuousClock.Instant) throws(TrainWorkerError)
        -> TrainWorkerSocket
    {
        while true {
            let socket = try TrainWorkerSocket()
            if socket.bind(port) { return socket }
            let probe = try TrainWorkerSocket()
            probe.set(SO_REUSEADDR, to: 1)
            guard probe.bind(port), deadline.millisecondsLeft > 0 else { throw .portTaken(port) }
            pauseBeforeAnotherTry()
        }
    }

    /// The next who connects; `nil` when nobody does before the deadline.
    func accept(until deadline: ContinuousClock.Instant) -> TrainWorkerSocket? {
        while wait(for: Int32(POLLIN), until: deadline) {
            let guest = Glibc.accept(descriptor, nil, nil)
            guard guest >= 0 else { continue }
            _ = fcntl(guest, F_SETFD, FD_CLOEXEC)
            _ = fcntl(guest, F_SETFL, O_NONBLOCK)
            return TrainWorkerSocket(descriptor: guest)
        }
        return nil
    }

    /// Connects to a worker that may not be there yet, and tries again until it is; `nil` when it does not come.
    static func connected(
        to address: TrainWorkerRoster.Address, until deadline: ContinuousClock.Instant
    ) throws(TrainWorkerError) -> TrainWorkerSocket? {
        repeat {
            if var target = Self.resolve(address) {
                let socket = try TrainWorkerSocket()
                // One attempt: a packet that is lost is sent again after one and after three seconds.
                let attempt = min(deadline, .now + .seconds(4))
                if socket.connect(&target, until: attempt) { return socket }
            }
            pauseBeforeAnotherTry()
        } while deadline.millisecondsLeft > 0
        return nil
    }

    /// The IPv4 address of a worker in four numbers, which is all that LightGBM reads; `nil` when the name is not known
    /// until the deadline: a cluster makes names a moment after it makes processes.
    static func numericHost(
        of address: TrainWorkerRoster.Address, until deadline: ContinuousClock.Instant
    ) -> String? {
        var resolved = resolve(address)
        while resolved == nil, deadline.millisecondsLeft > 0 {
            pauseBeforeAnotherTry()
            resolved = resolve(address)
        }
        guard var found = resolved?.sin_addr else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
        guard inet_ntop(AF_INET, &found, &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    }

    /// Nothing says when a port is free, a worker is there or a name is known: it is tried again, ten times a second, which
    /// costs nothing beside a training and delays it by less than anybody notices.
    private static func pauseBeforeAnotherTry() { usleep(100_000) }

    private static func resolve(_ address: TrainWorkerRoster.Address) -> sockaddr_in? {
        var hints = addrinfo()
        hints.ai_family = AF_INET
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.host, nil, &hints, &list) == 0, let list else { return nil }
        defer { freeaddrinfo(list) }
        guard let first = list.pointee.ai_addr else { return nil }
        var found = first.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee }
        found.sin_port = address.port.bigEndian
        return found
    }

    private func bind(_ port: UInt16) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private func connect(_ target: inout sockaddr_in, until deadline: ContinuousClock.Instant) -> Bool {
        let status = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if status == 0 { return true }
        guard errno == EINPROGRESS, wait(for: Int32(POLLOUT), until: deadline) else { return false }
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0
    }
}
