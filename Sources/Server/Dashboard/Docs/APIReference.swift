import Builds

/// The API as the OpenAPI document describes it: what is written there is what one reads here.
struct APIReference: Sendable {
    struct Operation: Sendable {
        var id: String
        var method: String
        var path: String
        var tag: String
        var summary: String
        var description: String
        var content: JSONValue
    }

    let document: JSONValue
    let operations: [Operation]

    init(_ document: JSONValue) {
        self.document = document
        operations = document["paths"].members.flatMap { path, methods in
            methods.members.map { method, operation in
                Operation(
                    id: operation["operationId"].text, method: method.uppercased(), path: path,
                    tag: operation["tags"].elements.first?.text ?? "", summary: operation["summary"].text,
                    description: operation["description"].text, content: operation)
            }
        }
    }

    var tags: [(name: String, description: String)] {
        document["tags"].elements.map { ($0["name"].text, $0["description"].text) }
    }

    /// An object that is referred to, followed to where it is described.
    func resolved(_ value: JSONValue) -> JSONValue {
        guard case .string(let reference) = value["$ref"] else { return value }
        return reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] }
    }
}

extension JSONValue {
    /// The member called `name`; `null` when there is none.
    fileprivate subscript(name: String) -> JSONValue {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    /// By name.
    fileprivate var members: [(key: String, value: JSONValue)] {
        if case .object(let members) = self { members.sorted { $0.key < $1.key } } else { [] }
    }

    fileprivate var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    fileprivate var text: String { stringValue ?? "" }
}

extension APIReference {
    /// - Parameters:
    ///   - server: the address in the examples.
    ///   - mayTry: whether requests that only read can be sent from the page.
    func html(server: String, mayTry: Bool) -> HTML {
        let info = document["info"]
        let sections: [HTML] = tags.map { tag in
            let own = operations.filter { $0.tag == tag.name }
            return """
                <section><h2 id="tag-\(Markdown.anchor(tag.name))">\(tag.name)</h2><p>\(tag.description)</p>
                \(own.map { operation($0, server: server, mayTry: mayTry) })</section>
                """
        }
        return """
            <h1>\(info["title"].text) \(info["version"].text)</h1>
            <p class="lead">\(info["description"].text)</p>
            <p>For programs: <a href="/openapi.json">/openapi.json</a>. \(mayTry
                ? "You are signed in: requests that only read can be tried here."
                : "<a href=\"/ui/sign-in?next=%2Fdocs\">Sign in</a> to try requests that only read.")</p>
            <p id="status" class="quiet" role="status"></p>
            \(sections)
            <section><h2 id="schemas">Schemas</h2>\(schemas)</section>
            """
    }

    private func operation(_ operation: Operation, server: String, mayTry: Bool) -> HTML {
        let body = operation.content["requestBody"]["content"]["application/json"]
        let answers: [HTML] = operation.content["responses"].members.map { status, response in
            let content: [HTML] = response["content"].members.map { link(to: $0.value["schema"]) }
            return """
                <tr><th scope="row">\(status)</th><td>\(resolved(response)["description"].text)</td>\
                <td>\(content.joined(separator: ", "))</td></tr>
                """
        }
        let examples: [HTML] = operation.content["responses"].members.compactMap { status, response in
            example(response["content"]["application/json"]["example"], "Answer \(status)")
        }
        return """
            <div class="operation"><h3 id="\(operation.id)"><span class="method">\(operation.method)</span> <code>\(operation.path)</code></h3>
            <p>\(operation.summary) \(operation.description)</p>
            \(parameters(operation))
            \(body == .null ? nil : "<p>Body: \(link(to: body["schema"]))</p>" as HTML)
            \(curl(operation, body["example"], server: server))
            <div class="scroll" tabindex="0" role="region" aria-label="Answers of \(operation.method) \(operation.path)"><table>
            <thead><tr><th scope="col">Status</th><th scope="col">When</th><th scope="col">Body</th></tr></thead><tbody>\(answers)</tbody></table></div>
            \(examples)
            \(mayTry && operation.method == "GET" && operation.content["responses"]["200"]["content"]["application/json"] != .null
                ? tryIt(operation) : nil)</div>
            """
    }

