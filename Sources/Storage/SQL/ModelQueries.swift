import Builds

enum ModelStatements {
    static let insert = """
        INSERT INTO models (tenant_id, version, number, created_at, metrics, bytes) VALUES ($1, $2, $3, $4, $5, $6)
        """

    static let all = """
        SELECT version, created_at, is_active, metrics FROM models WHERE tenant_id = $1 ORDER BY number DESC
        """

    static let find = """
        SELECT version, created_at, is_active, metrics, bytes FROM models WHERE tenant_id = $1 AND version = $2
        """

    static let active = """
        SELECT version, created_at, is_active, metrics, bytes FROM models WHERE tenant_id = $1 AND is_active = 1
        """

    static let deactivate = "UPDATE models SET is_active = 0 WHERE tenant_id = $1 AND is_active = 1"

    static let activate = "UPDATE models SET is_active = 1 WHERE tenant_id = $1 AND version = $2"
}

extension SQLSession {
    func save(_ model: StoredModel, _ tenant: TenantID) throws {
        let told: [SQLValue] = [
            .integer(model.createdAt.microseconds), try StoredJSON.encode(model.metrics), .bytes(model.bytes),
        ]
        let key: [SQLValue] = [.text(tenant.rawValue), .text(model.version)]
        if let row = try firstRow(ModelStatements.find, key) {
            guard [row.values[1], row.values[3], row.values[4]] == told else {
                throw StoreError.conflict("Model version '\(model.version)' was already kept with other content.")
            }
            return
        }
        try execute(ModelStatements.insert, key + [.integer(try next(.models, tenant))] + told)
        if model.isActive { try activateModel(model.version, tenant) }
    }

    func models(_ tenant: TenantID) throws -> [StoredModel] {
        try rows(ModelStatements.all, [.text(tenant.rawValue)]).map { try $0.storedModel(hasBytes: false) }
    }

    func model(_ version: String, _ tenant: TenantID) throws -> StoredModel? {
        try firstRow(ModelStatements.find, [.text(tenant.rawValue), .text(version)])?.storedModel(hasBytes: true)
    }

    func activeModel(_ tenant: TenantID) throws -> StoredModel? {
        try firstRow(ModelStatements.active, [.text(tenant.rawValue)])?.storedModel(hasBytes: true)
    }

    func activateModel(_ version: String?, _ tenant: TenantID) throws {
        try execute(ModelStatements.deactivate, [.text(tenant.rawValue)])
        guard let version else { return }
        guard try execute(ModelStatements.activate, [.text(tenant.rawValue), .text(version)]) == 1 else {
            throw StoreError.unknownModel(version)
        }
    }
}

extension SQLRow {
    fileprivate func storedModel(hasBytes: Bool) throws -> StoredModel {
        StoredModel(
            version: try text(0), createdAt: Timestamp(microseconds: try integer(1)), isActive: try integer(2) == 1,
            metrics: try json(3), bytes: hasBytes ? try bytes(4) : [])
    }
}
