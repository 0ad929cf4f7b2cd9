package dev.pyro.model;

import org.jspecify.annotations.Nullable;

/**
 * A virtual machine's network.
 *
 * @param vmId its id
 * @param networkEnabled whether it may reach the outside
 * @param guestIp its IPv4 address, or null without a network or while it does not run
 * @param gateway the IPv4 address of its way out, likewise
 * @param outboundConnectivityExpected whether connections to the outside should work now
 */
public record VmNetworkInfo(
        VmId vmId,
        boolean networkEnabled,
        @Nullable String guestIp,
        @Nullable String gateway,
        boolean outboundConnectivityExpected) {}
