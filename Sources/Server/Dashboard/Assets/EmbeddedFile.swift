import CDashboard
import Crypto
import Foundation
import NIOCore

/// A file that is part of the program.
struct EmbeddedFile: Sendable {
    let name: String
    let bytes: ByteBuffer
    /// Changes when the content does.
    let digest: String

    private init(_ file: inframind_file) {
        name = String(cString: file.name)
        let content = UnsafeRawBufferPointer(start: file.bytes, count: file.size)
        bytes = ByteBuffer(bytes: content)
        digest = Self.digest(of: content)
    }

    /// Twelve characters tell versions of one file apart.
    static func digest(of bytes: some DataProtocol) -> String {
        SHA256.hash(data: bytes).prefix(6).map { byte in
            let hex = String(byte, radix: 16)
            return hex.count == 1 ? "0" + hex : hex
        }.joined()
    }

    var text: String { String(buffer: bytes) }
}

extension EmbeddedFile {
    static let assets = (0..<dashboard_asset_count()).map { EmbeddedFile(dashboard_asset($0)) }

    /// The guides of `docs/`, in the order in which they are listed.
    static let guides = (0..<dashboard_guide_count()).map { EmbeddedFile(dashboard_guide($0)) }

    private static let byName = Dictionary(uniqueKeysWithValues: assets.map { ($0.name, $0) })

    static func asset(_ name: String) -> EmbeddedFile? { byName[name] }

    /// Where a page finds an asset. The digest is part of it, so browsers may keep what they have for good.
    static func address(_ name: String) -> String { "/assets/\(name)?v=\(asset(name)?.digest ?? "")" }

    var contentType: String {
        switch name.split(separator: ".").last {
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        default: "application/octet-stream"
        }
    }
}
