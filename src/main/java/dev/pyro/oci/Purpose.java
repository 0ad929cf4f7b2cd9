package dev.pyro.oci;

/**
 * What a registry is asked for.
 *
 * @param access what is done with the repository
 * @param subject the image, as people name it
 */
record Purpose(Access access, String subject) {
    /** What may be done with a repository. */
    enum Access {
        PULL("pull", "pull", "fetching an image", "what was fetched is kept"),
        PUSH("push", "pull,push", "pushing an image", "what has arrived there whole is not sent again");

        private final String verb;
        private final String actions;
        private final String activity;
        private final String kept;

        Access(String verb, String actions, String activity, String kept) {
            this.verb = verb;
            this.actions = actions;
            this.activity = activity;
            this.kept = kept;
        }

        /** Returns the rights that a token for it has to give. */
        String actions() {
            return actions;
        }

        /** Returns what one is doing meanwhile, as the beginning of a sentence. */
        String activity() {
            return activity;
        }

        /** Returns what is not lost when it fails, as a half sentence. */
        String kept() {
            return kept;
        }
    }

    /** Returns it as the end of a sentence that begins with "cannot". */
    String words() {
        return access.verb + " " + subject;
    }
}
