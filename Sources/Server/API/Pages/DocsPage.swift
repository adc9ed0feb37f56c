import Builds

/// The API reference, rendered from the OpenAPI document: what is written there is what one reads here.
struct DocsPage: Sendable {
    var document: JSONValue

    var html: String {
        let info = document["info"]
        let operations = document["paths"].members.flatMap { path, methods in
            methods.members.map { (path: path, method: $0.key, operation: $0.value) }
        }
        let tags = document["tags"].elements
        let sections = tags.map { tag in
            let name = tag["name"].text
            let own = operations.filter { $0.operation["tags"].elements.contains(.string(name)) }
            return "<h2>\(HTML.escaped(name))</h2>\n<p>\(HTML.escaped(tag["description"].text))</p>\n"
                + own.map { operation($0.operation, path: $0.path, method: $0.method) }.joined(separator: "\n")
        }
        return HTML.page(
            title: "InfraMind API",
            body: """
                <h1>\(HTML.escaped(info["title"].text)) \(HTML.escaped(info["version"].text))</h1>
                <p>\(HTML.escaped(info["description"].text))</p>
                <p>The same as a document for programs: <a href="/openapi.json">/openapi.json</a>.</p>
                \(sections.joined(separator: "\n"))
                <h2>Schemas</h2>
                \(schemas)
                """)
    }

    private func operation(_ operation: JSONValue, path: String, method: String) -> String {
        var parts = [
            "<h3 id=\"\(HTML.escaped(operation["operationId"].text))\"><span class=\"method\">\(method.uppercased())</span> "
                + "<code>\(HTML.escaped(path))</code></h3>",
            "<p>\(HTML.escaped(operation["summary"].text)) \(HTML.escaped(operation["description"].text))</p>",
        ]
        let body = operation["requestBody"]["content"]["application/json"]
        if case .object = body {
            parts.append("<p>Body: \(link(to: body["schema"]))</p>")
            parts.append(contentsOf: example(body["example"], caption: "Request"))
        }
        let rows = operation["responses"].members.map { status, response in
            let content = response["content"].members.map(\.value["schema"]).map(link).joined(separator: ", ")
            return
                "<tr><th scope=\"row\">\(HTML.escaped(status))</th><td>\(HTML.escaped(resolved(response)["description"].text))</td>"
                + "<td>\(content)</td></tr>"
        }
        parts.append("<div class=\"table\"><table>\(rows.joined())</table></div>")
        for (_, response) in operation["responses"].members {
            parts.append(contentsOf: example(response["content"]["application/json"]["example"], caption: "Answer"))
        }
        return parts.joined(separator: "\n")
    }

    private func example(_ example: JSONValue, caption: String) -> [String] {
        guard case .object = example else { return [] }
        return ["<p class=\"quiet\">\(caption)</p><pre>\(HTML.escaped(JSONText.pretty(example)))</pre>"]
    }

    private var schemas: String {
        document["components"]["schemas"].members.map { name, schema in
            let required = Set(schema["required"].elements.map(\.text))
            let rows = schema["properties"].members.map { field, property in
                "<tr><th scope=\"row\"><code>\(HTML.escaped(field))</code></th>"
                    + "<td>\(typeName(property))\(required.contains(field) ? ", required" : "")</td>"
                    + "<td>\(HTML.escaped(property["description"].text))</td></tr>"
            }
            return "<h3 id=\"schema-\(HTML.escaped(name))\">\(HTML.escaped(name))</h3>\n"
                + "<p>\(HTML.escaped(schema["description"].text))</p>\n"
                + "<div class=\"table\"><table>\(rows.joined())</table></div>"
        }.joined(separator: "\n")
    }

    private func typeName(_ schema: JSONValue) -> String {
        if case .string = schema["$ref"] { return link(to: schema) }
        if case .array(let words) = schema["enum"] {
            return words.map { "<code>\(HTML.escaped($0.text))</code>" }.joined(separator: " ")
        }
        if case .array(let types) = schema["type"] {
            return types.map { HTML.escaped($0.text) }.joined(separator: " or ")
        }
        if schema["type"].text == "array" { return "list of \(typeName(schema["items"]))" }
        return HTML.escaped(schema["type"].text)
    }

    private func link(to schema: JSONValue) -> String {
        let name = schema["$ref"].text.split(separator: "/").last.map(String.init) ?? schema["type"].text
        return schema["$ref"] == .null
            ? HTML.escaped(name) : "<a href=\"#schema-\(HTML.escaped(name))\">\(HTML.escaped(name))</a>"
    }

    /// A response, followed to where it is described.
    private func resolved(_ response: JSONValue) -> JSONValue {
        guard case .string(let reference) = response["$ref"] else { return response }
        return reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] }
    }
}

extension JSONValue {
    /// The member called `name`; `null` when there is none.
    fileprivate subscript(name: String) -> JSONValue {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    fileprivate var members: [(key: String, value: JSONValue)] {
        if case .object(let members) = self { members.sorted { $0.key < $1.key } } else { [] }
    }

    fileprivate var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    fileprivate var text: String { stringValue ?? "" }
}
