import Contract
import Foundation
import Hummingbird

extension RequestContext {
    /// A part of the path, its percent escapes undone: ids of runs may hold slashes.
    func pathParameter(_ name: String) throws -> String {
        guard let text = parameters.get(name)?.removingPercentEncoding, !text.isEmpty, !text.utf8.contains(0) else {
            throw APIError.malformed("The path has no usable \(name).")
        }
        guard text.utf8.count <= Bounds.nameBytes else {
            throw APIError.notFound("Nothing has a \(name) as long as that.")
        }
        return text
    }
}
