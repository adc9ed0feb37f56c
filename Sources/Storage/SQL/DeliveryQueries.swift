import Builds

enum DeliveryStatements {
    static let find = """
        SELECT version, position, due_at, state FROM deliveries WHERE tenant_id = $1 AND destination = $2
        """

    static let insert = """
        INSERT INTO deliveries (tenant_id, destination, version, position, due_at, state)
        VALUES ($1, $2, $3, $4, $5, $6)
        """

    static let replace = """
        UPDATE deliveries SET version = $1, position = $2, due_at = $3, state = $4
        WHERE tenant_id = $5 AND destination = $6
        """

    /// Reads all of a table with a row for each tenant and destination.
    static let due = """
        SELECT d.tenant_id, d.destination FROM deliveries AS d
        JOIN tenants AS t ON t.tenant_id = d.tenant_id
        WHERE d.due_at <= $1 OR t.event_count > d.position
        ORDER BY d.tenant_id, d.destination LIMIT $2
        """
}

extension SQLSession {
    func delivery(to destination: String, _ tenant: TenantID) throws -> StoredDelivery? {
        guard let row = try firstRow(DeliveryStatements.find, [.text(tenant.rawValue), .text(destination)]) else {
            return nil
        }
        return StoredDelivery(
            destination: destination, version: try row.integer(0), position: try row.integer(1),
            dueAt: try row.isNull(2) ? nil : Timestamp(microseconds: try row.integer(2)), state: try row.json(3))
    }

    /// Transactions take turns, so what was read here holds until the end of this one.
    ///
    /// A driver begins again when the answer to a commit is lost. What is there then is what was to be kept, in the next
    /// version: that is a success, too.
    func save(_ delivery: StoredDelivery, _ tenant: TenantID) throws -> Bool {
        let found = try self.delivery(to: delivery.destination, tenant)
        var kept = delivery
        kept.version += 1
        if found == kept { return true }
        guard found?.version ?? 0 == delivery.version else { return false }
        let name: [SQLValue] = [.text(tenant.rawValue), .text(kept.destination)]
        let content: [SQLValue] = [
            .integer(kept.version), .integer(kept.position), kept.dueAt.map { .integer($0.microseconds) } ?? .null,
            try StoredJSON.encode(kept.state),
        ]
        if found == nil {
            try execute(DeliveryStatements.insert, name + content)
        } else {
            try execute(DeliveryStatements.replace, content + name)
        }
        return true
    }

    func dueDeliveries(at time: Timestamp, limit: Int) throws -> [DueDelivery] {
        try rows(DeliveryStatements.due, [.integer(time.microseconds), .integer(Int64(limit))]).map {
            DueDelivery(tenant: TenantID(try $0.text(0)), destination: try $0.text(1))
        }
    }
}
