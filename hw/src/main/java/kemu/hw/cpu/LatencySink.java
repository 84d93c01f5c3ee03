package kemu.hw.cpu;

/** Takes latencies of one CPU. Called by that CPU only, so it needs no synchronisation with other CPUs. */
public interface LatencySink {
    /** Records {@code elapsed} units of the CPU's clock under {@code tag}. Must not allocate. */
    void record(int tag, long elapsed);
}
