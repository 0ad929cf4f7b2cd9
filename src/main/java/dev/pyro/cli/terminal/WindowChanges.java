package dev.pyro.cli.terminal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Hears of SIGWINCH: the terminal has another size. The JDK has no documented way to hear of a signal; its {@code sun.misc.Signal} is kept for
 * programs like this one, but javac warns of it and cannot be told not to, hence the reflection. Stateless.
 */
final class WindowChanges {
    private WindowChanges() {}

    /**
     * Has something done at each change, on a thread of the JVM's.
     *
     * @return whether changes are heard of; where this JDK has no such class they are not, and nothing else is lost
     */
    static boolean onChange(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            MethodHandle run = MethodHandles.lookup()
                    .findVirtual(Runnable.class, "run", MethodType.methodType(void.class))
                    .bindTo(action);
            Object listener =
                    MethodHandleProxies.asInterfaceInstance(handler, MethodHandles.dropArguments(run, 0, signal));
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("WINCH"), listener);
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
