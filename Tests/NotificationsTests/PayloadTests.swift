import Builds
import Foundation
import Testing

@testable import Notifications

@Suite("What is sent")
struct PayloadTests {
    private func json(
        _ message: Message, _ kind: Destination.Kind, template: String? = nil
    ) throws -> JSONValue {
        var destination = try destination(kind)
        destination.template = try template.map { try MessageTemplate($0) }
        let request = try OutgoingRequest(message, to: destination, origin: "https://im.example", at: time(5))
        return try JSONDecoder().decode(JSONValue.self, from: Data(request.body))
    }

    /// All three, with and without a template that uses every way to write a name.
    static let shapes: [(Destination.Kind, String?)] = Destination.Kind.allCases.flatMap { kind in
        [
            (kind, nil),
            (
                kind,
                "{{title}} {{{pipeline}}} {{stage}} {{step}} {{run}} {{tenant}} {{#facts}}{{label}}={{value}}{{/facts}}"
            ),
        ]
    }

    private func hostile(_ name: String, _ kind: MessageKind = .oom) -> Message {
        Message(
            id: "event-1", kind: kind, tenant: name, step: StepIdentity(pipeline: name, stage: name, step: name),
            runID: name, at: time(), text: "Text. \(name)", facts: [Message.Fact(name, name)], link: name,
            occurrence: name)
    }

