package kemu.hw.cpu;

import kemu.hw.cache.Rmw;

/**
 * Who is told what an emulated CPU does: while a fiber runs, the watch that is attached to the CPU; off fibers nobody,
 * unless a report wants that. Orders that a mutant has weakened are told as weakened.
 */
public final class Instruments {
    private final MemoryPath path;
    /** Told of every access; null for nobody. */
    CpuWatch watch;

    private CpuWatch attached;

    /** Of the CPU that sees memory through {@code path}. */
    Instruments(MemoryPath path) {
        this.path = path;
    }

    /** From now on accesses of fibers are told to {@code to}; null for nobody. The machine calls this. */
    public void attach(CpuWatch to) {
        attached = to;
    }

    /** Accesses off fibers are told to {@code to}; null for nobody. The machine calls this, between runs. */
    public void watch(CpuWatch to) {
        watch = to;
    }

    /** A fiber runs, or it has stopped. */
    void running(boolean value) {
        watch = value ? attached : null;
    }

    void tell(int event, long object, long detail) {
        if (watch != null) {
            watch.tell(event, object, detail);
        }
    }

    void expect(int type) {
        if (watch != null) {
            watch.expect(type);
        }
    }

    /** What {@link #expect} said of the next access. */
    int expected() {
        return watch == null ? 0 : watch.expected();
    }

    void plainRead(long address, int width) {
        if (watch != null) {
            watch.plainRead(address, width);
        }
    }

    void plainGot(long address, int width, long value) {
        if (watch != null) {
            watch.plainGot(address, width, value);
        }
    }

    void plainWrite(long address, int width) {
        if (watch != null) {
            watch.plainWrite(address, width);
        }
    }

    void plainPut(long address, int width, long value) {
        if (watch != null) {
            watch.plainPut(address, width, value);
        }
    }

    void read(long address, int width, int order, long value) {
        if (watch != null) {
            watch.read(address, width, path.effective(order), value);
        }
    }

    void dereferenced(long address) {
        if (watch != null) {
            watch.dereferenced(address);
        }
    }

    void write(long address, int width, int order, long value) {
        if (watch != null) {
            watch.write(address, width, path.effective(order), value);
        }
    }

    void atomic(long address, int width, int order) {
        if (watch != null) {
            watch.atomic(address, width, path.effective(order));
        }
    }

    /** {@link Rmw} operation {@code op} with {@code operand} found {@code old}. */
    void changed(int op, long address, int width, long operand, long old) {
        if (watch != null) {
            watch.changed(address, width, old, Rmw.apply(op, old, operand), true);
        }
    }

    void exchanged(long address, int width, int order, long expected, long desired, long old) {
        if (watch != null) {
            watch.exchanged(address, width, path.effective(order), expected, desired, old);
        }
    }

    void fence(int kind) {
        if (watch != null) {
            watch.fence(kind);
        }
    }

    void clears(long frame) {
        if (watch != null) {
            watch.clears(frame);
        }
    }

    void copies(long to, long from) {
        if (watch != null) {
            watch.copies(to, from);
        }
    }
}
