package kemu.hw.race;

import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;

/** Two accesses to one word, one of them plain and one of them a store, with no order between them. */
public final class DataRace extends KernelBug {
    private static final long serialVersionUID = 1L;

    private final String key;
    private final long address;

    DataRace(String message, String key, long address) {
        super(FailureKind.DATA_RACE, message);
        this.key = key;
        this.address = address;
    }

    @Override
    public DataRace saying(String message) {
        return new DataRace(message, key, address);
    }

    /** The two functions and the object, equal for races that are one finding. */
    public String key() {
        return key;
    }

    /** The word. */
    public long address() {
        return address;
    }
}
