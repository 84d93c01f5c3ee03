package kemu.mm.strategy;

/** One way to do something that a kernel may be built with. Providers of each family extend it; the name is the key. */
public interface Strategy {
    /** The name used on the command line. */
    String name();

    /** One line for listings: where the algorithm comes from. */
    String description();

    /** True if it is known to be wrong and kept to be convicted. */
    boolean knownBad();
}
