package simulated

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors

/** A server that behaves as it is told: wrong status, rubbish, no answer. It remembers what it was asked. */
class FakeServer implements Closeable {
    final List<Map> requests = new CopyOnWriteArrayList<Map>()
    private final HttpServer server
    private final CountDownLatch closed = new CountDownLatch(1)

    /** @param answer gets the path and the body; returns `[status, body]`, or null to stay silent until the server is closed. */
    FakeServer(int port = 0, Closure<List> answer) {
        server = HttpServer.create(new InetSocketAddress('127.0.0.1', port), 0)
        server.executor = Executors.newCachedThreadPool { task -> new Thread(task as Runnable).with { it.daemon = true; it } }
        server.createContext('/') { HttpExchange exchange ->
            String path = exchange.requestURI.path
            String body = exchange.requestBody.getText('UTF-8')
            requests << [path: path, body: body, token: exchange.requestHeaders.getFirst('X-IM-Token')]
            List reply = answer(path, body)
            if (reply == null) {
                closed.await()
                exchange.close()
                return
            }
            byte[] bytes = reply[1].toString().getBytes('UTF-8')
            if (reply.size() > 2) reply[2].each { name, value -> exchange.responseHeaders.add(name, value) }
            exchange.sendResponseHeaders(reply[0] as int, bytes.length == 0 ? -1L : (long) bytes.length)
            if (bytes.length > 0) {
                try {
                    exchange.responseBody.write(bytes)
                } catch (IOException hungUp) {
                    // The client has read as much as it wanted.
                }
            }
            exchange.close()
        }
        server.start()
    }

    String getUrl() { "http://127.0.0.1:${server.address.port}" }

    void close() {
        closed.countDown()
        server.stop(0)
    }
}
