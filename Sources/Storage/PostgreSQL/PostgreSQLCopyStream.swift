/// Rows in the binary format of `COPY … FROM STDIN` (https://www.postgresql.org/docs/current/sql-copy.html, "Binary
/// Format"): nothing to escape, and no numbers to print and parse.
enum PostgreSQLCopyStream {
    static func encode(_ rows: RowBuffer) -> [UInt8] {
        let columns = rows.table.columns.count
        var stream: [UInt8] = []
        stream.reserveCapacity(64 + rows.bytes.count + rows.cells.count * 12 + rows.rows * 2)
        stream += "PGCOPY\n".utf8
        // No flags, no extension.
        stream += [0xFF, 0x0D, 0x0A, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        rows.bytes.withUnsafeBufferPointer { bytes in
            for (place, cell) in rows.cells.enumerated() {
                if place % columns == 0 { append(Int16(columns), &stream) }
                switch cell {
                case .null: append(Int32(-1), &stream)
                case .integer(let integer):
                    append(Int32(8), &stream)
                    append(integer, &stream)
                case .real(let real):
                    append(Int32(8), &stream)
                    append(real.bitPattern, &stream)
                case .text(let start, let count):
                    append(Int32(count), &stream)
                    stream.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<start + count]))
                }
            }
        }
        append(Int16(-1), &stream)
        return stream
    }

    @inline(__always)
    private static func append(_ integer: some FixedWidthInteger, _ stream: inout [UInt8]) {
        withUnsafeBytes(of: integer.bigEndian) { stream.append(contentsOf: $0) }
    }
}
