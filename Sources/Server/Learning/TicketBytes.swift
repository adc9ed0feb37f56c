import Foundation
import Optimizer

/// Tickets as the store keeps them.
enum TicketBytes {
    // A ticket of a hopeless prediction may hold an infinity, which JSON has no number for.
    private static let (infinity, minusInfinity, nan) = ("inf", "-inf", "nan")

    static func encode(_ ticket: Ticket) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: infinity, negativeInfinity: minusInfinity, nan: nan)
        return Array(try encoder.encode(ticket))
    }

    /// `nil` for bytes of another version: the outcome is then learned as if nobody had asked.
    static func decode(_ bytes: [UInt8]) -> Ticket? {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: infinity, negativeInfinity: minusInfinity, nan: nan)
        return try? decoder.decode(Ticket.self, from: Data(bytes))
    }
}
