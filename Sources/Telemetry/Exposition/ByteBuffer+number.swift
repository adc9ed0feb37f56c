import Glibc

extension ByteBuffer {
    /// `count / parts`: an exact decimal when `parts` is a power of ten, without zeros at its end.
    mutating func append(_ count: Int64, per parts: Int64) {
        var decimals = 0
        var power: Int64 = 1
        while power < parts && decimals < 18 {
            power *= 10
            decimals += 1
        }
        guard power == parts else { return append(shortest: Double(count) / Double(parts)) }
        if count < 0 { append(UInt8(ascii: "-")) }
        let magnitude = count.magnitude
        append(decimal: magnitude / UInt64(parts))
        var fraction = magnitude % UInt64(parts)
        guard fraction > 0 else { return }
        while fraction % 10 == 0 {
            fraction /= 10
            decimals -= 1
        }
        append(UInt8(ascii: "."))
        append(decimal: fraction, digits: decimals)
    }

    /// The shortest decimal that reads back as `value`; `NaN`, `+Inf` and `-Inf` as Prometheus spells them.
    mutating func append(shortest value: Double) {
        if value.isNaN { return append("NaN" as StaticString) }
        if value.isInfinite { return append((value < 0 ? "-Inf" : "+Inf") as StaticString) }
        // Beyond 2^53 whole numbers are no longer exact, and the library's form is as good.
        if value.magnitude < 0x1p53, let whole = Int64(exactly: value) { return append(decimal: whole) }
        // What has at most nine decimals is written without the library, whose text may need the heap.
        var power: Int64 = 10
        while power <= 1_000_000_000 {
            let scaled = (value * Double(power)).rounded()
            if scaled.magnitude >= 0x1p53 { break }
            if scaled != 0 && scaled / Double(power) == value { return append(Int64(scaled), per: power) }
            power *= 10
        }
        append(value.description)
    }

    /// `2026-11-26T17:53:46.123Z` of seconds since 1970; years 1970 to 9999.
    mutating func append(rfc3339 seconds: Double) {
        let milliseconds = Int64((max(0, min(seconds, 253_402_300_799)) * 1000).rounded(.down))
        var whole = time_t(milliseconds / 1000)
        var parts = tm()
        gmtime_r(&whole, &parts)
        append(decimal: UInt64(parts.tm_year + 1900), digits: 4)
        append(UInt8(ascii: "-"))
        append(decimal: UInt64(parts.tm_mon + 1), digits: 2)
        append(UInt8(ascii: "-"))
        append(decimal: UInt64(parts.tm_mday), digits: 2)
        append(UInt8(ascii: "T"))
        append(decimal: UInt64(parts.tm_hour), digits: 2)
        append(UInt8(ascii: ":"))
        append(decimal: UInt64(parts.tm_min), digits: 2)
        append(UInt8(ascii: ":"))
        append(decimal: UInt64(parts.tm_sec), digits: 2)
        append(UInt8(ascii: "."))
        append(decimal: UInt64(milliseconds % 1000), digits: 3)
        append(UInt8(ascii: "Z"))
    }
}
