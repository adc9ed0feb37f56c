/// Text from outside made fit to be seen: one line, of bounded length, that shows what it is.
public enum PlainText {
    /// Control characters become spaces. What changes the direction of writing, or is not seen at all, is left out: a name
    /// could pretend to be another.
    public static func cleaned(_ text: String, atMost length: Int) -> String {
        var cleaned = String.UnicodeScalarView()
        var count = 0
        var isCut = false
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: cleaned.append(" ")
            case .format, .surrogate, .privateUse: continue
            default: cleaned.append(scalar)
            }
            count += 1
            if count == length {
                isCut = true
                break
            }
        }
        return String(cleaned) + (isCut && count < text.unicodeScalars.count ? "…" : "")
    }

    /// As ``cleaned(_:atMost:)``, and nothing in it means anything to Slack: no mention of a channel or a person, no link,
    /// no formatting. Slack decodes the three entities; what would begin formatting, and cannot be escaped, is replaced by
    /// what looks like it.
    static func forSlack(_ text: String, atMost length: Int = 300) -> String {
        var escaped = ""
        for character in cleaned(text, atMost: length) {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "*": escaped += "∗"
            case "`": escaped += "ˋ"
            case "~": escaped += "∼"
            default: escaped.append(character)
            }
        }
        return escaped
    }

    /// As ``cleaned(_:atMost:)``, without the brackets that Slack makes mentions and links of, for what passes a label or an
    /// annotation on to it.
    static func forAlertmanager(_ text: String, atMost length: Int = 1000) -> String {
        cleaned(text, atMost: length).replacing("<", with: "‹").replacing(">", with: "›")
    }
}
