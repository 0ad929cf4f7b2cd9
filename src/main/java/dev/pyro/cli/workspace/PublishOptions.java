package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CommonOptions;
import dev.pyro.model.Arguments;
import dev.pyro.model.PublishPort;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The option {@code --publish GUEST_PORT|HOST_PORT:GUEST_PORT}. Stateless. */
final class PublishOptions {
    private static final String PUBLISH = "--publish";
    private static final String FORMS = "GUEST_PORT|HOST_PORT:GUEST_PORT";

    /** Longer numbers are no ports, whatever they are. */
    private static final Pattern FORM = Pattern.compile("(?:([0-9]{1,9}):)?([0-9]{1,9})");

    private PublishOptions() {}

    static OptionSpec spec() {
        return CommonOptions.repeatable(
                PUBLISH,
                FORMS,
                "Reach a TCP port of the machine at 127.0.0.1 of the host, at a free port unless one is given; needs the"
                        + " network policy `egress+published-ports`. May be given several times.");
    }

    /** @throws ParameterException when one has another form */
    static List<PublishPort> ports(ParseResult parsed) {
        List<PublishPort> ports = new ArrayList<>();
        for (String text : parsed.matchedOptionValue(PUBLISH, new String[0])) {
            Matcher form = FORM.matcher(text);
            if (!form.matches()) {
                throw new ParameterException(
                        parsed.commandSpec().commandLine(),
                        PUBLISH + " takes " + FORMS + ", such as 8080 or 18080:8080, not \"" + Arguments.printable(text)
                                + "\"");
            }
            @Nullable String host = form.group(1);
            ports.add(new PublishPort(Integer.parseInt(form.group(2)), host == null ? null : Integer.valueOf(host)));
        }
        return ports;
    }
}