    private func parameters(_ operation: Operation) -> HTML? {
        let rows: [HTML] = operation.content["parameters"].elements.map { parameter in
            let parameter = resolved(parameter)
            return """
                <tr><th scope="row"><code>\(parameter["name"].text)</code></th><td>\(parameter["in"].text)</td>\
                <td>\(parameter["description"].text)</td></tr>
                """
        }
        guard !rows.isEmpty else { return nil }
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="Parameters of \(operation.method) \(operation.path)"><table>
            <thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col"></th></tr></thead><tbody>\(rows)</tbody></table></div>
            """
    }

    /// A command that can be copied and run.
    private func curl(_ operation: Operation, _ example: JSONValue, server: String) -> HTML {
        var lines = [
            "curl" + (operation.method == "GET" ? "" : " -X \(operation.method)") + " '\(server)\(operation.path)'"
        ]
        let isOpen = operation.content["security"].elements.isEmpty && operation.content["security"] != .null
        if !isOpen { lines.append("  -H \"X-IM-Token: $INFRAMIND_TOKEN\"") }
        if case .object = example {
            lines.append("  -H 'Content-Type: application/json'")
            // A quote would end the shell's word.
            lines.append("  -d '\(JSONText.string(example).replacing("'", with: "'\\''"))'")
        }
        let text = lines.joined(separator: " \\\n")
        let id = "curl-\(operation.id)"
        return """
            <div class="example"><pre tabindex="0"><code id="\(id)">\(text)</code></pre>
            <button type="button" class="secondary small" data-copy="\(id)" aria-label="Copy the command of \(operation.method) \(operation.path)" hidden>Copy</button></div>
            """
    }

    private func tryIt(_ operation: Operation) -> HTML {
        let fields: [HTML] = operation.content["parameters"].elements.map { parameter in
            let name = resolved(parameter)["name"].text
            return """
                <label for="try-\(operation.id)-\(name)">\(name)
                <input id="try-\(operation.id)-\(name)" name="\(name)"\(resolved(parameter)["in"].text == "path" ? " required" as HTML : nil)></label>
                """
        }
        return """
            <form data-try="\(operation.path)" hidden><div class="fields">\(fields)
            <button class="secondary" aria-label="Try \(operation.method) \(operation.path)">Try it</button></div>
            <pre tabindex="0"><output></output></pre></form>
            """
    }

    private func example(_ example: JSONValue, _ caption: String) -> HTML? {
        guard case .object = example else { return nil }
        return
            "<details><summary>\(caption)</summary><pre tabindex=\"0\"><code>\(JSONText.pretty(example))</code></pre></details>"
    }

    private var schemas: [HTML] {
        document["components"]["schemas"].members.map { name, schema in
            let required = Set(schema["required"].elements.map(\.text))
            let rows: [HTML] = schema["properties"].members.map { field, property in
                """
                <tr><th scope="row"><code>\(field)</code></th><td>\(typeName(property))\(required.contains(field) ? ", required" : "")</td>\
                <td>\(property["description"].text)</td></tr>
                """
            }
            return """
                <h3 id="schema-\(name)">\(name)</h3><p>\(schema["description"].text)</p>
                \(rows.isEmpty ? nil : "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Fields of \(name)\"><table><tbody>\(rows)</tbody></table></div>" as HTML)
                """
        }
    }

    private func typeName(_ schema: JSONValue) -> HTML {
        if case .string = schema["$ref"] { return link(to: schema) }
        if case .array(let words) = schema["enum"] {
            return words.map { "<code>\($0.text)</code>" }.joined(separator: " ")
        }
        if case .array(let types) = schema["type"] {
            return "\(types.map(\.text).joined(separator: " or "))"
        }
        if schema["type"].text == "array" { return "list of \(typeName(schema["items"]))" }
        return "\(schema["type"].text)"
    }

    private func link(to schema: JSONValue) -> HTML {
        let name = schema["$ref"].text.split(separator: "/").last.map(String.init) ?? schema["type"].text
        return schema["$ref"] == .null ? "\(name)" : "<a href=\"#schema-\(name)\">\(name)</a>"
    }
}