    @Test("A Slack message has a text and blocks that say what happened, where, and where to read more")
    func slack() throws {
        let sent = try json(message(), .slack)
        #expect(
            sent["text"].stringValue?.hasPrefix("Out of memory: shop/cart › build › link. OOM killed at 7.8 of 8")
                == true)
        let blocks = sent["blocks"].elements
        #expect(blocks.map { $0["type"] } == ["header", "section", "context", "section"])
        #expect(blocks[0]["text"]["text"] == "Out of memory: shop/cart › build › link")
        #expect(blocks[0]["text"]["type"] == "plain_text")
        #expect(blocks[1]["text"]["text"] == "OOM killed at 7.8 of 8 GiB; the next run gets at least 12 GiB.")
        #expect(blocks[1]["fields"].elements.map { $0["text"] } == ["Had: 8 GiB", "Next run: 12 GiB"])
        #expect(blocks[2]["elements"][0]["text"] == "InfraMind · tenant acme · run run 7 · 2026-11-25T10:00:00Z")
        #expect(blocks[3]["text"]["text"] == "<https://ci.example.org/job/7?a=1&amp;b=2|Open the run>")
    }

    @Test("No name mentions anybody in Slack, is a link, or is formatted", arguments: hostileNames, shapes)
    func hostileSlack(_ name: String, _ shape: (Destination.Kind, String?)) throws {
        guard shape.0 == .slack else { return }
        for kind in MessageKind.allCases {
            let sent = try json(hostile(name, kind), .slack, template: shape.1)
            for text in sent.strings {
                #expect(!text.contains("<") && !text.contains(">"), "\(text)")
                for mark in ["*", "`", "~", "\n", "\r", "\u{0}", "\u{1B}", "\u{202E}"] {
                    #expect(!text.contains(mark), "\(text)")
                }
                #expect(text.count <= 3000)
            }
            let header = sent["blocks"][0]["text"]["text"].stringValue ?? ""
            #expect(header.count <= 150 && !header.isEmpty)
            // Nothing is formatted but what the operator wrote, and there neither addresses nor names are looked for.
            for block in sent["blocks"].elements where block["text"]["type"] == "mrkdwn" {
                #expect(shape.1 != nil && block["text"]["verbatim"] == true)
            }
            // No name ends the string it stands in.
            #expect(sent.keys == ["text", "mrkdwn", "blocks", "unfurl_links", "unfurl_media"])
        }
    }

    @Test("A CloudEvent is one by its specification, and its data a CDEvent")
    func cloudEvent() throws {
        let sent = try json(message(), .webhook)
        #expect(sent["specversion"] == "1.0" && sent["id"] == "event-1")
        #expect(sent["type"] == "dev.cdevents.incident.detected.0.3.0")
        #expect(sent["source"] == "https://im.example/tenants/acme" && sent["time"] == "2026-11-25T10:00:00Z")
        #expect(sent["subject"] == "shop/cart › build › link" && sent["datacontenttype"] == "application/json")
        let data = sent["data"]
        #expect(data.keys == ["context", "subject", "customData", "customDataContentType"])
        #expect(data["context"].keys == ["specversion", "id", "source", "type", "timestamp"])
        #expect(data["context"]["specversion"] == "0.5.0" && data["context"]["type"] == sent["type"])
        #expect(data["subject"].keys == ["id", "source", "content"])
        #expect(data["subject"]["content"]["environment"]["id"] == "acme")
        #expect(data["subject"]["content"]["service"]["id"] == "shop/cart")
        #expect(data["customData"]["step"] == "link" && data["customData"]["run_id"] == "run 7")
        #expect(data["customData"]["count"] == 1 && data["customData"]["kind"] == "oom")
    }

    @Test("A digest is an event of our own: nothing is wrong")
    func digestEvent() throws {
        let sent = try json(message("digest-1", .digest, pipeline: "", step: ""), .webhook)
        #expect(sent["type"] == "dev.cdeventsx.inframind-digest.published.0.1.0")
    }

    @Test("Programs get names exactly as they were sent", arguments: hostileNames)
    func exactNames(_ name: String) throws {
        let sent = try json(hostile(name), .webhook)
        #expect(sent["data"]["customData"]["pipeline"] == .string(name))
        #expect(sent["data"]["customData"]["run_id"] == .string(name))
        #expect(sent["source"].stringValue?.utf8.allSatisfy { (0x21...0x7E).contains($0) } == true)
        #expect(sent["data"]["customData"]["url"] == .null)
    }

    @Test("Alertmanager gets labels to route by, annotations to read, and an end")
    func alertmanager() throws {
        let sent = try json(message(), .alertmanager)
        #expect(sent.elements.count == 1)
        #expect(
            sent[0]["labels"]
                == .object([
                    "alertname": "InframindOOM", "severity": "warning", "service": "inframind", "tenant": "acme",
                    "pipeline": "shop/cart", "stage": "build", "step": "link",
                ]))
        #expect(sent[0]["annotations"]["summary"] == "Out of memory: shop/cart › build › link")
        #expect(sent[0]["annotations"]["next_run"] == "12 GiB" && sent[0]["annotations"]["run_id"] == "run 7")
        #expect(sent[0]["startsAt"] == "2026-11-25T10:00:00Z" && sent[0]["endsAt"] == "2026-11-25T11:00:05Z")
        #expect(sent[0]["generatorURL"] == "https://ci.example.org/job/7?a=1&b=2")
    }

    @Test("No name passes through Alertmanager as a mention", arguments: hostileNames, shapes)
    func hostileAlertmanager(_ name: String, _ shape: (Destination.Kind, String?)) throws {
        guard shape.0 == .alertmanager else { return }
        let sent = try json(hostile(name), .alertmanager, template: shape.1)
        for text in sent.strings {
            #expect(!text.contains("<") && !text.contains(">") && !text.contains("\n"), "\(text)")
        }
        #expect(sent[0].keys.isSubset(of: ["labels", "annotations", "startsAt", "endsAt", "generatorURL"]))
    }

    @Test(
        "A link is one that cannot be taken for anything else",
        arguments: [
            ("https://ci.example/job/1", true), ("http://ci.example/job/1?x=%20", true), ("javascript:alert(1)", false),
            ("https://ci.example/|<!channel>", false), ("https://", false), ("//ci.example", false),
            ("https://ci.example/a b", false), ("file:///etc/passwd", false), ("https://ci.example/\"x", false),
        ])
    func links(_ url: String, _ isLink: Bool) { #expect(PayloadLink.url(url) == (isLink ? url : nil)) }

    @Test("A template says what its operator wants, of one kind alone if so")
    func template() throws {
        let text =
            "{{#is.oom}}*{{step}}* died{{#facts}}; {{label}} {{value}}{{/facts}}{{/is.oom}}{{#is.drift}}changed{{/is.drift}}"
        #expect(
            try json(message(), .slack, template: text)["blocks"][1]["text"]["text"]
                == "*link* died; Had 8 GiB; Next run 12 GiB")
        #expect(try json(message("2", .drift), .slack, template: text)["blocks"][1]["text"]["text"] == "changed")
        #expect(try json(message(), .webhook, template: "{{pipeline}}")["data"]["customData"]["text"] == "shop/cart")
        #expect(
            try json(message(), .alertmanager, template: "{{pipeline}}")[0]["annotations"]["description"] == "shop/cart"
        )
    }

    @Test(
        "What is no template is refused",
        arguments: ["{{#open}}", "{{/close}}", String(repeating: "x", count: 65_537)])
    func badTemplate(_ text: String) {
        #expect(throws: InvalidDestination.self) { try MessageTemplate(text) }
    }

    @Test("However a destination is printed, it keeps its secrets")
    func printing() throws {
        var destination = try destination(.webhook)
        destination.token = Secret("TOKENSECRET")
        destination.signature = try WebhookSignature(secret: "SIGNINGSECRET-SIGNINGSECRET")
        var dumped = ""
        dump(destination, to: &dumped)
        for text in [dumped, "\(destination)", String(reflecting: destination), "\(destination.address)"] {
            for secret in ["SECRETPATH", "TOKENSECRET", "SIGNINGSECRET", "hooks.example.org"] {
                #expect(!text.contains(secret), "\(text)")
            }
        }
    }

    @Test(
        "An address is http or https, and nothing hides in it",
        arguments: [
            ("https://hooks.example.org/a/b", true), ("http://127.0.0.1:9093", true), ("http://[::1]:9093/x?y=z", true),
            ("ftp://example.org", false), ("file:///etc/passwd", false), ("https://", false),
            ("hooks.example.org", false),
            ("https://user:pass@example.org", false), ("https://example.org/#x", false),
            ("https://example.org/a b", false),
            ("https://example.org:99999", false), ("gopher://127.0.0.1:6379/_FLUSHALL", false), ("", false),
            ("https://example.org/" + String(repeating: "a", count: 3000), false),
        ])
    func addresses(_ text: String, _ isOne: Bool) {
        do {
            _ = try DestinationAddress(text)
            #expect(isOne)
        } catch {
            #expect(!isOne)
            #expect(text.count < 12 || !error.description.contains(text))
        }
    }

    @Test("What is signed can be checked by whoever knows the secret, as Standard Webhooks says")
    func signature() throws {
        // From the specification's own libraries.
        let signature = try WebhookSignature(secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let headers = signature.headers(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: Timestamp(seconds: 1_614_265_330),
            body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(
            headers.map(\.value) == [
                "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ])
        #expect(throws: InvalidDestination.self) { try WebhookSignature(secret: "short") }
        #expect(throws: InvalidDestination.self) { try WebhookSignature(secret: "whsec_!!!") }
    }
}
