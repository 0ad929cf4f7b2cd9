package dev.pyro.clients;

import dev.pyro.clients.ModelScript.Answer;
import dev.pyro.clients.ModelScript.Turn;
import dev.pyro.json.JsonReader;
import java.util.List;

/** The wire format of one kind of model server, as far as one conversation with tools needs it. */
interface ModelApi {
    /** The one path that clients post to. */
    String path();

    /** Reads a request. */
    Request read(JsonReader body);

    /** Writes a turn as server-sent events. */
    String stream(Turn turn, JsonReader body);

    /**
     * What a request says.
     *
     * @param tools the names of the tools offered, as the client calls them
     * @param answers the results of all tool calls in the conversation, in their order
     */
    record Request(List<String> tools, List<Answer> answers) {}
}
