package dev.pyro.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is to be changed in a workspace's name and labels. Immutable; start from {@link #nothing}.
 *
 * @param name the new name, or null to leave it
 * @param clearName whether the name is taken away; not together with a new one
 * @param labels labels to be set
 * @param clearLabels labels to be taken away
 */
public record UpdateWorkspace(
        @Nullable String name, boolean clearName, Map<String, String> labels, List<String> clearLabels) {
    /** Throws {@link ErrorCode#INVALID_ARGUMENT} when the values are out of range or contradict each other. */
    public UpdateWorkspace {
        if (name != null) {
            Arguments.workspaceName(name);
            if (clearName) {
                throw new PyroException(
                        ErrorCode.INVALID_ARGUMENT, "name and clear_name exclude each other: give one of them");
            }
        }
        labels = Arguments.labels(labels);
        clearLabels = List.copyOf(clearLabels);
        clearLabels.forEach(Arguments::labelKey);
        for (String key : clearLabels) {
            if (labels.containsKey(key)) {
                throw new PyroException(
                        ErrorCode.INVALID_ARGUMENT, "the label \"" + key + "\" cannot be set and cleared at once");
            }
        }
    }

    /** Changes nothing. */
    public static UpdateWorkspace nothing() {
        return new UpdateWorkspace(null, false, Map.of(), List.of());
    }

    public UpdateWorkspace withName(@Nullable String newName) {
        return new UpdateWorkspace(newName, clearName, labels, clearLabels);
    }

    public UpdateWorkspace withClearName(boolean clear) {
        return new UpdateWorkspace(name, clear, labels, clearLabels);
    }

    public UpdateWorkspace withLabels(Map<String, String> notes) {
        return new UpdateWorkspace(name, clearName, notes, clearLabels);
    }

    public UpdateWorkspace withClearLabels(List<String> keys) {
        return new UpdateWorkspace(name, clearName, labels, keys);
    }
}
