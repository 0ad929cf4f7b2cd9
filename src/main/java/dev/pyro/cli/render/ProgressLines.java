package dev.pyro.cli.render;

import dev.pyro.model.Progress;
import dev.pyro.model.WorkspaceId;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Shows progress on standard error: a line for each new phase, and on a terminal a bar for a phase whose length is known. Safe
 * for use by several threads.
 */
public final class ProgressLines implements Progress.Listener {
    private static final int BAR_WIDTH = 30;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final Terminal terminal;
    private final Set<String> shown = new HashSet<>();
    private boolean barShown;

    public ProgressLines(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public synchronized void onProgress(Progress progress) {
        String line = line(progress);
        if (shown.add(line)) {
            clearBar();
            terminal.errLine(line);
        }
        if (terminal.errIsTerminal() && progress.fraction() != null) {
            write(CLEAR_LINE + bar(progress, progress.fraction()));
            barShown = true;
            if (progress.fraction() >= 1) {
                clearBar();
            }
        }
    }

    /** Takes the bar away, before something else is printed. */
    public synchronized void clearBar() {
        if (barShown) {
            write(CLEAR_LINE);
            barShown = false;
        }
    }

    private static String line(Progress progress) {
        String line = "[" + progress.operation() + "] phase=" + progress.phase();
        if (!progress.subject().isEmpty()) {
            line += " " + key(progress) + "=" + progress.subject();
        }
        return Printable.line(hasDetail(progress) ? line + " (" + progress.detail() + ")" : line);
    }

    private static String key(Progress progress) {
        if (WorkspaceId.find(progress.subject()).isPresent()) {
            return "workspace_id";
        }
        boolean creates = progress.phase().equals("create");
        return switch (progress.operation()) {
            case "run", "demo" -> creates ? "environment" : "vm_id";
            case "pull", "push", "build" -> "environment";
            default -> creates ? "environment" : "what";
        };
    }

    private static boolean hasDetail(Progress progress) {
        // A detail that comes with a fraction changes all the time; it belongs to the bar.
        return !progress.detail().isEmpty() && progress.fraction() == null && !isOfContract(progress);
    }

    /** The lines of these phases are fixed by the interface contract, to the last character. */
    private static boolean isOfContract(Progress progress) {
        return progress.operation().equals("pull")
                && (progress.phase().equals("install") || progress.phase().equals("ready"));
    }

    private static String bar(Progress progress, double fraction) {
        int filled = (int) Math.round(fraction * BAR_WIDTH);
        return String.format(
                Locale.ROOT,
                "[%s] %s [%s%s] %3d%% %s",
                progress.operation(),
                progress.phase(),
                "#".repeat(filled),
                " ".repeat(BAR_WIDTH - filled),
                (int) (fraction * 100),
                progress.detail());
    }

    private void write(String text) {
        terminal.writeErr(StandardCharsets.UTF_8.encode(text));
    }
}
