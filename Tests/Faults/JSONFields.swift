import Foundation

/// Fields of a JSON object, by path.
struct JSONFields {
    private let object: [String: Any]

    init?(_ bytes: some DataProtocol) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else { return nil }
        self.object = object
    }

    private init(object: [String: Any]) { self.object = object }

    func text(_ path: String...) -> String? { value(path) as? String }

    func number(_ path: String...) -> Double? { (value(path) as? NSNumber)?.doubleValue }

    func objects(_ path: String...) -> [JSONFields] {
        (value(path) as? [[String: Any]] ?? []).map(JSONFields.init(object:))
    }

    private func value(_ path: [String]) -> Any? {
        path.dropLast().reduce(Optional(object)) { $0?[$1] as? [String: Any] }?[path.last ?? ""]
    }
}
