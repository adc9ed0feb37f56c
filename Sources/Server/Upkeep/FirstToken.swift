import Foundation

/// `first-token`: gives a new installation a token of its own, so that none has to be shipped with it.
struct FirstToken {
    let path: String
    /// What was done, one line.
    var say: (String) -> Void = { print($0) }

    /// Makes the file with a new token in it. One that is there is left as it is: every start may call this.
    ///
    /// - Throws: ``UpkeepError`` when it cannot be made.
    func make() throws(UpkeepError) {
        let text =
            "# What may be sent to this server, and by whom: TOKEN or TENANT=TOKEN, one a line.\n\(TokenSecret().text)\n"
        // Never through a link that somebody else left there, never over a file, and never readable by others.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            guard errno == EEXIST else { throw failure("cannot be made") }
            return say("\(path) is there already")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try file.write(contentsOf: Data(text.utf8))
            try file.synchronize()
        } catch {
            unlink(path)
            throw failure("cannot be written")
        }
        say("\(path): a new token; show it with: inframind-server first-token --from \(path)")
    }

    /// Says the first token of the file.
    ///
    /// - Throws: ``UpkeepError``; ``ConfigurationError`` when it cannot be read.
    func show() throws {
        guard let line = try SecretFile(path: path).lines(key: "--from").first else {
            throw UpkeepError("'\(path)' holds no token")
        }
        say(line.split(separator: "=", maxSplits: 1).last.map(String.init) ?? line)
    }

    private func failure(_ what: String) -> UpkeepError {
        UpkeepError("'\(path)' \(what): \(String(cString: strerror(errno)))")
    }
}
