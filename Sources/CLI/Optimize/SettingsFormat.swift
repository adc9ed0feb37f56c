import ArgumentParser
import Builds
import Contract

/// How a recommendation is printed.
enum SettingsFormat: String, ExpressibleByArgument, CaseIterable {
    /// For people.
    case text
    /// `export` lines for `eval`; every value is quoted, whatever the server put into it.
    case env
    /// The server's answer.
    case json

    func text(of answer: OptimizeAnswer) throws -> String {
        switch self {
        case .json: return try prettyJSON(answer) + "\n"
        case .env:
            let values: KeyValuePairs = [
                "IM_CONCURRENCY": String(answer.suggestions.concurrency),
                "IM_CPU_REQUEST": Quantity.decimal(answer.limits.cpu, places: 3),
                "IM_MEM_REQUEST_GB": String(answer.suggestions.mem_req_gb),
                "IM_CCACHE": answer.suggestions.cache.ccache ? "1" : "0",
                "IM_CACHE_SIZE_GB": Quantity.decimal(answer.suggestions.cache.size_gb.numberValue ?? 0, places: 3),
                BuildIdentity.Variable.recommendationID: answer.recommendation_id,
            ]
            return values.map { "export \($0.key)=\(shellQuoted($0.value))\n" }.joined()
        case .text:
            let confidence = Quantity.percent(answer.confidence)
            return """
                jobs        \(answer.suggestions.concurrency)
                cpu         \(Quantity.decimal(answer.limits.cpu, places: 3)) cores
                memory      \(Quantity.memory(bytes: Units.bytes(gib: answer.limits.mem_gb)))
                confidence  \(confidence), from \(answer.source.rawValue)
                because     \(printable(answer.rationale))
                more        inframind explain \(shellQuoted(answer.recommendation_id))

                """
        }
    }
}

/// `text` on one line and without control characters: what a server sends must not drive a terminal.
func printable(_ text: String) -> String {
    String(
        String.UnicodeScalarView(
            text.unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : $0 }))
}
