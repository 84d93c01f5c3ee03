package kemu.mm.file;

import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * Files by the host's key, each with its page cache.
 */
public final class Files {
    private final Kernel kernel;

    /** Part of {@code kernel}; boot only. */
    public Files(Kernel kernel) {
        this.kernel = kernel;
    }

    /** The address_space of file {@code key} with a reference for the caller, made on first use; NULL if memory is out. Context: may sleep. */
    public long open(Cpu cpu, long key) {
        throw new UnsupportedOperationException("Files");
    }

    /** One more reference. */
    public void get(Cpu cpu, long mapping) {
        throw new UnsupportedOperationException("Files");
    }

    /** Drops a reference. The file and its cached pages stay until {@link #dropCaches} or reclaim. */
    public void put(Cpu cpu, long mapping) {
        throw new UnsupportedOperationException("Files");
    }

    /** Removes every clean unmapped page of every unused file, and the files. For the leak check at shutdown. */
    public void dropCaches(Cpu cpu) {
        throw new UnsupportedOperationException("Files");
    }
}
