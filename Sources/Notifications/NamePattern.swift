/// A pattern for names: `*` stands for any characters, also none, `?` for one. Everything else stands for itself.
public struct NamePattern: Hashable, Sendable {
    public let text: String
    private let characters: [Character]

    public init(_ text: String) {
        self.text = text
        characters = Array(text)
    }

    /// Takes at most the product of both lengths: what a `*` stands for is only ever made longer.
    public func matches(_ name: String) -> Bool {
        let name = Array(name)
        var (place, at) = (0, 0)
        var star: (place: Int, at: Int)?
        while at < name.count {
            if place < characters.count, characters[place] == "*" {
                star = (place, at)
                place += 1
            } else if place < characters.count, characters[place] == "?" || characters[place] == name[at] {
                place += 1
                at += 1
            } else if let last = star {
                star = (last.place, last.at + 1)
                place = last.place + 1
                at = last.at + 1
            } else {
                return false
            }
        }
        return characters[place...].allSatisfy { $0 == "*" }
    }
}
