package dev.pyro.mcp.http;

import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** In place of Jetty's error pages: the status and its usual words, nothing of what went wrong inside. */
final class JsonErrors implements Request.Handler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        JsonReply.error(
                response,
                callback,
                status,
                status < HttpStatus.INTERNAL_SERVER_ERROR_500
                        ? HttpFailure.INVALID_REQUEST
                        : HttpFailure.INTERNAL_ERROR,
                HttpStatus.getMessage(status));
        return true;
    }
}
