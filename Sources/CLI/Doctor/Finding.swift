import Telemetry

/// One thing the doctor looked at.
struct Finding: Hashable, Sendable, Codable {
    enum State: String, Hashable, Sendable, Codable {
        case good
        /// Works, less exactly.
        case degraded
        /// Not to be had here; everything else works.
        case missing
        /// `inframind` cannot do its work.
        case broken
    }

    var name: String
    var state: State
    var detail: String
    /// What to do about it.
    var remedy: String?

    init(name: String, state: State, detail: String, remedy: String? = nil) {
        self.name = name
        self.state = state
        self.detail = detail
        self.remedy = remedy
    }

    init(_ item: Measurability.Item) {
        let state: State =
            switch item.state {
            case .available: .good
            case .degraded: .degraded
            case .missing: .missing
            }
        self.init(name: item.name, state: state, detail: item.detail, remedy: item.remedy)
    }

    /// Findings as lines, each with its remedy below.
    static func table(_ findings: [Finding]) -> String {
        let width = findings.map(\.name.count).max() ?? 0
        return findings.map { finding in
            let name = finding.name + String(repeating: " ", count: width - finding.name.count)
            let state = finding.state.rawValue + String(repeating: " ", count: 8 - finding.state.rawValue.count)
            let remedy =
                finding.remedy.map { "\n" + String(repeating: " ", count: 10) + "remedy: \(printable($0))" } ?? ""
            return "\(state)  \(name)  \(printable(finding.detail))\(remedy)\n"
        }.joined()
    }
}
