package kemu.litmus.dialect;

/** Who is to carry out a test. */
public enum Engine {
    /** Derives what a model allows. */
    AXIOMS(""),
    /** Executes on emulated CPUs. */
    KERNEL(" by the kernel engine");

    private final String by;

    Engine(String by) {
        this.by = by;
    }

    /** How a message begins that refuses something. */
    public String unsupported() {
        return "unsupported" + by + ": ";
    }
}
