import Glibc

/// Where words go.
enum StandardStream: Int32 {
    case output = 1
    case diagnostics = 2
}

/// Writes all of `text`, unbuffered. A closed stream is not worth an error: there is nobody left to tell.
func write(_ text: String, to stream: StandardStream) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { Glibc.write(stream.rawValue, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return }
        bytes = bytes.dropFirst(count)
    }
}
