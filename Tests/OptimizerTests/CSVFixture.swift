import Foundation
import Testing

/// A fixture of comma-separated values with a line of names; no value holds a comma or a quote.
struct CSVFixture {
    /// One line, by the names of the first one.
    struct Row {
        let number: Int
        private let columns: [String: Int]
        private let fields: [Substring]

        init(number: Int, columns: [String: Int], fields: [Substring]) {
            self.number = number
            self.columns = columns
            self.fields = fields
        }

        func text(_ name: String) throws -> String {
            String(fields[try #require(columns[name], "there is no column \(name)")])
        }

        func number(_ name: String) throws -> Double {
            try #require(Double(try text(name)), "\(name) of row \(number) is no number")
        }

        /// `nil` for an empty field.
        func optionalNumber(_ name: String) throws -> Double? {
            try text(name).isEmpty ? nil : number(name)
        }

        /// `prefix0`, `prefix1`, …
        func numbers(_ prefix: String, _ count: Int) throws -> [Double] {
            try (0..<count).map { try number("\(prefix)\($0)") }
        }
    }

    let rows: [Row]

    init(_ name: String) throws {
        let url = try #require(
            Bundle.module.url(forResource: name, withExtension: "csv", subdirectory: "Fixtures"))
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        let names = try #require(lines.first).split(separator: ",").map(String.init)
        let columns = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
        rows = try lines.dropFirst().enumerated().map { number, line in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            try #require(fields.count == names.count, "row \(number) of \(name)")
            return Row(number: number, columns: columns, fields: fields)
        }
    }
}
