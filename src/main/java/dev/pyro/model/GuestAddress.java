package dev.pyro.model;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/** The forms of what the guest's agent connects to; it resolves no names. Stateless. */
final class GuestAddress {
    private static final String BYTE = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
    private static final Pattern IPV4 = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");
    private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-fA-F:.]{2,45}\\]");
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

    private GuestAddress() {}

    /** Tells whether a text is {@code localhost}, an IPv4 address or an IPv6 address in brackets. */
    static boolean isHost(String text) {
        return text.equals("localhost") || IPV4.matcher(text).matches() || isIpv6(text);
    }

    private static boolean isIpv6(String text) {
        try {
            return IPV6.matcher(text).matches() && new URI("http://" + text + "/").getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** Tells whether a text is a number from 1 to 65,535. */
    static boolean isPort(String text) {
        return PORT.matcher(text).matches()
                && Integer.parseInt(text) >= 1
                && Integer.parseInt(text) <= PublishPort.MAX_PORT;
    }
}
