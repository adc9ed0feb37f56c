import Telemetry

/// Where the server gets the body of `/metrics`.
protocol PageSource: AnyObject {
    /// The page, valid until the next call.
    ///
    /// - Parameter batch: requests of one batch came together, and get the same page.
    /// - Returns: the bytes, and whether they are compressed.
    func page(
        as format: MetricsWriter.Format, gzip isWanted: Bool, batch: Int
    ) -> (bytes: UnsafeRawBufferPointer, isGzip: Bool)
}

/// Takes a reading for every scrape; one for all that are waiting at the same time.
///
/// Each of those had asked before the reading began or while it went on, so none gets anything old. A thousand scrapers
/// at once cost a few readings, and a slow collector does not add up.
final class SharedPages: PageSource {
    private let page: MetricsPage
    private var texts: [Rendered]
    private var gzip: Gzip?

    private final class Rendered {
        let format: MetricsWriter.Format
        let writer: MetricsWriter
        var batch = -1
        var compressed = ByteBuffer()
        var compressedBatch = -1

        init(_ format: MetricsWriter.Format, _ labels: ConstantLabels) {
            self.format = format
            writer = MetricsWriter(constantLabels: labels)
        }
    }

    /// A smaller page fits in a packet or two either way.
    private static let leastGzipBytes = 1024

    init(_ page: MetricsPage, labels: ConstantLabels) {
        self.page = page
        texts = [Rendered(.prometheusText, labels), Rendered(.openMetrics, labels)]
    }

    func page(
        as format: MetricsWriter.Format, gzip isWanted: Bool, batch: Int
    ) -> (bytes: UnsafeRawBufferPointer, isGzip: Bool) {
        let rendered = texts[format == .openMetrics ? 1 : 0]
        if rendered.batch != batch {
            page.render(into: rendered.writer, as: format)
            rendered.batch = batch
        }
        guard isWanted, rendered.writer.bytes.count >= Self.leastGzipBytes else {
            return (rendered.writer.bytes, false)
        }
        if rendered.compressedBatch != batch {
            let gzip = self.gzip ?? Gzip()
            self.gzip = gzip
            guard let bytes = gzip.compress(rendered.writer.bytes) else { return (rendered.writer.bytes, false) }
            rendered.compressed.removeAll()
            rendered.compressed.append(bytes)
            rendered.compressedBatch = batch
        }
        return (rendered.compressed.bytes, true)
    }
}
