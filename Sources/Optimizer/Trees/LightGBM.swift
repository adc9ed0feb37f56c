import CLightGBM
import Glibc

/// The LightGBM library, loaded while the program runs. Without it every recommendation comes from the closed form.
///
/// Loaded once and never unloaded: its threads may outlive the last call.
public struct LightGBM: Sendable {
    let getLastError: CLightGBMGetLastError
    let datasetCreateFromMat: CLightGBMDatasetCreateFromMat
    let datasetSetField: CLightGBMDatasetSetField
    let datasetFree: CLightGBMDatasetFree
    let boosterCreate: CLightGBMBoosterCreate
    let boosterUpdateOneIter: CLightGBMBoosterUpdateOneIter
    let boosterSaveModelToString: CLightGBMBoosterSaveModelToString
    let boosterLoadModelFromString: CLightGBMBoosterLoadModelFromString
    let boosterGetNumFeature: CLightGBMBoosterGetNumFeature
    let fastInit: CLightGBMBoosterPredictForMatSingleRowFastInit
    let predictFast: CLightGBMBoosterPredictForMatSingleRowFast
    let fastConfigFree: CLightGBMFastConfigFree
    let boosterFree: CLightGBMBoosterFree
    let networkInit: CLightGBMNetworkInit
    let networkFree: CLightGBMNetworkFree

    /// - Parameter path: of `lib_lightgbm.so`, version 4.
    /// - Throws: ``LightGBMError/cannotLoad(path:message:)`` when there is no such library or a function is missing.
    public init(path: String) throws(LightGBMError) {
        // RTLD_LOCAL: its OpenMP symbols must not be seen by other libraries.
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw .cannotLoad(path: path, message: dlerror().map { String(cString: $0) } ?? "unknown error")
        }
        func function<Signature>(_ name: String, as type: Signature.Type) throws(LightGBMError) -> Signature {
            guard let symbol = dlsym(library, name) else {
                throw .cannotLoad(path: path, message: "it has no function \(name)")
            }
            return unsafeBitCast(symbol, to: type)
        }
        getLastError = try function("LGBM_GetLastError", as: CLightGBMGetLastError.self)
        datasetCreateFromMat = try function("LGBM_DatasetCreateFromMat", as: CLightGBMDatasetCreateFromMat.self)
        datasetSetField = try function("LGBM_DatasetSetField", as: CLightGBMDatasetSetField.self)
        datasetFree = try function("LGBM_DatasetFree", as: CLightGBMDatasetFree.self)
        boosterCreate = try function("LGBM_BoosterCreate", as: CLightGBMBoosterCreate.self)
        boosterUpdateOneIter = try function("LGBM_BoosterUpdateOneIter", as: CLightGBMBoosterUpdateOneIter.self)
        boosterSaveModelToString = try function(
            "LGBM_BoosterSaveModelToString", as: CLightGBMBoosterSaveModelToString.self)
        boosterLoadModelFromString = try function(
            "LGBM_BoosterLoadModelFromString", as: CLightGBMBoosterLoadModelFromString.self)
        boosterGetNumFeature = try function("LGBM_BoosterGetNumFeature", as: CLightGBMBoosterGetNumFeature.self)
        fastInit = try function(
            "LGBM_BoosterPredictForMatSingleRowFastInit", as: CLightGBMBoosterPredictForMatSingleRowFastInit.self)
        predictFast = try function(
            "LGBM_BoosterPredictForMatSingleRowFast", as: CLightGBMBoosterPredictForMatSingleRowFast.self)
        fastConfigFree = try function("LGBM_FastConfigFree", as: CLightGBMFastConfigFree.self)
        boosterFree = try function("LGBM_BoosterFree", as: CLightGBMBoosterFree.self)
        networkInit = try function("LGBM_NetworkInit", as: CLightGBMNetworkInit.self)
        networkFree = try function("LGBM_NetworkFree", as: CLightGBMNetworkFree.self)
    }

    /// Throws the library's own message when `status` says that a call failed.
    func check(_ status: Int32) throws(LightGBMError) {
        guard status != 0 else { return }
        throw .failed(message: getLastError().map { String(cString: $0) } ?? "unknown error")
    }
}

/// Why LightGBM could not be used.
public enum LightGBMError: Error, Hashable, CustomStringConvertible {
    /// The library is missing, or is not LightGBM 4.
    case cannotLoad(path: String, message: String)
    /// A call failed, with the library's own words.
    case failed(message: String)
    /// There is nothing to train on, or a model was made for other features.
    case unsuitable(message: String)

    public var description: String {
        switch self {
        case .cannotLoad(let path, let message): "cannot load LightGBM from \(path): \(message)"
        case .failed(let message): "LightGBM failed: \(message)"
        case .unsuitable(let message): "unsuitable for LightGBM: \(message)"
        }
    }
}
