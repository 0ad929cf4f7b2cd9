package dev.pyro.model;

/** What a workspace's machine can reach, and what can reach it. */
public enum NetworkPolicy {
    /** Nothing but its own loopback. */
    OFF("off"),
    /** The outside through the host, but neither the host's loopback nor its own addresses; nothing reaches the machine. */
    EGRESS("egress"),
    /** The same, and through ports of the host's loopback, which services publish, the host reaches the machine. */
    EGRESS_PUBLISHED_PORTS("egress+published-ports");

    private final String wireName;

    NetworkPolicy(String wireName) {
        this.wireName = wireName;
    }

    /** Returns the name that options, records and payloads carry. */
    public String wireName() {
        return wireName;
    }

    /** Returns the policy of this name. */
    public static NetworkPolicy of(String name) {
        for (NetworkPolicy policy : values()) {
            if (policy.wireName.equals(name)) {
                return policy;
            }
        }
        throw new PyroException(
                ErrorCode.INVALID_ARGUMENT,
                "network_policy must be \"off\", \"egress\" or \"egress+published-ports\", not \""
                        + Arguments.printable(name) + "\"");
    }
}
