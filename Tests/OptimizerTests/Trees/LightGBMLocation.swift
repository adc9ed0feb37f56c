import Foundation
import Testing

/// Where the tests find LightGBM: `INFRAMIND_LIGHTGBM`, else `.build/vendor/lightgbm/lib_lightgbm.so` of the package.
enum LightGBMLocation {
    static let path: String? = {
        if let path = ProcessInfo.processInfo.environment["INFRAMIND_LIGHTGBM"] { return path }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let vendored = root.appending(path: ".build/vendor/lightgbm/lib_lightgbm.so").path
        return FileManager.default.fileExists(atPath: vendored) ? vendored : nil
    }()

    static let absent: Comment =
        "LightGBM is not here: set INFRAMIND_LIGHTGBM or put lib_lightgbm.so into .build/vendor/lightgbm."
}
