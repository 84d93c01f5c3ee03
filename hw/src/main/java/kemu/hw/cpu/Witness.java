package kemu.hw.cpu;

/** An instrument that kernel code tells what it does. It changes nothing in emulated memory. */
public interface Witness {
    /** {@code cpu} tells of {@code event}, see {@link Event}. */
    void told(EmuCpu cpu, int event, long object, long detail);
}
