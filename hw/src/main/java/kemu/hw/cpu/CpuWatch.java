package kemu.hw.cpu;

import kemu.hw.machine.Area;
import kemu.hw.race.RaceDetector;

/** What one emulated CPU tells the instruments about its accesses, while they are attached. */
public final class CpuWatch {
    private final int id;
    private final long interruptWord;
    private final RaceDetector races;

    /** Tells {@code races} what CPU {@code id} does, whose per-CPU area is at {@code area}. */
    public CpuWatch(int id, long area, RaceDetector races) {
        this.id = id;
        this.interruptWord = Area.PENDING.of(area);
        this.races = races;
    }

    void plainRead(long address, int width) {
        // The CPU looks at its interrupt line, a wire and not a word.
        if (address != interruptWord) {
            races.plainRead(id, address, width);
        }
    }

    void plainWrite(long address, int width) {
        races.plainWrite(id, address, width);
    }

    void read(long address, int width, int order, long value) {
        races.read(id, address, width, order, value);
    }

    void write(long address, int width, int order) {
        races.write(id, address, width, order);
    }

    void atomic(long address, int width, int order) {
        races.rmw(id, address, width, order);
    }

    void fence(int order) {
        races.fence(id, order);
    }

    void clears(long frame) {
        races.frameWrite(id, frame);
    }

    void copies(long to, long from) {
        races.frameRead(id, from);
        races.frameWrite(id, to);
    }
}
