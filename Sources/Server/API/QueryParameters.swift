import Contract
import Foundation
import Hummingbird

/// What stands after the `?`.
struct QueryParameters {
    private let fields: FormFields

    init(_ request: Request) { fields = FormFields(encoded: request.uri.query ?? "") }

    /// `nil` when it is missing or empty.
    func text(_ name: String) -> String? { fields[name] }

    /// - Throws: ``APIError`` 422 when it is missing.
    func needed(_ name: String) throws -> String {
        guard let text = text(name) else {
            throw APIError.invalid([FieldError(field: name, message: "must be stated")])
        }
        return text
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

    /// - Throws: ``APIError`` 422 for anything that is no number in `range`.
    func number(_ name: String, in range: ClosedRange<Double>) throws -> Double? {
        guard let text = text(name) else { return nil }
        guard let value = Double(text), range.contains(value) else {
            throw APIError.invalid([
                FieldError(
                    field: name,
                    message: "must be a number from \(Figures.rounded(range.lowerBound, decimals: 4)) to "
                        + Figures.rounded(range.upperBound, decimals: 4))
            ])
        }
        return value
    }
}
