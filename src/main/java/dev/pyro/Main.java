package dev.pyro;

/** The composition root: the only class that names concrete back ends. */
public final class Main {
    private Main() {}

    /** Runs one command line and exits with its code. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs one command line and returns its exit code. */
    static int run(String... arguments) {
        System.out.println("pyro");
        return 0;
    }
}
