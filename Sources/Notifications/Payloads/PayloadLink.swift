/// Links that may stand in a message.
enum PayloadLink {
    private static let mostBytes = 2000

    /// `text` if it is an `http` or `https` address that cannot be taken for anything else: CI systems name their runs, and
    /// whoever reports a run may name anything.
    static func url(_ text: String?) -> String? {
        guard let text, text.utf8.count <= mostBytes,
            ["http://", "https://"].contains(where: { text.lowercased().hasPrefix($0) && text.count > $0.count }),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !Array("<>|\"\\`{}^".utf8).contains($0) })
        else { return nil }
        return text
    }
}
