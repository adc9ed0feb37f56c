package simulated

import hudson.AbortException

/** Stands in for the step of the HTTP Request plugin; it really asks. */
class HttpRequestStep {
    static Response send(Map request) {
        HttpURLConnection connection = (HttpURLConnection) new URL(request.url.toString()).openConnection()
        connection.connectTimeout = connection.readTimeout = (request.timeout as int) * 1000
        connection.requestMethod = request.httpMode
        connection.doOutput = true
        connection.setRequestProperty('Content-Type', 'application/json')
        request.customHeaders.each { connection.setRequestProperty(it.name, it.value) }
        try {
            connection.outputStream.withStream { it.write(request.requestBody.getBytes('UTF-8')) }
            int status = connection.responseCode
            InputStream stream = status >= 400 ? connection.errorStream : connection.inputStream
            return new Response(status: status, content: stream == null ? '' : stream.getText('UTF-8'))
        } catch (IOException failure) {
            throw new AbortException("Fail: $failure.message")
        }
    }

    static class Response implements Serializable {
        int status
        String content
    }
}
