extension YAMLParser {
    /// The value of a scalar, whatever comment follows it taken off.
    func scalar(_ text: ArraySlice<UInt8>, at position: FilePosition) throws(ConfigurationProblem) -> YAMLNode {
        switch text.first {
        case UInt8(ascii: "\""): return try quoted(text, at: position, escapes: true)
        case UInt8(ascii: "'"): return try quoted(text, at: position, escapes: false)
        default: break
        }
        if let first = text.first, let refusal = Self.refusal(first, text) {
            throw ConfigurationProblem(refusal, at: position)
        }
        var end = text.endIndex
        for index in text.indices {
            let byte = text[index]
            let offset = index - text.startIndex
            let isAfterSpace = index > text.startIndex && (text[index - 1] == 0x20 || text[index - 1] == 0x09)
            if byte == UInt8(ascii: "#") && isAfterSpace {
                end = index
                break
            }
            if byte == UInt8(ascii: ":"), index + 1 == text.endIndex || text[index + 1] == 0x20 {
                throw ConfigurationProblem(
                    "a value with a colon and a space in it needs quotes",
                    at: FilePosition(line: position.line, column: position.column + offset))
            }
        }
        var value = text[..<end]
        while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
        if value.isEmpty || value.elementsEqual("~".utf8) || value.elementsEqual("null".utf8) {
            return YAMLNode(value: .empty, position: position)
        }
        return YAMLNode(value: .scalar(String(decoding: value, as: UTF8.self)), position: position)
    }

    /// Why a plain scalar cannot begin with this byte; `nil` when it can.
    private static func refusal(_ first: UInt8, _ text: ArraySlice<UInt8>) -> String? {
        switch first {
        case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ","):
            "lists and mappings in brackets are not supported; write one item per line, or quote the value"
        case UInt8(ascii: "|"), UInt8(ascii: ">"): "text over several lines is not supported; write it on one line"
        case UInt8(ascii: "&"), UInt8(ascii: "*"): "anchors and aliases are not supported; write the value out"
        case UInt8(ascii: "!"): "tags are not supported; write the value alone, or quote it"
        case UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "`"): "a value that begins so needs quotes"
        case UInt8(ascii: "?") where text.count == 1 || text[text.startIndex + 1] == 0x20:
            "keys marked with '?' are not supported; write 'key: value'"
        default: nil
        }
    }

    private func quoted(
        _ text: ArraySlice<UInt8>, at position: FilePosition, escapes: Bool
    ) throws(ConfigurationProblem) -> YAMLNode {
        let quote = text[text.startIndex]
        var value: [UInt8] = []
        var index = text.startIndex + 1
        func here() -> FilePosition {
            FilePosition(line: position.line, column: position.column + index - text.startIndex)
        }
        while true {
            guard index < text.endIndex else {
                throw ConfigurationProblem("the quote that begins here does not end on the line", at: position)
            }
            let byte = text[index]
            index += 1
            if byte == quote {
                // Two single quotes inside of single quotes stand for one.
                guard !escapes, index < text.endIndex, text[index] == quote else { break }
                index += 1
                value.append(quote)
            } else if escapes && byte == UInt8(ascii: "\\") {
                switch index < text.endIndex ? text[index] : 0 {
                case UInt8(ascii: "n"): value.append(0x0A)
                case UInt8(ascii: "t"): value.append(0x09)
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): value.append(text[index])
                default:
                    index -= 1
                    throw ConfigurationProblem(
                        #"the escapes \" \\ \/ \n \t are supported; single quotes need none"#, at: here())
                }
                index += 1
            } else {
                value.append(byte)
            }
        }
        let rest = text[index...]
        let comment = rest.drop { $0 == 0x20 || $0 == 0x09 }
        guard comment.isEmpty || (comment.first == UInt8(ascii: "#") && comment.startIndex > rest.startIndex) else {
            throw ConfigurationProblem("nothing but a comment may follow the closing quote", at: here())
        }
        return YAMLNode(value: .scalar(String(decoding: value, as: UTF8.self)), position: position)
    }
}
