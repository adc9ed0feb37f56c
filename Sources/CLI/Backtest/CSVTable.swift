@preconcurrency import Glibc

/// The columns of a CSV file that are of interest, in memory.
struct CSVTable: Sendable {
    let header: [String]
    /// Cells of the wanted columns, in the order in which they were asked for; surrounding blanks are gone.
    private(set) var rows: [[String]] = []

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - wanted: picks columns once the header is known, by index.
    /// - Throws: ``UnreadableCSV``, and what `wanted` throws.
    init(path: String, limits: CSVLimits = CSVLimits(), wanted: ([String]) throws -> [Int]) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw UnreadableCSV(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        do {
            try self.init(limits: limits, wanted: wanted) { buffer in
                while true {
                    let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                    if count >= 0 { return count }
                    if errno != EINTR { throw CSVError(line: nil, String(cString: strerror(errno))) }
                }
            }
        } catch let error as CSVError {
            throw UnreadableCSV(path: path, reason: error.description)
        }
    }

    /// - Parameter fill: fills the buffer and returns how many bytes it got; 0 at the end.
    init(
        limits: CSVLimits = CSVLimits(), wanted: ([String]) throws -> [Int],
        fill: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws {
        var parser = CSVParser(limits: limits)
        var names: [String]?
        var picked: [Int] = []
        var kept: [[String]] = []
        func take(_ cells: [String], _ line: Int) throws {
            guard let names else {
                let trimmed = cells.map { $0.trimmed }
                if let double = Self.repeated(trimmed) {
                    throw CSVError(line: line, "the header names the column '\(printable(double))' twice")
                }
                picked = try wanted(trimmed)
                names = trimmed
                return
            }
            guard cells.count == names.count else {
                throw CSVError(line: line, "there are \(cells.count) cells, but \(names.count) columns")
            }
            guard kept.count < limits.rows else {
                throw CSVError(line: line, "there are more than \(limits.rows) rows")
            }
            kept.append(picked.map { cells[$0].trimmed })
        }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try bytes.withUnsafeMutableBytes { try fill($0) }
            if count == 0 { break }
            try parser.read(bytes.prefix(count), emit: take)
        }
        try parser.finish(emit: take)
        guard let names else { throw CSVError(line: nil, "it is empty; there must be a header") }
        header = names
        rows = kept
    }

    private static func repeated(_ names: [String]) -> String? {
        var seen: Set<String> = []
        return names.first { !$0.isEmpty && !seen.insert($0).inserted }
    }
}

extension String {
    /// Without blanks and tabs at either end.
    fileprivate var trimmed: String {
        guard first == " " || first == "\t" || last == " " || last == "\t" else { return self }
        let kept = drop { $0 == " " || $0 == "\t" }
        return String(kept.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
