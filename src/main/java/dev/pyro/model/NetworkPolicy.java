package dev.pyro.model;

/** What a workspace's machine can reach, and what can reach it. */
public enum NetworkPolicy {
    /** Nothing but its own loopback. */
    OFF("off"),
    /** The outside through the host, but not the host's own loopback; nothing reaches the machine. */
    EGRESS("egress");

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
                "network_policy must be \"off\" or \"egress\", not \"" + Arguments.printable(name) + "\"");
    }
}
