package dev.pyro.model;

/**
 * The stable codes that a failure carries to the command line, to Java callers and over MCP.
 *
 * <p>A name here is part of the interface: codes are added, never renamed. {@code docs/errors.md} explains each one.
 */
public enum ErrorCode {
    /** An argument is malformed or out of its documented range; nothing was changed. */
    INVALID_ARGUMENT,
    /** A patch is well formed, but does not fit the files that are there; nothing was changed. */
    PATCH_DOES_NOT_APPLY,
    /** No environment has this name. */
    UNKNOWN_ENVIRONMENT,
    /** Building or installing an environment failed. */
    ENVIRONMENT_BUILD_FAILED,
    /** An installed environment is incomplete or damaged and could not be rebuilt. */
    ENVIRONMENT_CORRUPT,
    /** A host program is missing and could not be installed. */
    HOST_TOOL_MISSING,
    /** A host program ran and failed. */
    HOST_TOOL_FAILED,
    /** This host cannot do what was asked (wrong platform, too old a tool, a kernel feature switched off). */
    HOST_UNSUPPORTED,
    /** The guest kernel or the initial RAM disk could not be provided. */
    RUNTIME_UNAVAILABLE,
    /** No back end can run a guest, and the caller did not allow the host-compatible fallback. */
    GUEST_UNAVAILABLE,
    /** The machine's process did not start, or ended before its guest was ready. */
    MACHINE_START_FAILED,
    /** The machine ended while it was in use. */
    MACHINE_DIED,
    /** The guest did not answer within its bound. */
    GUEST_TIMEOUT,
    /** The guest sent something that the protocol does not allow. */
    GUEST_PROTOCOL,
    /** The guest agent refused or failed a request. */
    GUEST_ERROR,
    /** No virtual machine has this id. */
    VM_NOT_FOUND,
    /** The virtual machine is not in a state that allows the operation. */
    VM_WRONG_STATE,
    /** As many virtual machines run as are allowed at a time. */
    VM_LIMIT_REACHED,
    /** No workspace has this id or name, or several could be meant; the near ones are named. */
    WORKSPACE_NOT_FOUND,
    /** The workspace is not in a state that allows the operation. */
    WORKSPACE_WRONG_STATE,
    /** Another workspace has this name already. */
    WORKSPACE_NAME_TAKEN,
    /** The workspace's own disk has no room left; nothing was changed. */
    WORKSPACE_DISK_FULL,
    /** A seed or a source of a sync cannot be read, or holds too much; nothing was changed. */
    SEED_UNUSABLE,
    /** An archive holds something that is refused, or is damaged; nothing was written. */
    ARCHIVE_REFUSED,
    /** A path leads out of the place that the operation is bound to. */
    PATH_OUTSIDE,
    /** There is no such file in the workspace. */
    FILE_NOT_FOUND,
    /** It is not the kind of file that the operation takes, such as a text file. */
    FILE_UNSUITABLE,
    /** The output of an export exists already, or its folder does not. */
    OUTPUT_UNUSABLE,
    /** A patch is malformed, or holds what is refused; nothing was changed. */
    PATCH_REFUSED,
    /** No snapshot has this name. */
    SNAPSHOT_NOT_FOUND,
    /** Another snapshot has this name already, or the name is reserved. */
    SNAPSHOT_NAME_TAKEN,
    /** A bound of the workspace is reached, such as the number of its snapshots. */
    WORKSPACE_LIMIT_REACHED,
    /** No shell of the workspace has this id; those that there are are named. */
    SHELL_NOT_FOUND,
    /** The shell has ended: nothing can be written to it or signalled. */
    SHELL_ENDED,
    /** No service of the workspace has this name; those that there are are named. */
    SERVICE_NOT_FOUND,
    /** A running service has this name already. */
    SERVICE_NAME_TAKEN,
    /** A service ended before it was ready, or was not ready in time; it was stopped. */
    SERVICE_NOT_READY,
    /** A port of the host cannot be published: another program has it, or it is privileged; nothing was started. */
    PORT_UNAVAILABLE,
    /** The workspace's network policy does not allow what was asked for; nothing was started. */
    NETWORK_POLICY_FORBIDS,
    /** The workspace has no secret of this name; those that there are are named. */
    SECRET_NOT_FOUND,
    /** As many calls of tools are under way as an MCP server takes. */
    TOO_MANY_CALLS,
    /** The registry, layout or archive has no such image, tag or digest. */
    IMAGE_NOT_FOUND,
    /** The image is not for linux/amd64, or of a kind that cannot be an environment. */
    IMAGE_UNSUITABLE,
    /** A manifest, configuration or layer is not what its digest or size says. */
    IMAGE_CORRUPT,
    /** A registry cannot be reached or does not do its work; what was fetched is kept. */
    REGISTRY_UNAVAILABLE,
    /** A registry does not let this user in, or the credentials cannot be read. */
    REGISTRY_DENIED,
    /** A Dockerfile's build failed; its last lines are in the message. */
    IMAGE_BUILD_FAILED,
    /** The guest has no such user. */
    GUEST_USER_UNKNOWN,
    /** Network access was asked for and cannot be had. */
    NETWORK_UNAVAILABLE,
    /** A server cannot listen on the address that it was given. */
    ADDRESS_UNAVAILABLE,
    /** The host's disk has no room left. */
    DISK_FULL,
    /** A configuration file of an MCP client cannot be read, understood or written; it was not touched. */
    CLIENT_CONFIG_UNUSABLE,
    /** A model server cannot be reached, does not know the model, or answers with what cannot be used. */
    MODEL_UNAVAILABLE,
    /** A file or folder of Pyro's own cannot be read or written. */
    STORAGE_UNUSABLE,
    /** A record on disk is damaged. */
    RECORD_CORRUPT,
    /** A record on disk was written by a newer version of Pyro. */
    RECORD_TOO_NEW,
    /** Another process held a lock longer than the bound. */
    LOCK_TIMEOUT,
    /** The operation was interrupted. */
    INTERRUPTED,
    /** A defect in Pyro itself. */
    INTERNAL
}
