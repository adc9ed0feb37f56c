import Contract
import Hummingbird

/// What stands after the `?`.
struct QueryParameters {
    private let request: Request

    init(_ request: Request) { self.request = request }

    /// `nil` when it is missing or empty.
    func text(_ name: String) -> String? {
        request.uri.queryParameters.get(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// - Throws: ``APIError`` 422 for anything that is no whole number in `range`.
    func integer(_ name: String, in range: ClosedRange<Int64>) throws -> Int64? {
        guard let text = text(name) else { return nil }
        guard let value = Int64(text), range.contains(value) else {
            throw APIError.invalid([
                FieldError(
                    field: name,
                    message: range.upperBound == .max
                        ? "must be a whole number of at least \(range.lowerBound)"
                        : "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            ])
        }
        return value
    }
}
